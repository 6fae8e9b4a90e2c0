import { boxIouXywh } from '../vision/iou'
import type { CocoResult } from './coco-schema'
import type { PatchMark } from './patch-marks'
import { refuseThreshold } from './precision-recall'
import { readBox } from './coco-shapes'

export interface AttackRules {
  /** Overlap (IoU of boxes) of a detection and the patch from which it speaks of the patch. */
  readonly iou: number
  /** Detections below this score do not count. */
  readonly score: number
}

/** 0.1 is our reading of APRICOT's evaluation: boxes seldom follow a patch closely. */
export const attackRules: AttackRules = { iou: 0.1, score: 0.3 }

export interface PatchOutcome extends PatchMark {
  readonly succeeded: boolean
  /** Best score of a detection of the target class that overlaps enough; null without any. */
  readonly score: number | null
  /** Highest overlap of a detection of the target class with a score that counts. */
  readonly overlap: number
}

export interface AttackSuccess {
  readonly rules: AttackRules
  /** Patches whose target is known; the others are not in `outcomes`. */
  readonly patches: number
  readonly unknownTargets: number
  readonly successes: number
  /** Share of successes, or null without patches. */
  readonly rate: number | null
  readonly byTarget: readonly {
    readonly target: number
    readonly patches: number
    readonly successes: number
  }[]
  readonly outcomes: readonly PatchOutcome[]
}

/**
 * Targeted success of patches: a detection of the patch's target class on the patch. This is no correct detection and
 * has nothing to do with COCO's scores.
 * @throws AppError E_IOU_THRESHOLD, E_BBOX_MALFORMED
 */
export function attackSuccess(
  patches: readonly PatchMark[],
  results: readonly CocoResult[],
  rules: AttackRules = attackRules,
): AttackSuccess {
  refuseThreshold(rules.iou)
  const places = new Map<string, number[]>()
  const keyOf = (imageId: number, category: number): string => `${imageId}:${category}`
  results.forEach(({ image_id, category_id, score }, i) => {
    if (score < rules.score) return
    const key = keyOf(image_id, category_id)
    const list = places.get(key) ?? []
    if (list.length === 0) places.set(key, list)
    list.push(i)
  })
  const outcomes = patches.flatMap((patch) => {
    if (patch.target === null) return []
    let [score, overlap] = [null as number | null, 0]
    for (const i of places.get(keyOf(patch.imageId, patch.target)) ?? []) {
      const result = results[i]!
      const iou = boxIouXywh(readBox(result.bbox, `Result ${i}`), patch.box, false)
      overlap = Math.max(overlap, iou)
      if (iou >= rules.iou) score = Math.max(score ?? -Infinity, result.score)
    }
    return [{ ...patch, succeeded: score !== null, score, overlap }]
  })
  const successes = outcomes.filter(({ succeeded }) => succeeded).length
  return {
    rules,
    patches: outcomes.length,
    unknownTargets: patches.length - outcomes.length,
    successes,
    rate: outcomes.length === 0 ? null : successes / outcomes.length,
    byTarget: byTarget(outcomes),
    outcomes,
  }
}

function byTarget(outcomes: readonly PatchOutcome[]): AttackSuccess['byTarget'] {
  const targets = [...new Set(outcomes.map(({ target }) => target ?? 0))].sort((a, b) => a - b)
  return targets.map((target) => {
    const own = outcomes.filter((outcome) => outcome.target === target)
    const successes = own.filter(({ succeeded }) => succeeded).length
    return { target, patches: own.length, successes }
  })
}
