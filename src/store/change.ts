import type { BoxXyxy } from '../shared/vision/box'
import { boxIou } from '../shared/vision/iou'

/** A detection as far as a comparison needs it; corners in pixels. */
export interface ComparedBox {
  readonly classId: number
  readonly score: number
  readonly box: BoxXyxy
}

const SAME_OBJECT_IOU = 0.5

/**
 * How differently two answers speak of one picture: boxes of the same class are paired, best score first, where they
 * overlap by at least half; a pair counts the difference of its scores, a box without partner its score. 0: no
 * difference; symmetric only up to ties.
 */
export function detectionChange(a: readonly ComparedBox[], b: readonly ComparedBox[]): number {
  const open = new Set(b)
  let change = 0
  for (const box of a.toSorted((p, q) => q.score - p.score)) {
    let partner: ComparedBox | null = null
    let best = SAME_OBJECT_IOU
    for (const other of open) {
      if (other.classId !== box.classId) continue
      const iou = boxIou(box.box, other.box)
      if (iou >= best && (partner === null || iou > best)) [partner, best] = [other, iou]
    }
    if (partner) open.delete(partner)
    change += Math.abs(box.score - (partner?.score ?? 0))
  }
  for (const box of open) change += box.score
  return change
}
