import type { Mask } from '../../shared/vision/mask'

/** A rectangle of pixels, half open: rows [top, bottom), columns [left, right). */
export interface PixelBounds {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

/** Summed-area table of a set of pixels, only as large as the pixels' own bounds. */
export interface SummedArea {
  readonly bounds: PixelBounds
  /** (height + 1) x (width + 1), row-major; entry (i, j) counts the pixels above row i and left of column j. */
  readonly sums: Int32Array
  readonly stride: number
  /** Number of pixels in the set. */
  readonly total: number
}

/** The tight bounds of a mask, or null when it is empty. */
export function maskBounds(mask: Mask): PixelBounds | null {
  const { bits, width } = mask
  const first = bits.indexOf(1)
  if (first < 0) return null
  const top = Math.floor(first / width)
  const bottom = Math.floor(bits.lastIndexOf(1) / width) + 1
  let left = width
  let right = 0
  for (let row = top; row < bottom; row++) {
    const start = row * width
    for (let column = 0; column < left; column++) {
      if (bits[start + column] === 1) left = column
    }
    for (let column = width - 1; column >= right; column--) {
      if (bits[start + column] === 1) right = column + 1
    }
  }
  return { top, left, bottom, right }
}

/** The summed-area table of the pixels of `mask` inside `bounds`. */
export function summedArea(mask: Mask, bounds: PixelBounds): SummedArea {
  const height = bounds.bottom - bounds.top
  const width = bounds.right - bounds.left
  const stride = width + 1
  const sums = new Int32Array((height + 1) * stride)
  for (let row = 0; row < height; row++) {
    const source = (bounds.top + row) * mask.width + bounds.left
    const above = row * stride + 1
    const here = above + stride
    let inRow = 0
    for (let column = 0; column < width; column++) {
      inRow += mask.bits[source + column]!
      sums[here + column] = sums[above + column]! + inRow
    }
  }
  return { bounds, sums, stride, total: sums[sums.length - 1]! }
}
