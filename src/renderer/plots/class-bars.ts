import { widthAxis } from './axes'
import { bandScale, linearScale } from './scale'
import {
  diamond,
  disc,
  fitText,
  type LegendEntry,
  type Mark,
  type PlotPoint,
  type Scene,
  type Size,
  text,
  textSize,
} from './scene'
import type { PlotTable } from './table'
import { niceTicks, tickDomain } from './ticks'

/** Values of one class in points from 0 to 100; null where a class has nothing to measure. */
export interface ClassValues {
  readonly name: string
  readonly a: number | null
  readonly b: number | null
  readonly clean: number | null
}

export interface ClassBarsText {
  readonly a: string
  readonly b: string
  readonly clean: string
  /** Such as AP50. */
  readonly measure: string
  readonly className: string
}

const margin = { top: 6, bottom: 24, right: 18 }

/** One row a class: run A as a hollow diamond, run B as a filled circle, without attack as a tick. */
export function classBars(
  rows: readonly ClassValues[],
  words: ClassBarsText,
  { width, height }: Size,
): Scene {
  const label = Math.min(110, width * 0.3)
  const bottom = height - margin.bottom
  const values = rows.flatMap(({ a, b, clean }) => [a ?? 0, b ?? 0, clean ?? 0])
  const ticks = niceTicks(0, Math.max(10, ...values), 5)
  const across = linearScale(tickDomain(ticks), [label + 8, width - margin.right])
  const down = bandScale(rows.length, [margin.top, bottom])
  const marks: Mark[] = [...widthAxis(ticks, across, bottom, { top: margin.top })]
  const points: PlotPoint[] = []
  for (const [row, { name, a, b, clean }] of rows.entries()) {
    const y = down.middle(row)
    marks.push(
      text(fitText(name, label, textSize.label), label, y + 4, {
        ...{ anchor: 'end', size: textSize.label, fill: '--text-2' },
      }),
    )
    const point = (column: number, series: string, value: number) => {
      const said = `${name}, ${series}: ${words.measure} ${value.toFixed(1)}`
      points.push({ id: `${name}/${column}`, row, column, x: across.at(value), y, label: said })
    }
    if (a !== null && b !== null) {
      const ends = { x1: across.at(a), x2: across.at(b), y1: y, y2: y }
      marks.push({ kind: 'line', ...ends, stroke: '--line-strong', strokeWidth: 3 })
    }
    if (clean !== null) {
      const x = across.at(clean)
      const tick = { x1: x, x2: x, y1: y - 8, y2: y + 8 }
      marks.push({ kind: 'line', ...tick, stroke: '--text-2', strokeWidth: 1.5 })
      point(2, words.clean, clean)
    }
    if (a !== null) {
      marks.push(diamond(across.at(a), y, 5.5, '--ink-undefended'))
      point(0, words.a, a)
    }
    if (b !== null) {
      marks.push(disc(across.at(b), y, 5, '--ink-defended'))
      point(1, words.b, b)
    }
  }
  return { width, height, marks, points, legend: legend(rows, words) }
}

function legend(rows: readonly ClassValues[], words: ClassBarsText): LegendEntry[] {
  const entries: LegendEntry[] = [
    { sample: { kind: 'diamond', ink: '--ink-undefended' }, text: words.a },
    { sample: { kind: 'circle', ink: '--ink-defended' }, text: words.b },
  ]
  if (rows.some(({ clean }) => clean !== null)) {
    entries.push({ sample: { kind: 'tick', ink: '--text-2' }, text: words.clean })
  }
  return entries
}

export function classTable(rows: readonly ClassValues[], words: ClassBarsText): PlotTable {
  const value = (name: string) => ({ name, unit: words.measure })
  return {
    columns: [{ name: words.className }, value(words.a), value(words.b), value(words.clean)],
    rows: rows.map(({ name, a, b, clean }) => [name, a, b, clean]),
  }
}
