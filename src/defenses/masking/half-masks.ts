import type { RgbImage } from '../../shared/vision'

/**
 * A mask that hides everything on one side of a straight line: rows `< line` (top), rows `>= line` (bottom), columns
 * `< line` (left) or columns `>= line` (right).
 */
export interface HalfMask {
  readonly side: 'top' | 'bottom' | 'left' | 'right'
  readonly line: number
}

/**
 * The masks of ObjectSeeker for a frame of `width` x `height` pixels: both sides of at most `lines` rows and at most
 * `lines` columns at even distances. Rounding the distance up can leave fewer lines; a frame of one pixel has none.
 */
export function halfMasks(width: number, height: number, lines: number): HalfMask[] {
  const rows = evenLines(height, lines)
  const columns = evenLines(width, lines)
  return [
    ...rows.flatMap((line): HalfMask[] => [
      { side: 'top', line },
      { side: 'bottom', line },
    ]),
    ...columns.flatMap((line): HalfMask[] => [
      { side: 'left', line },
      { side: 'right', line },
    ]),
  ]
}

function evenLines(length: number, lines: number): number[] {
  const step = Math.ceil(length / (lines + 1))
  const places: number[] = []
  for (let line = step; line < length; line += step) places.push(line)
  return places
}

/** A copy of `image` with the hidden pixels at `grey` (0..255) in every channel: nothing of them is left. */
export function hideHalf(image: RgbImage, { side, line }: HalfMask, grey: number): RgbImage {
  const { width, height } = image
  const data = image.data.slice()
  const stride = 3 * width
  if (side === 'top') data.fill(grey, 0, line * stride)
  else if (side === 'bottom') data.fill(grey, line * stride)
  else {
    const [from, to] = side === 'left' ? [0, 3 * line] : [3 * line, stride]
    for (let row = 0; row < height; row++) data.fill(grey, row * stride + from, row * stride + to)
  }
  return { data, width, height }
}
