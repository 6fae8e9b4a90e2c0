import { type ImageOutcome, visitImages } from './image-outcomes'
import type { CocoGroundTruth, CocoResult } from './coco-schema'

/** What is wrong with a detection; `missed` is said of objects. */
export const errorKinds = [
  'classification',
  'localization',
  'both',
  'duplicate',
  'background',
  'missed',
] as const
export type ErrorKind = (typeof errorKinds)[number]

/** Thresholds of TIDE: from `foreground` on a box is well placed, up to `background` it shows nothing. */
export interface ErrorThresholds {
  readonly foreground: number
  readonly background: number
}

/** One detection that counts, that is, one that did not fall to a crowd. */
export interface SortedDetection {
  readonly categoryId: number
  readonly score: number
  readonly kind: 'correct' | Exclude<ErrorKind, 'missed'>
  /** The object that it found or, for errors of class or place, should have found; null otherwise. */
  readonly object: SortedObject | null
}

export interface SortedObject {
  readonly categoryId: number
  /** Found by a correct detection. */
  found: boolean
  /** No correct detection, but one of the wrong class or place that speaks of it: then it is not missed. */
  addressed: boolean
}

/**
 * Sorts every false detection into one kind and every object into found, addressed or missed. Kinds are tried in this order: right
 * class with an overlap from `background` to `foreground` (localization); an object of another class overlapped by
 * `foreground` or more (classification); an object of its class that a better detection has (duplicate); no overlap above
 * `background` (background); what is left (both). Detections come in the order of images, in an image by falling score.
 * @throws AppError as `evaluateCoco`
 */
export function sortErrors(
  truth: CocoGroundTruth,
  results: readonly CocoResult[],
  iouType: 'bbox' | 'segm',
  thresholds: ErrorThresholds,
): { readonly detections: readonly SortedDetection[]; readonly objects: readonly SortedObject[] } {
  const detections: SortedDetection[] = []
  const objects: SortedObject[] = []
  visitImages(truth, results, iouType, thresholds.foreground, (outcome) => {
    const own = Array.from(outcome.truths, (at) => ({
      categoryId: truth.annotations[at]!.category_id,
      found: false,
      addressed: false,
    }))
    for (const partner of outcome.partner) if (partner >= 0) own[partner]!.found = true
    outcome.detections.forEach((at, d) => {
      const { category_id: categoryId, score } = results[at]!
      const partner = outcome.partner[d]!
      if (partner >= 0) {
        if (outcome.crowd[partner] === 1) return
        detections.push({ categoryId, score, kind: 'correct', object: own[partner]! })
        return
      }
      const { kind, about } = kindOf(outcome, d, own, categoryId, thresholds)
      const object = about < 0 ? null : own[about]!
      if (object) object.addressed = true
      detections.push({ categoryId, score, kind, object })
    })
    objects.push(...own.filter((_, g) => outcome.crowd[g] === 0))
  })
  return { detections, objects }
}

function kindOf(
  { overlaps, crowd }: ImageOutcome,
  d: number,
  objects: readonly SortedObject[],
  categoryId: number,
  { foreground, background }: ErrorThresholds,
): { kind: Exclude<ErrorKind, 'missed'>; about: number } {
  let [same, other, taken] = [-1, -1, -1] // the objects with the highest overlap, of each sort
  const at = (g: number): number => (g < 0 ? -1 : overlaps[d * objects.length + g]!)
  objects.forEach((object, g) => {
    if (crowd[g] === 1) return
    if (object.categoryId !== categoryId) {
      if (at(g) > at(other)) other = g
      return
    }
    if (at(g) > at(same)) same = g
    if (object.found && at(g) > at(taken)) taken = g
  })
  if (at(same) >= background && at(same) < foreground) return { kind: 'localization', about: same }
  if (at(other) >= foreground) return { kind: 'classification', about: other }
  if (at(taken) >= foreground) return { kind: 'duplicate', about: -1 }
  const best = Math.max(at(same), at(other))
  return { kind: best < background ? 'background' : 'both', about: -1 }
}
