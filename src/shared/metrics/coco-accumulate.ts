import type { CategoryMatches } from './coco-matching'
import { areaRanges, maxDetections, recallPoints } from './coco-parameters'

const points = recallPoints.length
/** Numbers of detections an image may give for average recall, beside `maxDetections`. */
const fewDetections = [1, 10] as const
/** numpy.spacing(1): keeps the reference's precision from dividing by 0. */
const epsilon = 2 ** -52

/** Curves and recalls of one category; -1 throughout where nothing counts. */
export interface CategoryScores {
  /** Precision at `recallPoints`: entry `(area * thresholds + t) * 101 + j`. */
  readonly precision: Float64Array
  /** Recall with up to 100 detections an image: entry `area * thresholds + t`. */
  readonly recall: Float64Array
  /** Recall over all areas with up to 1 and up to 10 detections an image, by threshold. */
  readonly recallAt1: Float64Array
  readonly recallAt10: Float64Array
}

/**
 * Turns matches into curves. `order` lists the detections of the category (as `matches` numbers them) by falling score over
 * all images.
 */
export function accumulate(matches: CategoryMatches, order: Uint32Array): CategoryScores {
  const thresholds = matches.thresholds.length
  const scores: CategoryScores = {
    precision: new Float64Array(areaRanges.length * thresholds * points).fill(-1),
    recall: new Float64Array(areaRanges.length * thresholds).fill(-1),
    recallAt1: new Float64Array(thresholds).fill(-1),
    recallAt10: new Float64Array(thresholds).fill(-1),
  }
  const kept = order.filter((i) => matches.rank[i]! < maxDetections)
  const precisions = new Float64Array(kept.length)
  for (let area = 0; area < areaRanges.length; area++) {
    const positives = matches.positives[area]!
    if (positives === 0) continue
    for (let t = 0; t < thresholds; t++) {
      const hits = precisionAtHits(matches, kept, area, t, precisions)
      const cell = area * thresholds + t
      scores.recall[cell] = hits / positives
      const curve = scores.precision.subarray(cell * points, (cell + 1) * points)
      sampleCurve(precisions.subarray(0, hits), positives, curve)
    }
    if (area > 0) continue
    for (const [i, recall] of [scores.recallAt1, scores.recallAt10].entries()) {
      countHits(matches, kept, fewDetections[i]!, recall)
      for (let t = 0; t < thresholds; t++) recall[t]! /= positives
    }
  }
  return scores
}

/** Walks down the scores and writes the precision at each hit. Elsewhere it only falls, so the hits are the whole curve. */
function precisionAtHits(
  { matched, ignored, count }: CategoryMatches,
  order: Uint32Array,
  area: number,
  t: number,
  precisions: Float64Array,
): number {
  const base = area * count
  const bit = 1 << t
  let hits = 0
  let misses = 0
  for (const place of order) {
    const at = base + place
    if ((ignored[at]! & bit) !== 0) continue
    if ((matched[at]! & bit) === 0) misses++
    else {
      hits++
      precisions[hits - 1] = hits / (misses + hits + epsilon)
    }
  }
  return hits
}

/** Best precision at each recall point or beyond it; 0 past the last hit. Changes `precisions`. */
export function sampleCurve(
  precisions: Float64Array,
  positives: number,
  curve: Float64Array,
): void {
  for (let k = precisions.length - 2; k >= 0; k--) {
    if (precisions[k + 1]! > precisions[k]!) precisions[k] = precisions[k + 1]!
  }
  let k = 0
  for (let j = 0; j < points; j++) {
    while (k < precisions.length && (k + 1) / positives < recallPoints[j]!) k++
    curve[j] = precisions[k] ?? 0
  }
}

function countHits(
  { matched, ignored, rank }: CategoryMatches,
  order: Uint32Array,
  detectionsPerImage: number,
  hits: Float64Array,
): void {
  hits.fill(0)
  for (const i of order) {
    if (rank[i]! >= detectionsPerImage) continue
    const counting = matched[i]! & ~ignored[i]!
    for (let t = 0; t < hits.length; t++) hits[t]! += (counting >> t) & 1
  }
}
