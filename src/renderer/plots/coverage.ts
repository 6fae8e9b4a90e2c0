import { heightAxis, widthAxis } from './axes'
import { linearScale } from './scale'
import type { Mark, PlotPoint, Scene, Size } from './scene'
import type { PlotTable } from './table'
import { niceTicks, tickDomain } from './ticks'

/** A patch of an image: its share of the picture and how much of it the mask covers, both from 0 to 1. */
export interface CoveredPatch {
  readonly id: string
  readonly image: string
  readonly areaFraction: number
  readonly coveredFraction: number
}

export interface CoverageText {
  readonly image: string
  readonly area: string
  readonly covered: string
}

const margin = { top: 12, left: 34, right: 18, bottom: 24 }

/** One dot a patch, size across, coverage up: what is missed is nearly always small. */
export function coverageBySize(
  patches: readonly CoveredPatch[],
  words: CoverageText,
  { width, height }: Size,
): Scene {
  const bottom = height - margin.bottom
  const largest = Math.max(1, ...patches.map(({ areaFraction }) => areaFraction * 100))
  const sizes = niceTicks(0, largest, 4)
  const across = linearScale(tickDomain(sizes), [margin.left, width - margin.right])
  const up = linearScale([0, 100], [bottom, margin.top])
  const marks: Mark[] = [
    ...heightAxis({ values: [0, 50, 100], decimals: 0 }, up, margin.left, width - margin.right),
    ...widthAxis(sizes, across, bottom, { unit: '%' }),
  ]
  const bySize = patches.toSorted((a, b) => a.areaFraction - b.areaFraction)
  const points = bySize.map(({ id, image, areaFraction, coveredFraction }, column): PlotPoint => {
    const x = across.at(areaFraction * 100)
    const y = up.at(coveredFraction * 100)
    marks.push({ kind: 'circle', x, y, radius: 3.5, fill: '--ink-completed', opacity: 0.55 })
    const label = `${image}: ${words.area} ${percent(areaFraction)}, ${words.covered} ${percent(coveredFraction)}`
    return { id, row: 0, column, x, y, label }
  })
  return { width, height, marks, points, legend: [] }
}

function percent(fraction: number): string {
  const value = fraction * 100
  return `${value.toFixed(value < 10 ? 1 : 0)}\u2009%`
}

export function coverageTable(patches: readonly CoveredPatch[], words: CoverageText): PlotTable {
  return {
    columns: [
      { name: words.image },
      { name: words.area, unit: '%', decimals: 2 },
      { name: words.covered, unit: '%' },
    ],
    rows: patches.map(({ image, areaFraction, coveredFraction }) => [
      image,
      areaFraction * 100,
      coveredFraction * 100,
    ]),
  }
}
