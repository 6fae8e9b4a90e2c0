import type { CocoGroundTruth, CocoResult } from '../../shared/metrics'
import { evaluateCoco, type CocoEvaluation } from '../../shared/metrics'
import type { Project, ProjectObject, Run, RunItemDetail } from '../../store'
import { shownName } from '../content-version'
import { annotationsNow } from './annotations-now'

/** What many questions need of an answer. Masks and notes stay in the project: those of 100,000 pictures fill the memory. */
export type LayerItem = Pick<RunItemDetail, 'id' | 'width' | 'height' | 'found' | 'stages'>

/** One picture that a run has answered. */
export interface LayerImage {
  readonly imageId: number
  readonly name: string
  readonly item: LayerItem
  readonly objects: readonly ProjectObject[]
}

/** A run with the annotations of its pictures, ready to be measured. */
export interface Layer {
  readonly run: Run
  readonly images: readonly LayerImage[]
  readonly failed: readonly {
    readonly imageId: number
    readonly name: string
    readonly code: string
  }[]
  /** Classes that the run knows, by name. */
  readonly classNames: readonly string[]
  readonly truth: CocoGroundTruth
  readonly results: readonly CocoResult[]
  /** Objects that count. */
  readonly objects: number
}

export interface LayerRequest {
  readonly run: number
  /** Only these pictures; all if absent. */
  readonly ids?: readonly number[] | undefined
}

/** A question asks about three at most; more are kept for the way back. */
const LAYERS_ASKED = 3
const LAYERS_KEPT = 6
/** Of all layers together, as long as there are more than are asked about at once. */
const PICTURES_KEPT = 50_000

/** Layers of one project, the one that was asked for last in the end. */
interface KeptLayers {
  /** Where the annotations stood when they were read. */
  readonly annotations: string
  readonly byRequest: Map<string, { readonly progress: string; readonly layer: Layer }>
}

const kept = new WeakMap<Project, KeptLayers>()
const evaluations = new WeakMap<Layer, CocoEvaluation>()

/**
 * The pictures of data sets that a run has answered, with what is annotated in them. Read once as long as neither results
 * nor annotations change.
 * @throws AppError E_ROW_UNKNOWN
 */
export function layerOf(project: Project, { run: runId, ids }: LayerRequest): Layer {
  const run = project.runs.get(runId)
  const { byRequest } = layersNow(project)
  const request = JSON.stringify([runId, ids ?? null])
  const progress = `${run.done} ${run.failed}`
  const known = byRequest.get(request)
  // Given up before the new one is read: there is never more than one of the same pictures.
  byRequest.delete(request)
  const layer = known?.progress === progress ? known.layer : readLayer(project, run, ids)
  byRequest.set(request, { progress, layer })
  dropOld(byRequest)
  return layer
}

/** Those that are as the annotations are now; the others can never be asked for again. */
function layersNow(project: Project): KeptLayers {
  const annotations = annotationsNow(project)
  const known = kept.get(project)
  if (known?.annotations === annotations) return known
  const fresh = { annotations, byRequest: new Map() }
  kept.set(project, fresh)
  return fresh
}

function dropOld(byRequest: KeptLayers['byRequest']): void {
  let pictures = 0
  for (const [place, [request, { layer }]] of [...byRequest].reverse().entries()) {
    pictures += layer.images.length
    const isTooMuch = place >= LAYERS_KEPT || (place >= LAYERS_ASKED && pictures > PICTURES_KEPT)
    if (isTooMuch) byRequest.delete(request)
  }
}

/** COCO's numbers for boxes. */
export function evaluationOf(layer: Layer): CocoEvaluation {
  const known = evaluations.get(layer)
  if (known) return known
  const evaluation = evaluateCoco(layer.truth, layer.results, { iouType: 'bbox' })
  evaluations.set(layer, evaluation)
  return evaluation
}

function readLayer(project: Project, run: Run, ids: readonly number[] | undefined): Layer {
  const wanted = ids && new Set(ids)
  const images: LayerImage[] = []
  const failed: { imageId: number; name: string; code: string }[] = []
  for (const { memberId, itemId, isDone } of project.runs.marks(run.id)) {
    if (memberId === null || (wanted && !wanted.has(memberId))) continue
    const item = project.runs.item(itemId)
    const name = shownName(item.file)
    if (isDone) {
      const { id, width, height, found, stages } = item
      const objects = project.objectsOf(memberId)
      images.push({ imageId: memberId, name, item: { id, width, height, found, stages }, objects })
    } else failed.push({ imageId: memberId, name, code: item.error?.code ?? '' })
  }
  images.sort((a, b) => a.imageId - b.imageId)
  const classNames = project.runs.classes(run.id).map(({ name }) => name)
  return { ...{ run, images, failed, classNames }, ...documents(images, classNames) }
}

/** As COCO files would hold them; an object of a class that the run does not know is nothing that it could find. */
function documents(images: readonly LayerImage[], classNames: readonly string[]) {
  const idOf = new Map(classNames.map((name, k) => [name, k + 1]))
  const annotations: CocoGroundTruth['annotations'][number][] = []
  const results: CocoResult[] = []
  for (const { imageId, item, objects } of images) {
    for (const { class: name, box, area, isCrowd } of objects) {
      const id = annotations.length + 1
      const category_id = idOf.get(name)
      if (category_id === undefined) continue
      annotations.push({ id, image_id: imageId, category_id, bbox: box, area, iscrowd: isCrowd })
    }
    for (const { box, score, class: name } of item.found) {
      const [x1, y1, x2, y2] = box
      results.push({
        image_id: imageId,
        category_id: idOf.get(name) ?? 0,
        bbox: [x1, y1, x2 - x1, y2 - y1],
        score,
      })
    }
  }
  const truth: CocoGroundTruth = {
    images: images.map(({ imageId }) => ({ id: imageId })),
    categories: classNames.map((name, k) => ({ id: k + 1, name })),
    annotations,
  }
  return { truth, results, objects: annotations.filter(({ iscrowd }) => iscrowd !== true).length }
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}
