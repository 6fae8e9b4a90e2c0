import type { Components } from '../../shared/vision/components'
import type { Mask } from '../../shared/vision/mask'

/** A rectangle of pixels, half open: columns [x1, x2), rows [y1, y2). */
export type PixelBounds = readonly [x1: number, y1: number, x2: number, y2: number]

/** Summed-area table of a set of pixels, only as large as the pixels' own bounds. */
export interface SummedArea {
  readonly bounds: PixelBounds
  /** (height + 1) x (width + 1), row-major; entry (i, j) counts the pixels above row i and left of column j. */
  readonly sums: Int32Array
  readonly stride: number
  /** Number of pixels in the set. */
  readonly total: number
}

/** The summed-area table of the pixels of `mask` inside `bounds`. */
export function summedArea(mask: Mask, bounds: PixelBounds): SummedArea {
  const [x1, y1, x2, y2] = bounds
  const stride = x2 - x1 + 1
  const sums = new Int32Array((y2 - y1 + 1) * stride)
  for (let y = y1; y < y2; y++) {
    const source = y * mask.width + x1
    const above = (y - y1) * stride + 1
    const here = above + stride
    let inRow = 0
    for (let column = 0; column < stride - 1; column++) {
      inRow += mask.bits[source + column]!
      sums[here + column] = sums[above + column]! + inRow
    }
  }
  return { bounds, sums, stride, total: sums[sums.length - 1]! }
}

/** The summed-area table of the pixels of `mask` that lie in one of `components`, over that component's box. */
export function summedAreaOfComponent(
  mask: Mask,
  components: Components,
  index: number,
): SummedArea {
  const { boxes, firstRun, runRows, runStarts, runEnds } = components
  const bounds = [...boxes.subarray(4 * index, 4 * index + 4)] as unknown as PixelBounds // four numbers
  const [x1, y1, x2, y2] = bounds
  const stride = x2 - x1 + 1
  const sums = new Int32Array((y2 - y1 + 1) * stride)
  let run = firstRun[index]!
  const end = firstRun[index + 1]!
  for (let y = y1; y < y2; y++) {
    const above = (y - y1) * stride
    const here = above + stride
    let inRow = 0
    let column = 0
    for (; run < end && runRows[run] === y; run++) {
      const start = runStarts[run]! - x1
      for (; column < start; column++) sums[here + column + 1] = sums[above + column + 1]! + inRow
      const stop = runEnds[run]! - x1
      const source = y * mask.width + x1
      for (; column < stop; column++) {
        inRow += mask.bits[source + column]!
        sums[here + column + 1] = sums[above + column + 1]! + inRow
      }
    }
    for (; column < stride - 1; column++)
      sums[here + column + 1] = sums[above + column + 1]! + inRow
  }
  return { bounds, sums, stride, total: sums[sums.length - 1]! }
}
