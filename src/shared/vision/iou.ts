import type { BoxXyxy } from './box'

/** Intersection over union, 0..1. Boxes that touch, and boxes without area, have 0. */
export function boxIou(a: BoxXyxy, b: BoxXyxy): number {
  const shared = boxIntersection(a, b)
  return shared === 0 ? 0 : shared / (boxArea(a) + boxArea(b) - shared)
}

/** Intersection over the area of `box`, 0..1: the share of `box` that `other` covers (COCO's rule for crowds). */
export function boxIoa(box: BoxXyxy, other: BoxXyxy): number {
  const shared = boxIntersection(box, other)
  return shared === 0 ? 0 : shared / boxArea(box)
}

/** Area in square pixels; 0 for boxes turned inside out. */
export function boxArea(box: BoxXyxy): number {
  return Math.max(0, box[2] - box[0]) * Math.max(0, box[3] - box[1])
}

function boxIntersection(a: BoxXyxy, b: BoxXyxy): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1])
  return width > 0 && height > 0 ? width * height : 0
}

/**
 * All pairs at once. `a` and `b` hold boxes `x1, y1, x2, y2` one after the other; entry `i * m + j` of the answer is the IoU
 * of box i of `a` and box j of `b`, where `m` is the number of boxes of `b`. Give `out` (length n * m or more) to reuse memory.
 */
export function boxIouMatrix(
  a: Float32Array | Float64Array,
  b: Float32Array | Float64Array,
  out = new Float64Array((a.length / 4) * (b.length / 4)),
): Float64Array {
  const m = b.length / 4
  for (let i = 0, at = 0; i < a.length; i += 4) {
    const [ax1, ay1, ax2, ay2] = [a[i]!, a[i + 1]!, a[i + 2]!, a[i + 3]!]
    const areaA = (ax2 - ax1) * (ay2 - ay1)
    for (let j = 0; j < 4 * m; j += 4, at++) {
      const width = Math.min(ax2, b[j + 2]!) - Math.max(ax1, b[j]!)
      const height = Math.min(ay2, b[j + 3]!) - Math.max(ay1, b[j + 1]!)
      if (width > 0 && height > 0) {
        const shared = width * height
        const areaB = (b[j + 2]! - b[j]!) * (b[j + 3]! - b[j + 1]!)
        // The product of two tiny sides can be 0: no NaN then.
        out[at] = shared > 0 ? shared / (areaA + areaB - shared) : 0
      } else out[at] = 0
    }
  }
  return out
}

type Xywh = readonly [x: number, y: number, width: number, height: number]

/**
 * IoU of boxes as COCO files write them. Not the same as converting first: areas come from width and height, so the last
 * bits are those of the reference. For a crowd, the intersection is divided by the area of the detection.
 */
export function boxIouXywh(detection: Xywh, truth: Xywh, truthIsCrowd: boolean): number {
  const width =
    Math.min(detection[2] + detection[0], truth[2] + truth[0]) - Math.max(detection[0], truth[0])
  if (!(width > 0)) return 0
  const height =
    Math.min(detection[3] + detection[1], truth[3] + truth[1]) - Math.max(detection[1], truth[1])
  if (!(height > 0)) return 0
  const shared = width * height
  if (shared === 0) return 0
  const detected = detection[2] * detection[3]
  return shared / (truthIsCrowd ? detected : detected + truth[2] * truth[3] - shared)
}
