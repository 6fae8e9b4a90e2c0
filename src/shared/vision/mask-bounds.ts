import type { Mask } from './mask'

/**
 * Smallest `[x1, y1, x2, y2]` in pixel edges around the set pixels, or null for an empty mask. Reads little more than the
 * rows above and below and the margins, so that work on a small patch in a large picture can keep to the patch.
 */
export function maskBounds(
  mask: Mask,
): readonly [x1: number, y1: number, x2: number, y2: number] | null {
  const { width, bits } = mask
  const firstBit = bits.indexOf(1)
  if (firstBit < 0) return null
  const top = Math.floor(firstBit / width)
  const bottom = Math.floor(bits.lastIndexOf(1) / width)
  let [left, right] = [width, -1]
  for (let y = top; y <= bottom; y++) {
    const row = y * width
    for (let x = 0; x < left; x++) if (bits[row + x] === 1) left = x
    for (let x = width - 1; x > right; x--) if (bits[row + x] === 1) right = x
  }
  return [left, top, right + 1, bottom + 1]
}
