import { heightAxis, widthAxis } from './axes'
import { linearScale } from './scale'
import type { LegendEntry, Mark, PlotPoint, Scene, Size, Token } from './scene'
import type { PlotTable } from './table'

/** Precision at rising recall, both from 0 to 1. `score`: the lowest score that is still counted there. */
export interface Curve {
  readonly role: 'a' | 'b' | 'clean'
  readonly name: string
  readonly points: readonly {
    readonly recall: number
    readonly precision: number
    readonly score: number | null
  }[]
}

export interface CurveText {
  readonly recall: string
  readonly precision: string
  readonly score: string
  readonly series: string
}

const looks: Readonly<Record<Curve['role'], { ink: Token; dash?: string }>> = {
  a: { ink: '--ink-undefended', dash: '7 4' },
  b: { ink: '--ink-defended' },
  clean: { ink: '--text-2', dash: '1 4' },
}

const margin = { top: 12, left: 34, right: 14, bottom: 24 }

export function precisionRecall(curves: readonly Curve[], words: CurveText, size: Size): Scene {
  const { width, height } = size
  const bottom = height - margin.bottom
  const across = linearScale([0, 1], [margin.left, width - margin.right])
  const up = linearScale([0, 1], [bottom, margin.top])
  const marks: Mark[] = [
    ...heightAxis({ values: [0, 0.5, 1], decimals: 1 }, up, margin.left, width - margin.right),
    ...widthAxis({ values: [0, 0.25, 0.5, 0.75, 1], decimals: 2 }, across, bottom),
  ]
  const points: PlotPoint[] = []
  for (const [row, { role, name, points: places }] of curves.entries()) {
    const { ink, dash } = looks[role]
    marks.push({
      kind: 'path',
      points: places.map(({ recall, precision }) => [across.at(recall), up.at(precision)] as const),
      ...{ stroke: ink, strokeWidth: 2, round: role === 'clean' },
      ...(dash === undefined ? {} : { dash }),
    })
    for (const [column, { recall, precision, score }] of places.entries()) {
      const figures = [
        `${words.recall} ${recall.toFixed(2)}`,
        `${words.precision} ${precision.toFixed(2)}`,
        ...(score === null ? [] : [`${words.score} ${score.toFixed(2)}`]),
      ]
      points.push({
        ...{ id: `${role}/${column}`, row, column },
        ...{ x: across.at(recall), y: up.at(precision) },
        label: `${name}: ${figures.join(', ')}`,
      })
    }
  }
  const legend = curves.map(({ role, name }): LegendEntry => {
    return { sample: { kind: 'line', ...looks[role] }, text: name }
  })
  return { width, height, marks, points, legend }
}

export function curveTable(curves: readonly Curve[], words: CurveText): PlotTable {
  const figure = (name: string) => ({ name, decimals: 3 })
  return {
    columns: [
      { name: words.series },
      figure(words.recall),
      figure(words.precision),
      figure(words.score),
    ],
    rows: curves.flatMap(({ name, points }) =>
      points.map(({ recall, precision, score }) => [name, recall, precision, score]),
    ),
  }
}
