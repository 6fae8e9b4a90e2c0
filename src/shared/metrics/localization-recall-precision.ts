import type { CocoGroundTruth, CocoResult } from './coco-schema'
import { visitImages } from './image-outcomes'
import { refuseThreshold } from './precision-recall'

/** The error of one class at the score threshold where it is lowest. All 0..1, lower is better. */
export interface CategoryLrp {
  readonly categoryId: number
  readonly truths: number
  readonly oLRP: number
  /** Mean of 1 - IoU of the correct detections; null if there are none. */
  readonly localization: number | null
  /** Share of false among the detections (1 - precision); null without detections. */
  readonly falsePositives: number | null
  /** Share of the objects that nobody found (1 - recall). */
  readonly falseNegatives: number
  /** Detections from this score on are kept; null if keeping none is best. */
  readonly scoreThreshold: number | null
}

export interface LrpSummary {
  readonly iouThreshold: number
  /** Mean oLRP of the classes with objects; -1 without any. */
  readonly moLRP: number
  readonly perCategory: readonly CategoryLrp[]
}

/**
 * Optimal localization-recall-precision error (Oksuz, Cam, Kalkan, Akbas, "One Metric to Measure Them All", TPAMI 2021):
 * LRP(s) = (sum over correct detections of (1 - IoU) / (1 - tau) + false detections + missed objects) / (number of all
 * three), over the detections with a score of s or more; oLRP is its lowest value. `tau` is `iouThreshold`, at most 0.99.
 * @throws AppError E_IOU_THRESHOLD and as `evaluateCoco`
 */
export function localizationRecallPrecision(
  truth: CocoGroundTruth,
  results: readonly CocoResult[],
  iouType: 'bbox' | 'segm',
  iouThreshold = 0.5,
): LrpSummary {
  refuseThreshold(iouThreshold, 0.99)
  const truths = new Map<number, number>()
  const detections = new Map<number, Detected[]>()
  visitImages(truth, results, iouType, iouThreshold, (image) => {
    image.truths.forEach((at, g) => {
      const { category_id: category } = truth.annotations[at]!
      if (image.crowd[g] === 0) truths.set(category, (truths.get(category) ?? 0) + 1)
    })
    image.detections.forEach((at, d) => {
      const { category_id: category, score } = results[at]!
      const partner = image.partner[d]!
      if (partner >= 0 && image.crowd[partner] === 1) return
      const iou = partner < 0 ? null : image.overlaps[d * image.truths.length + partner]!
      const list = detections.get(category) ?? []
      if (list.length === 0) detections.set(category, list)
      list.push({ score, iou })
    })
  })
  const perCategory = [...truths]
    .sort(([a], [b]) => a - b)
    .map(([categoryId, count]) => ({
      categoryId,
      truths: count,
      ...lowest(detections.get(categoryId) ?? [], count, iouThreshold),
    }))
  const sum = perCategory.reduce((total, { oLRP }) => total + oLRP, 0)
  return {
    iouThreshold,
    moLRP: perCategory.length === 0 ? -1 : sum / perCategory.length,
    perCategory,
  }
}

interface Detected {
  readonly score: number
  /** With its object; null for a false detection. */
  readonly iou: number | null
}

function lowest(detections: Detected[], truths: number, tau: number) {
  detections.sort((a, b) => b.score - a.score)
  let best: Omit<CategoryLrp, 'categoryId' | 'truths'> = {
    oLRP: 1,
    localization: null,
    falsePositives: null,
    falseNegatives: 1,
    scoreThreshold: null,
  }
  let [correct, wrong, misplaced] = [0, 0, 0]
  detections.forEach(({ score, iou }, i) => {
    if (iou === null) wrong++
    else {
      correct++
      misplaced += 1 - iou
    }
    // A threshold keeps all detections of one score or none.
    if (detections[i + 1]?.score === score) return
    const missed = truths - correct
    const oLRP = (misplaced / (1 - tau) + wrong + missed) / (correct + wrong + missed)
    if (oLRP >= best.oLRP) return
    best = {
      oLRP,
      localization: correct === 0 ? null : misplaced / correct,
      falsePositives: wrong / (correct + wrong),
      falseNegatives: missed / truths,
      scoreThreshold: score,
    }
  })
  return best
}
