import type { Input, Output } from '../../shared/api'
import { matchesTruth, type LabelledBox } from '../../shared/metrics/box-differences'
import type { Project } from '../../store'
import { pictureVersion, shownName } from '../content-version'
import { picturesOfCurve } from './certified-curves'
import { coverageOf } from './coverage'
import type { Layer, LayerImage } from './layers'
import { layersOf } from './subject'
import { totalMs } from './times'
import { labelled, transitionsOf } from './transitions'

type Request = Input<'results.images'>
type Behind = Request['behind']
type Answer = Output<'results.images'>

interface Found {
  readonly imageId: number
  /** The most telling first. */
  readonly rank: number
  readonly note: string
}

const ROWS_SHOWN = 100
const LIMIT = 1_000

/** The pictures behind a point, bar or cell. */
export function imagesBehind(project: Project, request: Request): Answer {
  const layers = layersOf(project, request)
  const { found, sentence } = search(project, layers, request)
  const sorted = found.toSorted((p, q) => q.rank - p.rank || p.imageId - q.imageId)
  const ids = sorted.slice(0, request.limit ?? LIMIT).map(({ imageId }) => imageId)
  return {
    ids,
    total: sorted.length,
    sentence,
    rows: sorted.slice(0, ROWS_SHOWN).map(({ imageId, note }) => {
      const image = project.images.get(imageId)
      return { imageId, name: shownName(image.file), version: pictureVersion(image), note }
    }),
  }
}

type Layers = Record<'a' | 'b' | 'clean', Layer | null>

function search(
  project: Project,
  layers: Layers,
  request: Request,
): { readonly found: readonly Found[]; readonly sentence: string } {
  const { behind } = request
  switch (behind.kind) {
    case 'class': {
      const found = mistakes(layers[behind.layer], behind.class, behind.mistakes)
      const what = {
        missed: 'is missed',
        invented: 'is seen wrongly',
        any: 'is missed or seen wrongly',
      }
      return told(found, `where ${behind.class} ${what[behind.mistakes]}`)
    }
    case 'coverage': {
      const found = coveredBetween(project, layers.b, behind)
      const { size, covered } = behind
      return told(
        found,
        `with a patch of ${percent(size.min)} to ${percent(size.max)} of the picture that is covered by ${percent(covered.min)} to ${percent(covered.max)}`,
      )
    }
    case 'transition': {
      const found = changedTo(layers, behind.from, behind.to)
      return told(found, `where ${behind.from ?? 'nothing'} became ${behind.to ?? 'nothing'}`)
    }
    case 'time': {
      const found = slow(layers[behind.layer], behind.stage, behind.minMs)
      const what = behind.stage === null ? 'all stages' : `"${behind.stage}"`
      return told(found, `where ${what} took ${behind.minMs.toFixed(0)} ms or more`)
    }
    case 'certified': {
      const ids = request.filter?.ids
      const only = ids && new Set(ids)
      const counts = [...picturesOfCurve(project, behind)].filter(
        ([imageId]) => only?.has(imageId) ?? true,
      )
      const found = counts.map(([imageId, rank]) => ({
        ...{ imageId, rank },
        note: rank === 1 ? '1 certificate' : `${rank} certificates`,
      }))
      const size = Number(behind.size.toPrecision(4))
      return told(
        found,
        size === 0 ? 'with something proven' : `where it is proven up to ${size} or more`,
      )
    }
    case 'failed': {
      const failed = layers[behind.layer]?.failed ?? []
      return told(
        failed.map(({ imageId, code }) => ({ imageId, rank: 0, note: code })),
        'that could not be done',
      )
    }
  }
}

function told(found: readonly Found[], what: string) {
  const images = found.length === 1 ? '1 image' : `${found.length} images`
  return { found, sentence: `${images} ${what}.` }
}

const percent = (fraction: number) => `${Number((100 * fraction).toPrecision(3))} %`

function mistakes(layer: Layer | null, name: string, kind: 'missed' | 'invented' | 'any'): Found[] {
  return (layer?.images ?? []).flatMap((image) => {
    const { missed, invented } = mistakesIn(image, name)
    const count = (kind === 'invented' ? 0 : missed) + (kind === 'missed' ? 0 : invented)
    if (count === 0) return []
    const parts = [
      ...(missed > 0 && kind !== 'invented' ? [`${missed} missed`] : []),
      ...(invented > 0 && kind !== 'missed' ? [`${invented} wrong`] : []),
    ]
    return [{ imageId: image.imageId, rank: count, note: parts.join(', ') }]
  })
}

function mistakesIn({ item, objects }: LayerImage, name: string) {
  const found = labelled(item.found).filter(({ label }) => label === name)
  const truth: LabelledBox[] = objects
    .filter((object) => object.class === name && !object.isCrowd)
    .map(({ box: [x, y, width, height] }) => ({
      box: [x, y, x + width, y + height],
      label: name,
      score: 1,
    }))
  const right = matchesTruth(found, truth).filter(Boolean).length
  return { missed: truth.length - right, invented: found.length - right }
}

function coveredBetween(
  project: Project,
  layer: Layer | null,
  { size, covered }: Extract<Behind, { kind: 'coverage' }>,
): Found[] {
  if (!layer) return []
  const worst = new Map<number, { covered: number; size: number }>()
  for (const { imageId, sizeFraction, coveredFraction } of coverageOf(project, layer).points) {
    if (sizeFraction < size.min || sizeFraction > size.max) continue
    if (coveredFraction < covered.min || coveredFraction > covered.max) continue
    const now = worst.get(imageId)
    if (now && now.covered <= coveredFraction) continue
    worst.set(imageId, { covered: coveredFraction, size: sizeFraction })
  }
  return [...worst].map(([imageId, one]) => ({
    imageId,
    rank: -one.covered,
    note: `${percent(one.size)} of the picture, ${(100 * one.covered).toFixed(0)} % covered`,
  }))
}

function changedTo({ a, b }: Layers, from: string | null, to: string | null): Found[] {
  if (!a || !b) return []
  const counts = new Map<number, number>()
  for (const one of transitionsOf(a, b)) {
    if (one.from !== from || one.to !== to) continue
    counts.set(one.image.imageId, (counts.get(one.image.imageId) ?? 0) + 1)
  }
  return [...counts].map(([imageId, rank]) => ({
    ...{ imageId, rank },
    note: rank === 1 ? '1 box' : `${rank} boxes`,
  }))
}

function slow(layer: Layer | null, stage: string | null, minMs: number): Found[] {
  return (layer?.images ?? []).flatMap(({ imageId, item }) => {
    const stages = stage === null ? item.stages : item.stages.filter(({ name }) => name === stage)
    const ms = totalMs({ stages })
    return stages.length === 0 || ms < minMs
      ? []
      : [{ imageId, rank: ms, note: `${ms.toFixed(0)} ms` }]
  })
}
