import { AppError } from '../../shared/errors'
import type { Frame } from './hidden-margins'
import { type PatchSize, squarePatch } from './patch-places'

/**
 * A patch as people write it: `2%` of the area of the frame (a square, its side rounded down to whole pixels, one at least),
 * `64` (pixels, a square) or `64x32` (width x height).
 * @throws AppError E_PATCH_SIZE
 */
export function parsePatchSize(text: string, frame: Frame): PatchSize {
  const share = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())
  const pixels = /^(\d+)(?:\s*[x×]\s*(\d+))?$/.exec(text.trim())
  if (share === null && pixels === null) throw patchSizeUnknown(text)
  const percent = Number(share?.[1])
  if (share !== null && !(percent > 0 && percent <= 100)) throw patchSizeUnknown(text)
  const size =
    share === null
      ? { width: Number(pixels?.[1]), height: Number(pixels?.[2] ?? pixels?.[1]) }
      : atLeastOnePixel(squarePatch(frame, percent / 100))
  assertPatch(size)
  return size
}

/** A share of a small box is a patch too: more is asked for than was said, so that what is certified is. */
const atLeastOnePixel = ({ width, height }: PatchSize): PatchSize => ({
  width: Math.max(1, width),
  height: Math.max(1, height),
})

/** @throws AppError E_PATCH_SIZE unless the sides are whole pixels, one or more */
export function assertPatch({ width, height }: PatchSize): void {
  if (Number.isInteger(width) && Number.isInteger(height) && width >= 1 && height >= 1) return
  throw new AppError(
    'E_PATCH_SIZE',
    `a patch of ${width}x${height} pixels cannot be certified`,
    'Ask about a patch whose sides are whole pixels, one or more.',
  )
}

const patchSizeUnknown = (text: string) =>
  new AppError(
    'E_PATCH_SIZE',
    `"${text}" is not the size of a patch`,
    'Write a share of the picture (2%), a side in pixels (64) or both sides (64x32).',
  )
