import type { RgbImage } from '../../shared/vision/image'

const side = 64

/** 64 x 64 grey values, 0…255, row-major. */
export type Thumbnail = Float32Array

/** Shrinks `width * height` grey values: each of the 64 x 64 cells takes the mean of the pixels in it. */
export function shrinkGrey(grey: Float32Array, width: number, height: number): Thumbnail {
  const small = new Float32Array(side * side)
  for (let row = 0; row < side; row++) {
    const [top, bottom] = cellRange(row, height)
    for (let column = 0; column < side; column++) {
      const [left, right] = cellRange(column, width)
      let sum = 0
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) sum += grey[y * width + x]!
      }
      small[row * side + column] = sum / ((bottom - top) * (right - left))
    }
  }
  return small
}

export function shrinkPicture({ data, width, height }: RgbImage): Thumbnail {
  const grey = new Float32Array(width * height)
  for (let i = 0; i < grey.length; i++) {
    grey[i] = (data[3 * i]! + data[3 * i + 1]! + data[3 * i + 2]!) / 3
  }
  return shrinkGrey(grey, width, height)
}

/** At least one pixel, so that pictures smaller than 64 are enlarged. */
function cellRange(cell: number, pixels: number): readonly [from: number, to: number] {
  const from = Math.min(pixels - 1, Math.floor((cell * pixels) / side))
  return [from, Math.max(from + 1, Math.floor(((cell + 1) * pixels) / side))]
}

const largestDifference = 3

/**
 * Which of `candidates` shows the same picture: the nearest by mean absolute difference, if that is below 3 of 255 and the
 * next is at least twice as far. Null if in doubt.
 */
export function bestMatch<T>(
  wanted: Thumbnail,
  candidates: Iterable<readonly [T, Thumbnail]>,
): T | null {
  let [best, second] = [Infinity, Infinity]
  let match: T | null = null
  for (const [candidate, thumbnail] of candidates) {
    const difference = meanDifference(wanted, thumbnail)
    if (difference < best) {
      second = best
      best = difference
      match = candidate
    } else second = Math.min(second, difference)
  }
  return best < largestDifference && second > best && second >= 2 * best ? match : null
}

function meanDifference(a: Thumbnail, b: Thumbnail): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!)
  return sum / a.length
}
