import { AppError } from '../errors'
import { evaluateCategories } from './coco-categories'
import { maxDetections, recallPoints } from './coco-parameters'
import type { CocoGroundTruth, CocoResult } from './coco-schema'

/** One category's way down the scores at one IoU threshold. Entry i speaks of the best i + 1 detections that count. */
export interface PrecisionRecall {
  readonly categoryId: number
  readonly name?: string
  readonly iouThreshold: number
  /** Ground-truth objects that count. With 0 all lists are empty and `interpolated` is null. */
  readonly truths: number
  readonly score: Float64Array
  readonly precision: Float64Array
  readonly recall: Float64Array
  /** Best precision at `recallPoints` (0, 0.01, … 1) or beyond, as COCO averages it; its mean is the AP. */
  readonly interpolated: Float64Array | null
  readonly AP: number
}

/**
 * Precision and recall of each category at any IoU threshold above 0 and up to 1, with COCO's matching.
 * @throws AppError E_IOU_THRESHOLD and as `evaluateCoco`
 */
export function precisionRecall(
  truth: CocoGroundTruth,
  results: readonly CocoResult[],
  iouType: 'bbox' | 'segm',
  iouThreshold: number,
): readonly PrecisionRecall[] {
  refuseThreshold(iouThreshold)
  const rules = { thresholds: Float64Array.of(iouThreshold) }
  const { categories } = evaluateCategories(truth, results, iouType, rules)
  return categories.map(({ categoryId, name, matches, order, positions, scores }) => {
    const truths = matches.positives[0]!
    const walk = { score: [] as number[], precision: [] as number[], recall: [] as number[] }
    let [hits, misses] = [0, 0]
    for (let i = 0; truths > 0 && i < order.length; i++) {
      const place = order[i]!
      if (matches.rank[place]! >= maxDetections || matches.ignored[place] !== 0) continue
      if (matches.matched[place] === 0) misses++
      else hits++
      walk.score.push(results[positions[i]!]!.score)
      walk.precision.push(hits / (hits + misses))
      walk.recall.push(hits / truths)
    }
    const interpolated = truths === 0 ? null : scores.precision.slice(0, recallPoints.length)
    return {
      categoryId,
      ...(name === undefined ? {} : { name }),
      iouThreshold,
      truths,
      score: Float64Array.from(walk.score),
      precision: Float64Array.from(walk.precision),
      recall: Float64Array.from(walk.recall),
      interpolated,
      AP: interpolated ? interpolated.reduce((a, b) => a + b) / interpolated.length : -1,
    }
  })
}

/** @throws AppError E_IOU_THRESHOLD for what is not above 0 and at most `highest` */
export function refuseThreshold(iouThreshold: number, highest = 1): void {
  if (iouThreshold > 0 && iouThreshold <= highest) return
  throw new AppError(
    'E_IOU_THRESHOLD',
    `${iouThreshold} is no IoU threshold`,
    `Thresholds are above 0 and at most ${highest}, such as 0.5.`,
  )
}
