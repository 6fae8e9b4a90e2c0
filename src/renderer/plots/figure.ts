import {
  disc,
  diamond,
  fitText,
  type LegendEntry,
  type Mark,
  roughWidth,
  type Sample,
  type Scene,
  text,
  textSize,
} from './scene'

export interface FigureText {
  readonly title: string
  /** Units and conditions, beside the title. */
  readonly subtitle: string
  /** What the axes mean, under the plot; may be empty. */
  readonly note: string
}

const pad = 14
const head = 30
const lineHeight = 20

/** A plot with title, legend and note in one drawing, as it leaves the program: a saved file must explain itself. */
export function figure(scene: Scene, words: FigureText): Omit<Scene, 'points' | 'legend'> {
  const width = scene.width + 2 * pad
  const marks: Mark[] = [
    text(words.title, pad, pad + 12, { size: 13, bold: true, fill: '--text' }),
    text(words.subtitle, pad + 1.15 * roughWidth(words.title, 13) + 12, pad + 12, { size: 11.5 }),
    ...scene.marks.map((mark) => moved(mark, pad, pad + head)),
  ]
  let y = pad + head + scene.height + 10
  for (const line of legendLines(scene.legend, scene.width)) {
    for (const { entry, x } of line) marks.push(...legendMarks(entry, pad + x, y))
    y += lineHeight
  }
  if (words.note !== '') {
    const note = fitText(words.note, scene.width, textSize.label)
    marks.push(text(note, pad, y + 10, { size: textSize.label }))
    y += lineHeight
  }
  return { width, height: y + pad, marks }
}

function legendLines(legend: readonly LegendEntry[], width: number) {
  const lines: { entry: LegendEntry; x: number }[][] = []
  let x = 0
  for (const entry of legend) {
    const needed = 36 + roughWidth(entry.text, textSize.label) + 14
    if (lines.length === 0 || (x > 0 && x + needed > width)) {
      lines.push([])
      x = 0
    }
    lines.at(-1)?.push({ entry, x })
    x += needed
  }
  return lines
}

function legendMarks({ sample, text: name }: LegendEntry, x: number, y: number): Mark[] {
  return [
    ...sampleMarks(sample, x, y + 6),
    text(name, x + 32, y + 10, { size: textSize.label, fill: '--text-2' }),
  ]
}

/** The sign of a legend entry, 26 pixels wide, with `y` in its middle. */
export function sampleMarks(sample: Sample, x: number, y: number): Mark[] {
  const middle = x + 13
  switch (sample.kind) {
    case 'diamond':
      return [diamond(middle, y, 5, sample.ink)]
    case 'circle':
      return [disc(middle, y, 5, sample.ink)]
    case 'tick': {
      const ends = { x1: middle, x2: middle, y1: y - 7, y2: y + 7 }
      return [{ kind: 'line', ...ends, stroke: sample.ink, strokeWidth: 1.5 }]
    }
    case 'swatch':
      return [
        { kind: 'rect', x: x + 7, y: y - 6, width: 12, height: 12, radius: 2, fill: sample.ink },
      ]
    case 'line': {
      const ends = { x1: x, x2: x + 26, y1: y, y2: y }
      const dash = sample.dash === undefined ? {} : { dash: sample.dash }
      return [{ kind: 'line', ...ends, stroke: sample.ink, strokeWidth: 2, ...dash }]
    }
  }
}

function moved(mark: Mark, dx: number, dy: number): Mark {
  switch (mark.kind) {
    case 'line':
      return { ...mark, x1: mark.x1 + dx, x2: mark.x2 + dx, y1: mark.y1 + dy, y2: mark.y2 + dy }
    case 'path':
      return { ...mark, points: mark.points.map(([x, y]) => [x + dx, y + dy] as const) }
    case 'rect':
    case 'circle':
    case 'text':
      return { ...mark, x: mark.x + dx, y: mark.y + dy }
  }
}
