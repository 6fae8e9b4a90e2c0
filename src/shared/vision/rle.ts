import { assertMask, type Mask } from './mask'
import { maskBounds } from './mask-bounds'

/**
 * A mask as COCO writes it: lengths of runs in turn background, foreground, … along the columns, top to bottom and left to
 * right (index = column * height + row). The first run is background. Canonical: only the first run may be 0. The runs add
 * up to `height * width`.
 */
export interface Rle {
  readonly height: number
  readonly width: number
  readonly counts: Uint32Array
}

/** Runs of a byte mask, in canonical form. Time grows with the mask's bounding box, not with the frame. */
export function encodeMask(mask: Mask): Rle {
  assertMask(mask)
  const { width, height, bits } = mask
  const counts = new RunList()
  const [left, top, right, bottom] = maskBounds(mask) ?? [0, 0, 0, 0]
  const wholeColumns = top === 0 && bottom === height
  let previous = 0
  let runStart = 0
  for (let x = left; x < right; x++) {
    const column = x * height
    for (let y = top, at = top * width + x; y < bottom; y++, at += width) {
      const bit = bits[at]!
      if (bit === previous) continue
      counts.push(column + y - runStart)
      runStart = column + y
      previous = bit
    }
    // Only where the mask reaches both the first and the last row can a run go on in the next column.
    if (previous === 1 && (!wholeColumns || x === right - 1)) {
      counts.push(column + bottom - runStart)
      runStart = column + bottom
      previous = 0
    }
  }
  if (runStart < width * height || counts.length === 0) counts.push(width * height - runStart)
  return { height, width, counts: counts.toArray() }
}

/** The byte mask of `rle`. Runs must add up to the frame, as the strict readers guarantee. */
export function decodeRle(rle: Rle): Mask {
  const { width, height, counts } = rle
  const bits = new Uint8Array(width * height)
  let at = 0
  for (let i = 0; i < counts.length; i++) {
    const end = at + counts[i]!
    if (i % 2 === 1) fillColumns(bits, width, height, at, end)
    at = end
  }
  return { width, height, bits }
}

/** Number of pixels in the mask. */
export function rleArea(rle: Rle): number {
  let area = 0
  for (let i = 1; i < rle.counts.length; i += 2) area += rle.counts[i]!
  return area
}

/**
 * Tight box `[x, y, width, height]` in whole pixels; all 0 for an empty mask. A run that goes over the end of a column
 * covers all rows there, so the box spans the whole height (the reference's rule, and the truth for a run of two columns or more).
 */
export function rleBox(rle: Rle): readonly [x: number, y: number, width: number, height: number] {
  const { height, counts } = rle
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1]
  let at = 0
  for (let i = 0; i < counts.length; i++) {
    const first = at
    at += counts[i]!
    if (i % 2 === 0 || at === first) continue
    const firstColumn = Math.floor(first / height)
    const lastColumn = Math.floor((at - 1) / height)
    left = Math.min(left, firstColumn)
    right = Math.max(right, lastColumn)
    const wraps = lastColumn > firstColumn
    top = Math.min(top, wraps ? 0 : first - firstColumn * height)
    bottom = Math.max(bottom, wraps ? height - 1 : at - 1 - lastColumn * height)
  }
  return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1]
}

/** Sets the pixels `from <= index < to` of the column-major order in row-major `bits`. */
function fillColumns(bits: Uint8Array, width: number, height: number, from: number, to: number) {
  let x = Math.floor(from / height)
  let y = from - x * height
  let left = to - from
  while (left > 0) {
    const end = Math.min(height, y + left)
    left -= end - y
    for (let at = y * width + x; y < end; y++, at += width) bits[at] = 1
    x++
    y = 0
  }
}

/** A growing list of runs without boxed numbers. */
export class RunList {
  #runs = new Uint32Array(64)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(run: number): void {
    if (this.#length === this.#runs.length) {
      const grown = new Uint32Array(2 * this.#length)
      grown.set(this.#runs)
      this.#runs = grown
    }
    this.#runs[this.#length++] = run
  }

  toArray(): Uint32Array {
    return this.#runs.slice(0, this.#length)
  }
}
