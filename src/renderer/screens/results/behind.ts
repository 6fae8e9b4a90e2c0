import type { Input, Output } from '../../../shared/api'
import type { Confusion } from '../../plots/confusion'
import type { Layer } from './plot-inputs'

// What a selection in a plot stands for, as a question about pictures.

export type Behind = Input<'results.images'>['behind']

const layers: readonly Layer[] = ['a', 'b', 'clean']

/** Points of the plot by class are `CLASS/COLUMN`: A, B, clean. */
export function behindClasses(ids: Iterable<string>): Behind[] {
  return [...ids].flatMap((id): Behind[] => {
    const cut = id.lastIndexOf('/')
    const layer = layers[Number(id.slice(cut + 1))]
    return layer ? [{ kind: 'class', class: id.slice(0, cut), layer, mistakes: 'any' }] : []
  })
}

/** Points of curves are `LAYER/INDEX`; behind a curve are the pictures with mistakes of its run. */
export function behindCurves(ids: Iterable<string>, classes: readonly string[]): Behind[] {
  const touched = new Set([...ids].map((id) => id.slice(0, id.indexOf('/'))))
  return layers
    .filter((layer) => touched.has(layer))
    .flatMap((layer) =>
      classes.map((name): Behind => ({ kind: 'class', class: name, layer, mistakes: 'any' })),
    )
}

type CoveragePoint = Output<'results.coverage'>['points'][number]

/** One question for all: the rectangle that the chosen patches span. */
export function behindCoverage(
  ids: ReadonlySet<string>,
  points: readonly CoveragePoint[],
): Behind[] {
  const chosen = points.filter(({ patchId }) => ids.has(String(patchId)))
  if (chosen.length === 0) return []
  return [
    {
      kind: 'coverage',
      size: range(chosen.map(({ sizeFraction }) => sizeFraction)),
      covered: range(chosen.map(({ coveredFraction }) => coveredFraction)),
    },
  ]
}

function range(values: readonly number[]): { min: number; max: number } {
  return { min: Math.min(...values), max: Math.max(...values) }
}

/** Patches in chosen bins of one of the two histograms. */
export function behindBins(
  kind: 'size' | 'covered',
  bins: readonly { readonly from: number; readonly to: number }[],
): Behind[] {
  if (bins.length === 0) return []
  const span = {
    min: Math.max(0, Math.min(...bins.map(({ from }) => from)) / 100),
    max: Math.min(1, Math.max(...bins.map(({ to }) => to)) / 100),
  }
  const all = { min: 0, max: 1 }
  return [
    kind === 'size'
      ? { kind: 'coverage', size: span, covered: all }
      : { kind: 'coverage', size: all, covered: span },
  ]
}

/** Stages with their medians: behind a bar are the pictures that took longer than it says. */
export function behindStages(
  ids: ReadonlySet<string>,
  runs: readonly {
    readonly layer: Layer
    readonly name: string
    readonly stages: readonly { readonly name: string; readonly ms: number }[]
  }[],
  others: string,
): Behind[] {
  return runs.flatMap(({ layer, name, stages }) =>
    stages
      .filter((stage) => ids.has(`${name}/${stage.name}`))
      .map((stage): Behind => {
        // Stages that stand together have no name of their own: behind them is what took long as a whole.
        const isTogether = stage.name === others
        const whole = stages.reduce((sum, { ms }) => sum + ms, 0)
        return {
          ...{ kind: 'time', layer },
          stage: isTogether ? null : stage.name,
          minMs: isTogether ? whole : stage.ms,
        }
      }),
  )
}

/**
 * Cells `ROW/COLUMN` of the matrix that is shown. A cell of "others" stands for all cells of the whole matrix that were put
 * into it and hold a box.
 */
export function behindCells(
  ids: Iterable<string>,
  shown: Confusion,
  whole: Confusion,
  most = 40,
): Behind[] {
  const cells = [...ids].map((id) => id.split('/').map(Number))
  const found = cells.flatMap(([row = 0, column = 0]) => {
    const from = indicesBehind(row, shown, whole)
    const to = indicesBehind(column, shown, whole)
    return from.flatMap((i) =>
      to.filter((j) => (whole.counts[i]?.[j] ?? 0) > 0).map((j) => [i, j] as const),
    )
  })
  return found.slice(0, most).map(([i, j]): Behind => ({
    kind: 'transition',
    from: whole.classes[i] ?? null,
    to: whole.classes[j] ?? null,
  }))
}

function indicesBehind(index: number, shown: Confusion, whole: Confusion): number[] {
  if (index === shown.classes.length) return [whole.classes.length]
  if (shown === whole) return [index]
  const name = shown.classes[index]
  const isOthers = index === shown.classes.length - 1
  if (!isOthers) return [whole.classes.indexOf(name ?? '')]
  const kept = new Set(shown.classes.slice(0, -1))
  return whole.classes.flatMap((one, at) => (kept.has(one) ? [] : [at]))
}
