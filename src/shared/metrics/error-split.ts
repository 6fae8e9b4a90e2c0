import { averagePrecision } from './average-precision'
import type { CocoGroundTruth, CocoResult } from './coco-schema'
import {
  type ErrorKind,
  errorKinds,
  type ErrorThresholds,
  type SortedDetection,
  type SortedObject,
  sortErrors,
} from './error-kinds'

export interface ErrorSplit {
  readonly thresholds: ErrorThresholds
  /** AP at the foreground threshold, 0..1; -1 without objects. */
  readonly AP: number
  /** How many detections (objects for `missed`) have each fault. */
  readonly counts: Readonly<Record<ErrorKind, number>>
  /** How much AP would rise if this kind alone were mended; can be below 0 by a trifle. */
  readonly dAP: Readonly<Record<ErrorKind, number>>
  /** The same if all false detections went, and if all objects that nobody found were left out. */
  readonly dAPFalsePositives: number
  readonly dAPFalseNegatives: number
}

export const tideThresholds: ErrorThresholds = { foreground: 0.5, background: 0.1 }

/**
 * Splits the loss of AP into kinds of error after TIDE (Bolya, Foley, Hays, Hoffman, ECCV 2020, section 2): each false
 * detection has one kind (`sortErrors` says in which order they are tried), and an oracle mends one kind at a time.
 * Classification and localization: the best scored such detection of an object that nobody found becomes correct, the
 * others go. Both, duplicate, background: they go. Missed: the objects no longer count. Our reading: a class that
 * loses all its objects is left out of the mean if it has no detections, and has AP 0 otherwise.
 * @throws AppError as `evaluateCoco`
 */
export function splitErrors(
  truth: CocoGroundTruth,
  results: readonly CocoResult[],
  iouType: 'bbox' | 'segm',
  thresholds: ErrorThresholds = tideThresholds,
): ErrorSplit {
  const { detections, objects } = sortErrors(truth, results, iouType, thresholds)
  const ordered = [...detections].sort((a, b) => b.score - a.score)
  const isMissed = (object: SortedObject): boolean => !object.found && !object.addressed
  const AP = meanPrecision(objects, objects, ordered)
  const mended = (kind: ErrorKind): number =>
    kind === 'missed'
      ? meanPrecision(
          objects,
          objects.filter((object) => !isMissed(object)),
          ordered,
        )
      : meanPrecision(objects, objects, mend(ordered, kind))
  const counts = (kind: ErrorKind): number =>
    kind === 'missed'
      ? objects.filter(isMissed).length
      : detections.filter((detection) => detection.kind === kind).length
  const correct = ordered.filter(({ kind }) => kind === 'correct')
  const found = objects.filter((object) => object.found)
  return {
    thresholds,
    AP,
    counts: byKind(counts),
    dAP: byKind((kind) => (AP < 0 ? 0 : mended(kind) - AP)),
    dAPFalsePositives: AP < 0 ? 0 : meanPrecision(objects, objects, correct) - AP,
    dAPFalseNegatives: AP < 0 ? 0 : meanPrecision(objects, found, ordered) - AP,
  }
}

/** The detections, by falling score, after an oracle has seen to those of one kind. */
function mend(ordered: readonly SortedDetection[], kind: ErrorKind): SortedDetection[] {
  const mendedObjects = new Set<SortedObject>()
  return ordered.flatMap((detection) => {
    if (detection.kind !== kind) return [detection]
    const { object } = detection
    if (object === null || object.found || mendedObjects.has(object)) return []
    mendedObjects.add(object)
    return [{ ...detection, kind: 'correct' as const, categoryId: object.categoryId }]
  })
}

/** Mean AP over the classes that have objects in `all`, when `counting` are those still to be found. */
function meanPrecision(
  all: readonly SortedObject[],
  counting: readonly SortedObject[],
  ordered: readonly SortedDetection[],
): number {
  const positives = new Map(all.map(({ categoryId }) => [categoryId, 0]))
  for (const { categoryId } of counting) {
    positives.set(categoryId, (positives.get(categoryId) ?? 0) + 1)
  }
  const correct = new Map<number, number[]>()
  for (const { categoryId, kind } of ordered) {
    const list = correct.get(categoryId) ?? []
    if (list.length === 0) correct.set(categoryId, list)
    list.push(kind === 'correct' ? 1 : 0)
  }
  const values: number[] = []
  for (const [categoryId, count] of positives) {
    const own = correct.get(categoryId)
    if (count > 0) values.push(averagePrecision(Uint8Array.from(own ?? []), count))
    else if (own) values.push(0)
  }
  return values.length === 0 ? -1 : values.reduce((a, b) => a + b) / values.length
}

function byKind(value: (kind: ErrorKind) => number): Record<ErrorKind, number> {
  // Every key is there, because `errorKinds` lists them all.
  return Object.fromEntries(errorKinds.map((kind) => [kind, value(kind)])) as Record<
    ErrorKind,
    number
  >
}
