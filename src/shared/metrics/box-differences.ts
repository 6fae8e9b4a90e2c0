import type { BoxXyxy } from '../vision/box'
import { boxIou } from '../vision/iou'

/** A box as far as a comparison needs it. Boxes of one class have the same label. */
export interface LabelledBox {
  readonly box: BoxXyxy
  readonly label: string
  readonly score: number
}

export type DifferenceKind = 'same' | 'moved' | 'relabelled' | 'gained' | 'lost'

/** What became of one object from answer A to answer B. */
export interface BoxDifference {
  readonly kind: DifferenceKind
  /** Position in A; null for a gained box. */
  readonly a: number | null
  /** Position in B; null for a lost box. */
  readonly b: number | null
  /** Of the pair; 0 without one. */
  readonly iou: number
}

const PAIR_IOU = 0.5
/** Pairs of one class that overlap at least this much have not moved. */
const SAME_IOU = 0.9

/**
 * Pairs the boxes of two answers: by falling IoU from 0.5 up, first within a class, then across classes; what is left was
 * lost or gained. Pairs come first, in the order of A; then what was lost, then what was gained. Ties go to the earlier
 * box of A, then of B, so the answer depends on nothing else.
 */
export function boxDifferences(
  a: readonly LabelledBox[],
  b: readonly LabelledBox[],
): BoxDifference[] {
  const partners = pairBoxes(a, b)
  const paired = new Set<number>()
  const pairs: BoxDifference[] = []
  const lost: BoxDifference[] = []
  a.forEach(({ box, label }, i) => {
    const j = partners.get(i)
    const other = j === undefined ? undefined : b[j]
    if (j === undefined || !other) {
      lost.push({ kind: 'lost', a: i, b: null, iou: 0 })
      return
    }
    paired.add(j)
    const iou = boxIou(box, other.box)
    const kind = label !== other.label ? 'relabelled' : iou < SAME_IOU ? 'moved' : 'same'
    pairs.push({ kind, a: i, b: j, iou })
  })
  const gained = b.flatMap((_, j): BoxDifference[] =>
    paired.has(j) ? [] : [{ kind: 'gained', a: null, b: j, iou: 0 }],
  )
  return [...pairs, ...lost, ...gained]
}

/**
 * How much two answers differ, 0..1: one minus the overlap of pairs of one class, as a share of all objects that either
 * names. 0 when neither has boxes.
 */
export function boxChange(a: readonly LabelledBox[], b: readonly LabelledBox[]): number {
  let [overlap, pairs] = [0, 0]
  for (const { kind, iou } of boxDifferences(a, b)) {
    if (kind !== 'same' && kind !== 'moved') continue
    overlap += iou
    pairs++
  }
  const objects = a.length + b.length - pairs
  return objects === 0 ? 0 : 1 - overlap / objects
}

/**
 * For each box, whether it is an object of the ground truth: paired with one of its class, best score first, each object
 * once.
 */
export function matchesTruth(
  boxes: readonly LabelledBox[],
  truth: readonly LabelledBox[],
): boolean[] {
  const open = new Set(truth)
  const isRight = boxes.map(() => false)
  const order = boxes.map((_, i) => i).sort((i, j) => scoreOf(boxes, j) - scoreOf(boxes, i))
  for (const i of order) {
    const box = boxes[i]
    if (!box) continue
    let best: LabelledBox | null = null
    let bestIou = PAIR_IOU
    for (const object of open) {
      if (object.label !== box.label) continue
      const iou = boxIou(box.box, object.box)
      if (iou >= bestIou && (best === null || iou > bestIou)) [best, bestIou] = [object, iou]
    }
    if (best === null) continue
    open.delete(best)
    isRight[i] = true
  }
  return isRight
}

interface Candidate {
  readonly i: number
  readonly j: number
  readonly iou: number
  readonly isSameClass: boolean
}

/** The partner in B of each box of A that has one. */
function pairBoxes(a: readonly LabelledBox[], b: readonly LabelledBox[]): Map<number, number> {
  const candidates: Candidate[] = []
  a.forEach((one, i) => {
    b.forEach((other, j) => {
      const iou = boxIou(one.box, other.box)
      if (iou >= PAIR_IOU) candidates.push({ i, j, iou, isSameClass: one.label === other.label })
    })
  })
  candidates.sort(
    (p, q) =>
      Number(q.isSameClass) - Number(p.isSameClass) || q.iou - p.iou || p.i - q.i || p.j - q.j,
  )
  const partners = new Map<number, number>()
  const taken = new Set<number>()
  for (const { i, j } of candidates) {
    if (partners.has(i) || taken.has(j)) continue
    partners.set(i, j)
    taken.add(j)
  }
  return partners
}

function scoreOf(boxes: readonly LabelledBox[], index: number): number {
  return boxes[index]?.score ?? 0
}
