import type { CategoryScores } from './coco-accumulate'
import { evaluateCategories } from './coco-categories'
import type { ImageMatches } from './coco-matching'
import { at50, at75, iouThresholds, recallPoints } from './coco-parameters'
import type { CocoAnnotation, CocoGroundTruth, CocoResult } from './coco-schema'

/** The twelve numbers of COCO, 0..1; -1 where nothing counts. `s`, `m`, `l` are small, medium and large objects. */
export interface CocoStats {
  readonly AP: number
  readonly AP50: number
  readonly AP75: number
  readonly APs: number
  readonly APm: number
  readonly APl: number
  readonly AR1: number
  readonly AR10: number
  readonly AR100: number
  readonly ARs: number
  readonly ARm: number
  readonly ARl: number
}

/** The twelve numbers of one category alone. */
export interface CategoryEvaluation extends CocoStats {
  readonly categoryId: number
  readonly name?: string
  /** Ground-truth objects that count (no crowds), and detections given. */
  readonly truths: number
  readonly detections: number
  /** The objects that count, by size; borders count on both sides. */
  readonly truthsBySize: { readonly small: number; readonly medium: number; readonly large: number }
}

export interface CocoEvaluation {
  readonly iouType: 'bbox' | 'segm'
  readonly stats: CocoStats
  /** By ascending category id. */
  readonly perCategory: readonly CategoryEvaluation[]
  /**
   * Precision by recall point, all areas: entry `(category * 10 + t) * 101 + j`; -1 for categories without ground truth.
   * `precisionCurve` reads one curve.
   */
  readonly precision: Float64Array
  readonly warnings: readonly string[]
}

export interface CocoOptions {
  readonly iouType: 'bbox' | 'segm'
  /** Called for each image and category with records: who matched whom. */
  readonly onMatches?: (matches: ImageMatches) => void
  /** Objects that neither count nor make the detection that finds them wrong. Crowds are left out in any case. */
  readonly isLeftOut?: (annotation: CocoAnnotation) => boolean
}

/**
 * Average precision and recall as pycocotools 2.0.11 computes them. Detections and ground truths meet by image id and
 * category id. Ground-truth ids should not be 0: the reference then counts the match as a miss, and so does this (with a warning).
 * @throws AppError E_ANN_IMAGE_UNKNOWN, E_SCORE_NOT_FINITE, E_BBOX_MALFORMED, E_POLYGON_MALFORMED, E_COCO_MALFORMED and the
 * E_RLE_ codes
 */
export function evaluateCoco(
  groundTruth: CocoGroundTruth,
  results: readonly CocoResult[],
  { iouType, onMatches, isLeftOut }: CocoOptions,
): CocoEvaluation {
  const rules = { thresholds: iouThresholds, show: onMatches, isLeftOut }
  const { categories, warnings } = evaluateCategories(groundTruth, results, iouType, rules)
  const scores = categories.map((category) => category.scores)
  const perCategory = categories.map(({ categoryId, name, matches, scores: own }) => ({
    categoryId,
    ...(name === undefined ? {} : { name }),
    ...summarize([own]),
    truths: matches.positives[0]!,
    detections: matches.count,
    truthsBySize: {
      small: matches.positives[1]!,
      medium: matches.positives[2]!,
      large: matches.positives[3]!,
    },
  }))
  const precision = new Float64Array(scores.length * curveLength)
  scores.forEach((own, i) => {
    precision.set(own.precision.subarray(0, curveLength), i * curveLength)
  })
  return { iouType, stats: summarize(scores), perCategory, precision, warnings }
}

/** The 101 precisions of one category at recall 0, 0.01, … 1, or null for an unknown category or threshold. */
export function precisionCurve(
  evaluation: CocoEvaluation,
  categoryId: number,
  iouThreshold: number,
): Float64Array | null {
  const category = evaluation.perCategory.findIndex((each) => each.categoryId === categoryId)
  const t = iouThresholds.findIndex((each) => Math.abs(each - iouThreshold) < 1e-9)
  if (category < 0 || t < 0) return null
  const from = category * curveLength + t * recallPoints.length
  return evaluation.precision.slice(from, from + recallPoints.length)
}

/** Mean of the curves of all categories with ground truth, or null if there is none. */
export function meanPrecisionCurve(
  evaluation: CocoEvaluation,
  iouThreshold: number,
): Float64Array | null {
  const curves = evaluation.perCategory
    .map(({ categoryId }) => precisionCurve(evaluation, categoryId, iouThreshold))
    .filter((curve) => curve !== null && curve[0] !== -1)
  if (curves.length === 0) return null
  return recallPoints.map((_, j) => mean(curves.map((curve) => curve![j]!)))
}

const curveLength = iouThresholds.length * recallPoints.length

function summarize(scores: readonly CategoryScores[]): CocoStats {
  const precision = (area: number, fromT = 0, toT = iouThresholds.length) =>
    meanOfKnown(
      scores.map((own) => {
        const start = area * curveLength
        const size = recallPoints.length
        return own.precision.subarray(start + fromT * size, start + toT * size)
      }),
    )
  const recall = (area: number) =>
    meanOfKnown(
      scores.map((own) => {
        const size = iouThresholds.length
        return own.recall.subarray(area * size, (area + 1) * size)
      }),
    )
  const [all, small, medium, large] = [0, 1, 2, 3] as const // places in areaRanges
  return {
    AP: precision(all),
    AP50: precision(all, at50, at50 + 1),
    AP75: precision(all, at75, at75 + 1),
    APs: precision(small),
    APm: precision(medium),
    APl: precision(large),
    AR1: meanOfKnown(scores.map((own) => own.recallAt1)),
    AR10: meanOfKnown(scores.map((own) => own.recallAt10)),
    AR100: recall(all),
    ARs: recall(small),
    ARm: recall(medium),
    ARl: recall(large),
  }
}

/** Mean of all cells that are not -1, or -1 if none is left. */
export function meanOfKnown(cells: readonly Float64Array[]): number {
  let sum = 0
  let count = 0
  for (const part of cells) {
    for (let i = 0; i < part.length; i++) {
      const cell = part[i]!
      if (cell === -1) continue
      sum += cell
      count++
    }
  }
  return count === 0 ? -1 : sum / count
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
