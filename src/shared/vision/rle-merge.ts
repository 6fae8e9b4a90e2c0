import { AppError } from '../errors'
import { boxIouXywh } from './iou'
import { type Rle, rleArea, rleBox, RunList } from './rle'

/** Pixels in any of the masks. All masks have the size of the first. @throws AppError E_RLE_SIZE_MISMATCH */
export function rleUnion(first: Rle, ...others: readonly Rle[]): Rle {
  return others.reduce((a, b) => merge(a, b, 1), first)
}

/** Pixels in all of the masks. @throws AppError E_RLE_SIZE_MISMATCH */
export function rleIntersection(first: Rle, ...others: readonly Rle[]): Rle {
  return others.reduce((a, b) => merge(a, b, 2), first)
}

/**
 * Intersection over union of two masks, 0..1; for a crowd ground truth, intersection over the area of the detection.
 * 0 when they do not meet. @throws AppError E_RLE_SIZE_MISMATCH
 */
export function rleIou(detection: Rle, truth: Rle, truthIsCrowd = false): number {
  assertSameFrame(detection, truth)
  // The boxes settle most pairs; as in the reference, masks whose boxes do not meet are not compared.
  if (boxIouXywh(rleBox(detection), rleBox(truth), false) === 0) return 0
  const shared = intersectionArea(detection, truth)
  if (shared === 0) return 0
  const detected = rleArea(detection)
  return shared / (truthIsCrowd ? detected : detected + rleArea(truth) - shared)
}

/** Number of pixels in both masks, without building the merged runs. */
export function intersectionArea(a: Rle, b: Rle): number {
  let area = 0
  let [i, j] = [0, 0]
  let endA = a.counts[0] ?? 0
  let endB = b.counts[0] ?? 0
  let at = 0
  while (i < a.counts.length && j < b.counts.length) {
    const end = endA < endB ? endA : endB
    if ((i & j & 1) === 1) area += end - at
    at = end
    if (endA === end) endA += a.counts[++i] ?? 0
    if (endB === end) endB += b.counts[++j] ?? 0
  }
  return area
}

/** Pixels that lie in at least `needed` of the two masks, in canonical form. */
function merge(a: Rle, b: Rle, needed: 1 | 2): Rle {
  assertSameFrame(a, b)
  const runs = new RunList()
  let [i, j] = [0, 0]
  let endA = a.counts[0] ?? 0
  let endB = b.counts[0] ?? 0
  let at = 0
  let start = 0
  let value = false
  while (i < a.counts.length && j < b.counts.length) {
    const end = endA < endB ? endA : endB
    const inside = (i & 1) + (j & 1) >= needed
    if (end > at && inside !== value) {
      runs.push(at - start)
      start = at
      value = inside
    }
    at = end
    if (endA === end) endA += a.counts[++i] ?? 0
    if (endB === end) endB += b.counts[++j] ?? 0
  }
  runs.push(a.width * a.height - start)
  return { height: a.height, width: a.width, counts: runs.toArray() }
}

function assertSameFrame(a: Rle, b: Rle): void {
  if (a.height === b.height && a.width === b.width) return
  throw new AppError(
    'E_RLE_SIZE_MISMATCH',
    `Masks of ${a.height}x${a.width} and ${b.height}x${b.width} pixels cannot be compared`,
    'Both masks must belong to the same picture: check the sizes in the two files.',
  )
}
