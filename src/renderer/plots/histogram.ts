import { heightAxis, widthAxis } from './axes'
import { linearScale } from './scale'
import type { Mark, PlotPoint, Scene, Size, Token } from './scene'
import type { PlotTable } from './table'
import { niceTicks, tickDomain, type Ticks, tickText } from './ticks'

export interface HistogramText {
  /** What is counted, such as "images". */
  readonly counted: string
  readonly value: string
  readonly unit: string
}

export interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number
  readonly decimals: number
}

/** Counts of values in equal steps between round figures. The last bin holds its upper end, every other one does not. */
export function binned(values: readonly number[], count = 10): readonly Bin[] {
  if (values.length === 0) return []
  let low = Infinity
  let high = -Infinity
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const ticks = niceTicks(Math.min(0, low), high, count)
  const counts = new Array<number>(ticks.values.length - 1).fill(0)
  for (const value of values) {
    const at = ticks.values.findLastIndex((edge) => edge <= value)
    const index = Math.min(counts.length - 1, Math.max(0, at))
    counts[index] = (counts[index] ?? 0) + 1
  }
  return counts.map((found, index) => ({
    from: ticks.values[index] ?? 0,
    to: ticks.values[index + 1] ?? 0,
    count: found,
    decimals: ticks.decimals,
  }))
}

/** The index of the bin that holds a value; null where none does. */
export function binOf(bins: readonly Bin[], value: number): number | null {
  const last = bins.length - 1
  const at = bins.findIndex(
    ({ from, to }, index) => value >= from && (value < to || (index === last && value <= to)),
  )
  return at < 0 ? null : at
}

const margin = { top: 12, left: 38, right: 18, bottom: 24 }

export function histogram(
  bins: readonly Bin[],
  words: HistogramText,
  { width, height }: Size,
  ink: Token = '--ink-completed',
): Scene {
  const bottom = height - margin.bottom
  const right = width - margin.right
  const first = bins[0]
  const last = bins.at(-1)
  const domain = [first?.from ?? 0, last?.to ?? 1] as const
  const across = linearScale(domain, [margin.left, right])
  const counts = niceTicks(0, Math.max(2, ...bins.map(({ count }) => count)), 4)
  const up = linearScale(tickDomain(counts), [bottom, margin.top])
  const marks: Mark[] = [
    ...heightAxis({ ...counts, decimals: 0 }, up, margin.left, right),
    ...widthAxis(within(niceTicks(domain[0], domain[1], 4), domain[1]), across, bottom, {
      unit: words.unit,
    }),
  ]
  const points = bins.map(({ from, to, count, decimals }, column): PlotPoint => {
    const x = across.at(from)
    const barWidth = Math.max(1, across.at(to) - x - 1)
    const y = up.at(count)
    marks.push({ kind: 'rect', x, y, width: barWidth, height: bottom - y, fill: ink, opacity: 0.8 })
    const range = `${tickText(from, { decimals })} to ${tickText(to, { decimals })}`
    return {
      ...{ id: String(column), row: 0, column, x: x + barWidth / 2, y },
      // The whole column answers: a bar of one picture is two pixels high.
      area: { x, y: margin.top, width: barWidth, height: bottom - margin.top },
      label: `${words.value} ${range}\u2009${words.unit}: ${count} ${words.counted}`,
    }
  })
  return { width, height, marks, points, legend: [] }
}

/** The bins end at a round figure of their own steps, which those of the axis may jump over. */
function within(ticks: Ticks, end: number): Ticks {
  return { ...ticks, values: ticks.values.filter((value) => value <= end + 1e-9) }
}

export function histogramTable(bins: readonly Bin[], words: HistogramText): PlotTable {
  return {
    columns: [
      { name: `${words.value}, from`, unit: words.unit, decimals: 2 },
      { name: `${words.value}, to`, unit: words.unit, decimals: 2 },
      { name: words.counted },
    ],
    rows: bins.map(({ from, to, count }) => [from, to, count]),
  }
}
