import type { Output } from '../../shared/api'
import type { Project } from '../../store'
import { coverageOf, knownPatches } from './coverage'
import { evaluationOf, layerOf, type Layer } from './layers'
import { known } from './scores'
import { layersOf, type ResultSubject } from './subject'
import { timesOf } from './times'

type Summary = Output<'results.summary'>
type Figure = Summary['figures'][number]

/** The six figures of a comparison; each has its value or says what it needs. */
export function summary(project: Project, subject: ResultSubject): Summary {
  const { a, b, clean } = layersOf(project, subject)
  const ap50 = (layer: Layer | null) => layer && known(evaluationOf(layer).stats.AP50)
  const beside = ap50(clean)
  const accuracy = (id: Figure['id'], layer: Layer | null, missing: Figure['needs']): Figure => ({
    ...{ id, unit: 'fraction', samplesAre: 'objects', samples: layer?.objects ?? 0 },
    value: ap50(layer),
    beside: id === 'ap50-clean' ? null : beside,
    needs: !layer ? missing : layer.objects === 0 ? 'ground-truth' : null,
  })
  return {
    figures: [
      accuracy('ap50-clean', clean, 'clean-run'),
      accuracy('ap50-attacked', a, 'run-a'),
      accuracy('ap50-defended', b, 'run-b'),
      lostOnClean(project, a, b),
      covered(project, b),
      time(a, b),
    ],
    images: b?.images.length ?? a?.images.length ?? 0,
    objects: b?.objects ?? a?.objects ?? 0,
  }
}

/** What the defense costs where there is no patch: on the pictures that are known to have none. */
function lostOnClean(project: Project, a: Layer | null, b: Layer | null): Figure {
  const figure = {
    id: 'lost-on-clean',
    unit: 'points',
    samplesAre: 'images',
    beside: null,
  } as const
  const missing = (needs: Figure['needs']): Figure => ({
    ...figure,
    value: null,
    samples: 0,
    needs,
  })
  if (!a) return missing('run-a')
  if (!b) return missing('run-b')
  if (a.objects === 0) return missing('ground-truth')
  const inA = new Set(a.images.map(({ imageId }) => imageId))
  const both = b.images.map(({ imageId }) => imageId).filter((id) => inA.has(id))
  const ids = both.filter((id) => knownPatches(project, id).length === 0)
  if (ids.length === both.length) return missing('patch-annotations')
  if (ids.length === 0) return missing('clean-run')
  const ap50 = (run: number) => known(evaluationOf(layerOf(project, { run, ids })).stats.AP50)
  const [before, after] = [ap50(a.run.id), ap50(b.run.id)]
  if (before === null || after === null) return missing('ground-truth')
  return { ...figure, value: 100 * (before - after), samples: ids.length, needs: null }
}

function covered(project: Project, b: Layer | null): Figure {
  const figure = { id: 'patch-covered', unit: 'fraction', samplesAre: 'patches' } as const
  if (!b) return { ...figure, value: null, samples: 0, beside: null, needs: 'run-b' }
  const { points, sums } = coverageOf(project, b)
  const isKnown = sums.patch > 0
  return {
    ...figure,
    value: isKnown ? sums.covered / sums.patch : null,
    samples: points.length,
    beside: null,
    needs: isKnown ? null : 'patch-annotations',
  }
}

function time(a: Layer | null, b: Layer | null): Figure {
  const figure = { id: 'time', unit: 'ms', samplesAre: 'images' } as const
  if (!b) return { ...figure, value: null, samples: 0, beside: null, needs: 'run-b' }
  const { medianMs, images } = timesOf(b)
  return {
    ...figure,
    value: medianMs,
    samples: images,
    beside: a ? timesOf(a).medianMs : null,
    needs: medianMs === null ? 'times' : null,
  }
}
