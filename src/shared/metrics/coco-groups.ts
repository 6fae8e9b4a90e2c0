import { AppError } from '../errors'
import type { CocoGroundTruth, CocoResult } from './coco-schema'

/**
 * Records of both sides in the orders that evaluation walks. Records are named by their position in their file; those of one
 * category lie together, and within it those of one image, images by ascending id.
 */
export interface CocoGroups {
  /** Ascending, each once. */
  readonly imageIds: Float64Array
  readonly categoryIds: Float64Array
  readonly truths: Side
  /** Within an image by falling score; equal scores in file order. */
  readonly detections: Side
  /** Detections of a category over all images by falling score; equal scores by image, then in file order. */
  readonly byScore: Uint32Array
  readonly warnings: readonly string[]
}

export interface Side {
  /** Positions in the file. */
  readonly order: Uint32Array
  /** Those of category k are `order[start[k]]` to `order[start[k + 1] - 1]`. */
  readonly start: Uint32Array
  /** Index into `imageIds` by position in the file. */
  readonly image: Int32Array
}

/** @throws AppError E_ANN_IMAGE_UNKNOWN for a result of an image that the ground truth does not have */
export function groupRecords(truth: CocoGroundTruth, results: readonly CocoResult[]): CocoGroups {
  const imageIds = uniqueAscending(truth.images)
  const categoryIds = uniqueAscending(truth.categories)
  const warnings: string[] = []

  const truthKeys = keysOf(truth.annotations, imageIds, categoryIds)
  const kept = positions(truthKeys, ({ image, category }, i) => image[i]! >= 0 && category[i]! >= 0)
  const dropped = truth.annotations.length - kept.length
  if (dropped > 0) {
    warnings.push(
      `${dropped} ground-truth objects have an unknown image or category and were left out`,
    )
  }
  if (truth.annotations.some(({ id }) => id === 0)) {
    warnings.push(
      'W_ANN_ID_ZERO: a ground-truth id is 0, which COCO evaluation takes for "no match"',
    )
  }

  const keys = keysOf(results, imageIds, categoryIds)
  refuseUnknownImages(results, keys.image)
  const known = positions(keys, ({ category }, i) => category[i]! >= 0)
  if (known.length < results.length) {
    const count = results.length - known.length
    warnings.push(
      `${count} detections have a category that the ground truth lacks and were left out`,
    )
  }

  const images = imageIds.length
  const categories = categoryIds.length
  const byImage = countingSort(known, keys.image, images).order
  // Stable, so that equal scores stay in the order of images and file.
  const byScoreInAll = byImage.sort((a, b) => results[b]!.score - results[a]!.score)
  const byScore = countingSort(byScoreInAll, keys.category, categories).order
  return {
    imageIds,
    categoryIds,
    truths: group(kept, truthKeys, images, categories),
    detections: group(byScoreInAll, keys, images, categories),
    byScore,
    warnings,
  }
}

interface Keys {
  readonly image: Int32Array
  readonly category: Int32Array
}

function keysOf(
  records: readonly { readonly image_id: number; readonly category_id: number }[],
  imageIds: Float64Array,
  categoryIds: Float64Array,
): Keys {
  const imageIndex = indexOf(imageIds)
  const categoryIndex = indexOf(categoryIds)
  const image = new Int32Array(records.length)
  const category = new Int32Array(records.length)
  for (const [i, record] of records.entries()) {
    image[i] = imageIndex.get(record.image_id) ?? -1
    category[i] = categoryIndex.get(record.category_id) ?? -1
  }
  return { image, category }
}

function group(records: Uint32Array, keys: Keys, images: number, categories: number): Side {
  const byImage = countingSort(records, keys.image, images).order
  return { ...countingSort(byImage, keys.category, categories), image: keys.image }
}

/** Stable; `start[k]` is where key k begins. */
function countingSort(records: Uint32Array, keys: Int32Array, keyCount: number) {
  const start = new Uint32Array(keyCount + 1)
  for (const record of records) start[keys[record]! + 1]!++
  for (let key = 0; key < keyCount; key++) start[key + 1]! += start[key]!
  const next = start.slice()
  const order = new Uint32Array(records.length)
  for (const record of records) order[next[keys[record]!]!++] = record
  return { order, start }
}

function positions(keys: Keys, isKept: (keys: Keys, i: number) => boolean): Uint32Array {
  const kept = new Uint32Array(keys.image.length)
  let count = 0
  for (let i = 0; i < kept.length; i++) if (isKept(keys, i)) kept[count++] = i
  return kept.slice(0, count)
}

function uniqueAscending(records: readonly { readonly id: number }[]): Float64Array {
  return Float64Array.from(new Set(records.map(({ id }) => id))).sort()
}

function indexOf(ids: Float64Array): Map<number, number> {
  return new Map(Array.from(ids, (id, i) => [id, i]))
}

function refuseUnknownImages(results: readonly CocoResult[], image: Int32Array): void {
  const at = image.indexOf(-1)
  if (at < 0) return
  throw new AppError(
    'E_ANN_IMAGE_UNKNOWN',
    `Result ${at} belongs to image ${results[at]?.image_id ?? '?'}, which the ground truth does not have`,
    'Evaluate results against the ground truth of the same images, with the same image ids.',
  )
}
