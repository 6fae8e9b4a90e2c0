import { refuseScores } from './coco-categories'
import { groupRecords, type Side } from './coco-groups'
import { measureWith } from './coco-overlaps'
import { maxDetections } from './coco-parameters'
import type { CocoGroundTruth, CocoResult } from './coco-schema'

/**
 * One image at one IoU threshold, all categories together. Detections by falling score, at most 100 of a category;
 * records are named by their positions in their files. Arrays belong to the caller.
 */
export interface ImageOutcome {
  readonly imageId: number
  readonly detections: Uint32Array
  readonly truths: Uint32Array
  /** Entry `d * truths.length + g`; for crowds intersection over the detection. Categories play no part. */
  readonly overlaps: Float64Array
  /** By detection: index into `truths`, or -1. */
  readonly partner: Int32Array
  /** 1 for crowds: they neither count nor make a detection wrong. */
  readonly crowd: Uint8Array
}

/**
 * Visits each image that has records, by ascending id, with COCO's matching: best score first, highest overlap, equal
 * overlaps to the later, crowds last and any number of times.
 * @throws AppError as `evaluateCoco`
 */
export function visitImages(
  truth: CocoGroundTruth,
  results: readonly CocoResult[],
  iouType: 'bbox' | 'segm',
  iouThreshold: number,
  visit: (outcome: ImageOutcome) => void,
): void {
  refuseScores(results)
  const groups = groupRecords(truth, results)
  const measure = measureWith(iouType, truth, results)
  const detections = byImage(groups.detections, groups.imageIds.length, maxDetections)
  const truths = byImage(groups.truths, groups.imageIds.length, Infinity)
  groups.imageIds.forEach((imageId, image) => {
    const own = detections[image]!.sort((a, b) => results[b]!.score - results[a]!.score || a - b)
    const objects = truths[image]!.sort()
    if (own.length + objects.length === 0) return
    const measured = measure(own, objects).overlaps.slice(0, own.length * objects.length)
    const crowd = Uint8Array.from(objects, (at) => (truth.annotations[at]!.iscrowd ? 1 : 0))
    const sameCategory = (d: number, g: number): boolean =>
      results[own[d]!]!.category_id === truth.annotations[objects[g]!]!.category_id
    const partner = matchImage(iouThreshold, own.length, measured, crowd, sameCategory)
    visit({ imageId, detections: own, truths: objects, overlaps: measured, partner, crowd })
  })
}

/** Positions by image; of each category in an image at most `most`. */
function byImage({ order, start, image }: Side, images: number, most: number): Uint32Array[] {
  const lists = Array.from({ length: images }, (): number[] => [])
  for (let category = 0; category + 1 < start.length; category++) {
    let [previous, taken] = [-1, 0]
    for (let at = start[category]!; at < start[category + 1]!; at++) {
      const record = order[at]!
      const here = image[record]!
      taken = here === previous ? taken + 1 : 1
      previous = here
      if (taken <= most) lists[here]!.push(record)
    }
  }
  return lists.map((list) => Uint32Array.from(list))
}

function matchImage(
  threshold: number,
  detections: number,
  overlaps: Float64Array,
  crowd: Uint8Array,
  sameCategory: (d: number, g: number) => boolean,
): Int32Array {
  const partner = new Int32Array(detections).fill(-1)
  const taken = new Uint8Array(crowd.length)
  const least = Math.min(threshold, 1 - 1e-10)
  for (let d = 0; d < detections; d++) {
    for (const wanted of [0, 1]) {
      let best = least
      for (let g = 0; g < crowd.length; g++) {
        const overlap = overlaps[d * crowd.length + g]!
        if (crowd[g] !== wanted || overlap < best || !sameCategory(d, g)) continue
        if (taken[g] === 1 && wanted === 0) continue
        best = overlap
        partner[d] = g
      }
      if (partner[d]! >= 0) break
    }
    if (partner[d]! >= 0) taken[partner[d]!] = 1
  }
  return partner
}
