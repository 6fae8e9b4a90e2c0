import type { Output } from '../../shared/api'
import type { Project } from '../../store'
import { median, type Layer } from './layers'
import { layerNames, layersOf, type ResultSubject } from './subject'

type Times = Output<'results.times'>

export function times(project: Project, subject: ResultSubject): Times {
  const layers = layersOf(project, subject)
  return {
    layers: layerNames.flatMap((layer) => {
      const given = layers[layer]
      return given ? [{ layer, ...timesOf(given) }] : []
    }),
  }
}

/** Median of each stage, in the order in which they first came, and of all together. */
export function timesOf(layer: Layer): Omit<Times['layers'][number], 'layer'> {
  const byName = new Map<string, number[]>()
  const totals: number[] = []
  for (const { item } of layer.images) {
    if (item.stages.length === 0) continue
    for (const { name, ms } of item.stages) {
      const list = byName.get(name)
      if (list) list.push(ms)
      else byName.set(name, [ms])
    }
    totals.push(totalMs(item))
  }
  return {
    images: totals.length,
    medianMs: median(totals),
    stages: [...byName].map(([name, list]) => ({ name, medianMs: median(list) ?? 0 })),
  }
}

export const totalMs = ({ stages }: { readonly stages: readonly { readonly ms: number }[] }) =>
  stages.reduce((sum, { ms }) => sum + ms, 0)
