import { type Rle, rleBox, RunList } from '../../shared/vision/rle'
import type { FrameSize } from '../../shared/vision/rle-text'

/** Part of a mask: `bits` has `width * height` bytes, row-major, each 0 or 1; (left, top) in pixels of the picture. */
export interface MaskCrop {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly bits: Uint8Array
}

/** Whether the crop lies in the frame. */
export function isInside(
  { left, top, width, height }: Omit<MaskCrop, 'bits'>,
  frame: FrameSize,
): boolean {
  const whole = [left, top, width, height].every((value) => Number.isSafeInteger(value))
  if (!whole || left < 0 || top < 0 || width < 0 || height < 0) return false
  return left + width <= frame.width && top + height <= frame.height
}

/** The mask of the whole frame, of which `crop` holds all that is set. Time grows with the crop. It must lie inside. */
export function cropToRle(crop: MaskCrop, frame: FrameSize): Rle {
  const { left, top, width, height, bits } = crop
  const runs = new RunList()
  let previous = 0
  let runStart = 0
  for (let x = 0; x < width; x++) {
    const column = (left + x) * frame.height + top
    for (let y = 0; y < height; y++) {
      const bit = bits[y * width + x]!
      if (bit === previous) continue
      runs.push(column + y - runStart)
      runStart = column + y
      previous = bit
    }
    // Only a crop as high as the frame lets a run go on in the next column.
    if (previous === 1 && (height < frame.height || x === width - 1)) {
      runs.push(column + height - runStart)
      runStart = column + height
      previous = 0
    }
  }
  const pixels = frame.width * frame.height
  if (runStart < pixels || runs.length === 0) runs.push(pixels - runStart)
  return { height: frame.height, width: frame.width, counts: runs.toArray() }
}

/** The pixels of `rle` in a box of whole pixels inside its frame; by default its tight box. What lies outside is dropped. */
export function rleToCrop(rle: Rle, box: readonly number[] = rleBox(rle)): MaskCrop {
  const [left = 0, top = 0, width = 0, height = 0] = box
  const bits = new Uint8Array(width * height)
  let at = 0
  for (let i = 0; i < rle.counts.length; i++) {
    const end = at + rle.counts[i]!
    if (i % 2 === 1) setRun({ left, top, width, height, bits }, rle.height, at, end)
    at = end
  }
  return { left, top, width, height, bits }
}

/** Sets the pixels `from <= index < to` of the column-major order of the frame. */
function setRun(crop: MaskCrop, frameHeight: number, from: number, to: number): void {
  const { left, top, width, height, bits } = crop
  const firstColumn = Math.max(left, Math.floor(from / frameHeight))
  const lastColumn = Math.min(left + width - 1, Math.floor((to - 1) / frameHeight))
  for (let x = firstColumn; x <= lastColumn; x++) {
    const column = x * frameHeight
    const first = Math.max(0, from - column - top)
    const end = Math.min(height, to - column - top)
    for (let y = first; y < end; y++) bits[y * width + x - left] = 1
  }
}
