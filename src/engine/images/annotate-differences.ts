import type { Detection } from '../../shared/vision/box'
import { boxIou } from '../../shared/vision/iou'

/** What became of the boxes of one run in another; indices into the lists that were compared. */
export interface Differences {
  readonly same: readonly Pair[]
  /** Same class, but the boxes overlap by less than `samePlace`. */
  readonly moved: readonly Pair[]
  readonly relabelled: readonly Pair[]
  readonly lost: readonly number[]
  readonly gained: readonly number[]
}

export interface Pair {
  readonly before: number
  readonly after: number
}

interface Candidate extends Pair {
  readonly iou: number
  readonly sameClass: boolean
}

const anyOverlap = 0.5
const samePlace = 0.9

/** Pairs the boxes of two runs by falling IoU from 0.5 up, those of one class first; the rest is lost or gained. */
export function compareDetections(
  before: readonly Detection[],
  after: readonly Detection[],
): Differences {
  const candidates: Candidate[] = []
  before.forEach((a, i) => {
    after.forEach((b, k) => {
      const iou = boxIou(a.box, b.box)
      const sameClass = a.classId === b.classId
      if (iou >= anyOverlap) candidates.push({ before: i, after: k, iou, sameClass })
    })
  })
  candidates.sort(
    (a, b) =>
      Number(b.sameClass) - Number(a.sameClass) ||
      b.iou - a.iou ||
      a.before - b.before ||
      a.after - b.after,
  )
  const takenBefore = new Set<number>()
  const takenAfter = new Set<number>()
  const pairs = candidates.filter((pair) => {
    if (takenBefore.has(pair.before) || takenAfter.has(pair.after)) return false
    takenBefore.add(pair.before)
    takenAfter.add(pair.after)
    return true
  })
  const those = (belongs: (pair: Candidate) => boolean): Pair[] =>
    pairs.filter(belongs).map((pair) => ({ before: pair.before, after: pair.after }))
  return {
    same: those(({ sameClass, iou }) => sameClass && iou >= samePlace),
    moved: those(({ sameClass, iou }) => sameClass && iou < samePlace),
    relabelled: those(({ sameClass }) => !sameClass),
    lost: [...before.keys()].filter((index) => !takenBefore.has(index)),
    gained: [...after.keys()].filter((index) => !takenAfter.has(index)),
  }
}
