import { heatFill, heatInk, heatStep } from './heat'
import { bandScale } from './scale'
import { fitText, type Mark, type PlotPoint, type Scene, type Size, text, textSize } from './scene'
import type { PlotTable } from './table'

/**
 * Boxes of run A (rows) and of run B (columns) that are at the same place, by class. The last row is what only B has, the last
 * column what only A has.
 */
export interface Confusion {
  readonly classes: readonly string[]
  /** `classes.length + 1` rows of as many counts. */
  readonly counts: readonly (readonly number[])[]
}

export interface ConfusionText {
  readonly none: string
  readonly a: string
  readonly b: string
  readonly boxes: string
}

/** Keeps the classes that the most boxes are of, and puts all others in one row and column named `others`. */
export function largestClasses(all: Confusion, keep: number, others: string): Confusion {
  const { classes, counts } = all
  if (classes.length <= keep) return all
  const weight = (index: number) =>
    (counts[index] ?? []).reduce((sum, count) => sum + count, 0) +
    counts.reduce((sum, row) => sum + (row[index] ?? 0), 0)
  const order = classes.map((_, index) => index).toSorted((x, y) => weight(y) - weight(x))
  const kept = order.slice(0, keep - 1).toSorted((x, y) => x - y)
  const target = (index: number) => {
    if (index === classes.length) return keep
    const at = kept.indexOf(index)
    return at < 0 ? keep - 1 : at
  }
  const small = Array.from({ length: keep + 1 }, () => new Array<number>(keep + 1).fill(0))
  for (const [row, line] of counts.entries()) {
    for (const [column, count] of line.entries()) {
      const to = small[target(row)]
      if (to) to[target(column)] = (to[target(column)] ?? 0) + count
    }
  }
  return { classes: [...kept.map((index) => classes[index] ?? ''), others], counts: small }
}

const heading = 20

export function confusionMatrix(
  { classes, counts }: Confusion,
  words: ConfusionText,
  { width, height }: Size,
): Scene {
  const names = [...classes, words.none]
  const label = Math.min(96, width * 0.26)
  const across = bandScale(names.length, [label + 6, width - 4], 0.04)
  const down = bandScale(names.length, [heading, height - 4], 0.06)
  const largest = Math.max(0, ...counts.flat())
  const marks: Mark[] = []
  const points: PlotPoint[] = []
  for (const [index, name] of names.entries()) {
    const style = {
      size: textSize.label,
      fill: '--text-2',
      italic: index === classes.length,
    } as const
    const column = fitText(name, across.step - 4, textSize.label)
    marks.push(
      text(column, across.middle(index), heading - 6, { ...style, anchor: 'middle' }),
      text(fitText(name, label, textSize.label), label, down.middle(index) + 4, {
        ...{ ...style, anchor: 'end' },
      }),
    )
  }
  for (const [row, line] of counts.entries()) {
    for (const [column, count] of line.entries()) {
      // Nothing in A and nothing in B is no box at all.
      if (row === classes.length && column === classes.length) continue
      const area = {
        ...{ x: across.start(column), width: across.band },
        ...{ y: down.start(row), height: down.band },
      }
      const step = heatStep(count, largest)
      marks.push({ kind: 'rect', ...area, radius: 2, fill: heatFill(step) })
      const [x, y] = [across.middle(column), down.middle(row)]
      if (count > 0) {
        marks.push(
          text(count.toLocaleString('en'), x, y + 4, {
            ...{ anchor: 'middle', size: textSize.figure, bold: step >= 3, fill: heatInk(step) },
          }),
        )
      }
      const label = `${words.a} ${names[row] ?? ''}, ${words.b} ${names[column] ?? ''}: ${count} ${words.boxes}`
      points.push({ id: `${row}/${column}`, row, column, x, y, area, label })
    }
  }
  return { width, height, marks, points, legend: [] }
}

export function confusionTable({ classes, counts }: Confusion, words: ConfusionText): PlotTable {
  const names = [...classes, words.none]
  return {
    columns: [{ name: `${words.a} \\ ${words.b}` }, ...names.map((name) => ({ name }))],
    rows: counts.map((line, row) => [names[row] ?? '', ...line]),
  }
}
