import { heightAxis, widthAxis } from './axes'
import { linearScale } from './scale'
import {
  type LegendEntry,
  type Mark,
  type PlotPoint,
  type Scene,
  type Size,
  text,
  type Token,
} from './scene'
import type { PlotTable } from './table'
import { niceTicks, tickDomain, tickText } from './ticks'

/** Share (0 to 1) of boxes whose label is right and proven up to a size, or more. */
export interface CertifiedStep {
  /** In `unit`s, rising; 0 stands for any size at all. */
  readonly size: number
  readonly share: number
  readonly count: number
}

/** One line: for methods about objects there is one for each place of the patch. */
export interface CertifiedSeries {
  readonly id: string
  /** Empty where it is the only one. */
  readonly name: string
  readonly steps: readonly CertifiedStep[]
}

export interface CertifiedShare {
  readonly series: readonly CertifiedSeries[]
  readonly unit: string
  /** Share that is right without any attack; no step can be above it. */
  readonly right: number | null
}

export interface CertifiedText {
  readonly size: string
  readonly share: string
  readonly boxes: string
  readonly right: string
  readonly series: string
}

const margin = { top: 14, left: 34, right: 18, bottom: 24 }
const looks: readonly { readonly ink: Token; readonly dash?: string }[] = [
  { ink: '--ink-cert' },
  { ink: '--ink-cert', dash: '7 4' },
  { ink: '--text-2', dash: '7 4' },
  { ink: '--text-2' },
]

/** Staircases that only fall: a certificate up to a size holds for every smaller one, and for none that is larger. */
export function certifiedShare(
  { series, unit, right }: CertifiedShare,
  words: CertifiedText,
  { width, height }: Size,
): Scene {
  const bottom = height - margin.bottom
  const end = width - margin.right
  const largest = Math.max(1e-9, ...series.map(({ steps }) => steps.at(-1)?.size ?? 0)) || 1
  const sizes = niceTicks(0, largest <= 1e-9 ? 1 : largest, 4)
  const across = linearScale(tickDomain(sizes), [margin.left, end])
  const up = linearScale([0, 100], [bottom, margin.top])
  const marks: Mark[] = [
    ...heightAxis({ values: [0, 50, 100], decimals: 0 }, up, margin.left, end),
    ...widthAxis(sizes, across, bottom, { unit }),
  ]
  const points: PlotPoint[] = []
  for (const [row, { id, name, steps }] of series.entries()) {
    const stairs = stairsOf(steps, across, up)
    const look = looks[row % looks.length] ?? { ink: '--ink-cert' as const }
    if (series.length === 1) {
      marks.push({ kind: 'path', points: stairs, closed: true, fill: look.ink, opacity: 0.13 })
    }
    marks.push({
      ...{ kind: 'path', points: stairs, stroke: look.ink, strokeWidth: 2 },
      ...(look.dash === undefined ? {} : { dash: look.dash }),
    })
    for (const [column, step] of steps.entries()) {
      const { size, share, count } = step
      const at = `${tickText(size, { decimals: Number.isInteger(size) ? 0 : 2 })}\u2009${unit}`
      const said = `${Math.round(share * 100)}\u2009% ${words.share} ${at}: ${count} ${words.boxes}`
      const label = name === '' ? said : `${name}: ${said}`
      const [x, y] = [across.at(size), up.at(share * 100)]
      points.push({ id: `${id}/${column}`, row, column, x, y, label })
    }
  }
  if (right !== null) {
    const y = up.at(right * 100)
    const dots = { stroke: '--text-2', strokeWidth: 1.5, dash: '1 4', round: true } as const
    marks.push(
      { kind: 'line', x1: margin.left, x2: end, y1: y, y2: y, ...dots },
      text(`${words.right} ${Math.round(right * 100)}\u2009%`, end, y - 6, { anchor: 'end' }),
    )
  }
  const legend = series.length === 1 ? [] : series.map(({ name }, row) => entry(name, row))
  return { width, height, marks, points, legend }
}

function entry(name: string, row: number): LegendEntry {
  return {
    sample: { kind: 'line', ...(looks[row % looks.length] ?? { ink: '--ink-cert' }) },
    text: name,
  }
}

/** From each size back to the one before: between two sizes only what reaches the larger one is proven. */
function stairsOf(
  steps: readonly CertifiedStep[],
  across: ReturnType<typeof linearScale>,
  up: ReturnType<typeof linearScale>,
): (readonly [number, number])[] {
  const stairs = steps.flatMap(({ size, share }, index) => {
    const before = steps[index - 1]?.size ?? 0
    const y = up.at(share * 100)
    return [[across.at(before), y] as const, [across.at(size), y] as const]
  })
  const last = steps.at(-1)?.size ?? 0
  return [...stairs, [across.at(last), up.at(0)], [across.at(0), up.at(0)]]
}

export function certifiedTable({ series, unit }: CertifiedShare, words: CertifiedText): PlotTable {
  const isOne = series.length === 1
  return {
    columns: [
      ...(isOne ? [] : [{ name: words.series }]),
      { name: words.size, unit, decimals: 2 },
      { name: words.share, unit: '%' },
      { name: words.boxes },
    ],
    rows: series.flatMap(({ name, steps }) =>
      steps.map(({ size, share, count }) => [
        ...(isOne ? [] : [name]),
        ...[size, share * 100, count],
      ]),
    ),
  }
}
