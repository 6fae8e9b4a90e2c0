import type { Mark, Paint, Scene, TextMark, Token } from './scene'

/** Colour of each token, as CSS writes colours. */
export type Palette = (token: Token) => string

type Drawing = Pick<Scene, 'width' | 'height' | 'marks'>

/** A drawing as an SVG file: texts stay texts, so that they can be searched, copied and set in another font. */
export function svgText(
  { width, height, marks }: Drawing,
  palette: Palette,
  title: string,
): string {
  const [w, h] = [rounded(width), rounded(height)]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img" font-family="Inter, 'Inter Variable', system-ui, sans-serif">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="${palette('--bg-panel')}"/>`,
    ...marks.map((mark) => markText(mark, palette)),
    '</svg>',
    '',
  ].join('\n')
}

function markText(mark: Mark, palette: Palette): string {
  switch (mark.kind) {
    case 'line': {
      const { x1, y1, x2, y2 } = mark
      return `<line${numbers({ x1, y1, x2, y2 })}${paint(mark, palette)}/>`
    }
    case 'rect': {
      const { x, y, width, height, radius } = mark
      const corner = radius === undefined ? {} : { rx: radius }
      return `<rect${numbers({ x, y, width, height, ...corner })}${paint(mark, palette)}/>`
    }
    case 'circle':
      return `<circle${numbers({ cx: mark.x, cy: mark.y, r: mark.radius })}${paint(mark, palette)}/>`
    case 'path':
      return `<path d="${pathData(mark)}"${paint(mark, palette)}/>`
    case 'text':
      return textText(mark, palette)
  }
}

export function pathData({ points, closed }: Extract<Mark, { kind: 'path' }>): string {
  const steps = points.map(
    ([x, y], index) => `${index === 0 ? 'M' : 'L'}${rounded(x)} ${rounded(y)}`,
  )
  return steps.join('') + (closed ? 'Z' : '')
}

function textText(mark: TextMark, palette: Palette): string {
  const { x, y, size, anchor, fill, bold, italic } = mark
  const style = [
    numbers({ x, y, 'font-size': size }),
    anchor === 'start' ? '' : ` text-anchor="${anchor}"`,
    bold ? ' font-weight="600"' : '',
    italic ? ' font-style="italic"' : '',
  ].join('')
  return `<text${style} fill="${palette(fill)}">${escaped(mark.text)}</text>`
}

function paint(
  { fill, opacity, stroke, strokeWidth, dash, round }: Paint,
  palette: Palette,
): string {
  return [
    ` fill="${fill === undefined ? 'none' : palette(fill)}"`,
    stroke === undefined ? '' : ` stroke="${palette(stroke)}"`,
    strokeWidth === undefined ? '' : ` stroke-width="${rounded(strokeWidth)}"`,
    dash === undefined ? '' : ` stroke-dasharray="${dash}"`,
    round ? ' stroke-linecap="round"' : '',
    opacity === undefined ? '' : ` opacity="${rounded(opacity)}"`,
  ].join('')
}

function numbers(attributes: Readonly<Record<string, number>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${rounded(value)}"`)
    .join('')
}

/** Two decimals are a fiftieth of a pixel at 2x. */
function rounded(value: number): string {
  return String(Math.round(value * 100) / 100 + 0)
}

/** Also drops the control characters that XML cannot hold: names of files and classes may be anything. */
function escaped(content: string): string {
  return content
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
