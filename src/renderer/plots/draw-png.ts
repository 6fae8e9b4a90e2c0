import type { Mark, Paint, Scene } from './scene'
import type { Palette } from './svg-text'

type Drawing = Pick<Scene, 'width' | 'height' | 'marks'>

/** The drawing as a PNG, `scale` pixels for each pixel of the screen. Drawn here and not from the SVG: that could not see the fonts of the page. */
export async function drawPng(drawing: Drawing, palette: Palette, scale = 2): Promise<Blob> {
  const canvas = new OffscreenCanvas(
    Math.ceil(drawing.width * scale),
    Math.ceil(drawing.height * scale),
  )
  const context = canvas.getContext('2d')
  if (!context) throw new Error('this browser cannot draw on a canvas')
  context.scale(scale, scale)
  context.fillStyle = palette('--bg-panel')
  context.fillRect(0, 0, drawing.width, drawing.height)
  for (const mark of drawing.marks) drawMark(context, mark, palette)
  return canvas.convertToBlob({ type: 'image/png' })
}

function drawMark(context: OffscreenCanvasRenderingContext2D, mark: Mark, palette: Palette): void {
  context.save()
  if (mark.kind === 'text') {
    const { text, x, y, size, anchor, bold, italic, fill } = mark
    context.font = `${italic ? 'italic ' : ''}${bold ? 600 : 400} ${size}px "Inter Variable", Inter, system-ui, sans-serif`
    context.textAlign = anchor === 'middle' ? 'center' : anchor
    context.fillStyle = palette(fill)
    context.fillText(text, x, y)
  } else {
    drawPaint(context, pathOf(mark), mark, palette)
  }
  context.restore()
}

function pathOf(mark: Exclude<Mark, { kind: 'text' }>): Path2D {
  const path = new Path2D()
  switch (mark.kind) {
    case 'line':
      path.moveTo(mark.x1, mark.y1)
      path.lineTo(mark.x2, mark.y2)
      break
    case 'rect':
      path.roundRect(mark.x, mark.y, mark.width, mark.height, mark.radius ?? 0)
      break
    case 'circle':
      path.arc(mark.x, mark.y, mark.radius, 0, 2 * Math.PI)
      break
    case 'path':
      for (const [x, y] of mark.points) path.lineTo(x, y)
      if (mark.closed) path.closePath()
      break
  }
  return path
}

function drawPaint(
  context: OffscreenCanvasRenderingContext2D,
  path: Path2D,
  { fill, stroke, strokeWidth = 1, dash, round, opacity = 1 }: Paint,
  palette: Palette,
): void {
  context.globalAlpha = opacity
  if (fill !== undefined) {
    context.fillStyle = palette(fill)
    context.fill(path)
  }
  if (stroke === undefined) return
  context.strokeStyle = palette(stroke)
  context.lineWidth = strokeWidth
  if (dash !== undefined) context.setLineDash(dash.split(' ').map(Number))
  if (round) context.lineCap = 'round'
  context.stroke(path)
}
