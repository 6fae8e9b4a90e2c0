import { heightAxis, widthAxis } from './axes'
import { linearScale } from './scale'
import { type Mark, type PlotPoint, type Scene, type Size, text } from './scene'
import type { PlotTable } from './table'
import { niceTicks, tickDomain, tickText } from './ticks'

/** Share (0 to 1) of boxes whose label is right and proven up to a size. */
export interface CertifiedStep {
  /** In `unit`s, rising. */
  readonly size: number
  readonly share: number
  readonly count: number
}

export interface CertifiedShare {
  readonly steps: readonly CertifiedStep[]
  readonly unit: string
  /** Share that is right without any attack; no step can be above it. */
  readonly right: number | null
}

export interface CertifiedText {
  readonly size: string
  readonly share: string
  readonly boxes: string
  readonly right: string
}

const margin = { top: 14, left: 34, right: 18, bottom: 24 }

/** A staircase that only falls: a certificate up to a size holds for every smaller one. */
export function certifiedShare(
  { steps, unit, right }: CertifiedShare,
  words: CertifiedText,
  { width, height }: Size,
): Scene {
  const bottom = height - margin.bottom
  const end = width - margin.right
  const largest = Math.max(1e-9, steps.at(-1)?.size ?? 1)
  const sizes = niceTicks(0, largest, 4)
  const across = linearScale(tickDomain(sizes), [margin.left, end])
  const up = linearScale([0, 100], [bottom, margin.top])
  const stairs = steps.flatMap(({ size, share }, index) => {
    const next = steps[index + 1]?.size ?? tickDomain(sizes)[1]
    const y = up.at(share * 100)
    return [[across.at(size), y] as const, [across.at(next), y] as const]
  })
  const closed = [
    ...stairs,
    [stairs.at(-1)?.[0] ?? end, bottom] as const,
    [margin.left, bottom] as const,
  ]
  const marks: Mark[] = [
    ...heightAxis({ values: [0, 50, 100], decimals: 0 }, up, margin.left, end),
    ...widthAxis(sizes, across, bottom, { unit }),
    { kind: 'path', points: closed, closed: true, fill: '--ink-cert', opacity: 0.13 },
    { kind: 'path', points: stairs, stroke: '--ink-cert', strokeWidth: 2 },
  ]
  if (right !== null) {
    const y = up.at(right * 100)
    const dots = { stroke: '--text-2', strokeWidth: 1.5, dash: '1 4', round: true } as const
    marks.push(
      { kind: 'line', x1: margin.left, x2: end, y1: y, y2: y, ...dots },
      text(`${words.right} ${Math.round(right * 100)}\u2009%`, end, y - 6, { anchor: 'end' }),
    )
  }
  const points = steps.map(({ size, share, count }, column): PlotPoint => {
    const at = `${tickText(size, { decimals: Number.isInteger(size) ? 0 : 2 })}\u2009${unit}`
    const label = `${Math.round(share * 100)}\u2009% ${words.share} ${at}: ${count} ${words.boxes}`
    return { id: String(column), row: 0, column, x: across.at(size), y: up.at(share * 100), label }
  })
  return { width, height, marks, points, legend: [] }
}

export function certifiedTable({ steps, unit }: CertifiedShare, words: CertifiedText): PlotTable {
  return {
    columns: [
      { name: words.size, unit, decimals: 2 },
      { name: words.share, unit: '%' },
      { name: words.boxes },
    ],
    rows: steps.map(({ size, share, count }) => [size, share * 100, count]),
  }
}
