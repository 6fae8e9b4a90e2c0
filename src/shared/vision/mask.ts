/** A set of pixels: `bits` has `width * height` bytes, row-major, each 0 or 1 (1 = in the mask). */
export interface Mask {
  readonly width: number
  readonly height: number
  readonly bits: Uint8Array
}

export function assertMask(mask: Mask): void {
  const expected = mask.width * mask.height
  if (mask.bits.length !== expected) {
    throw new RangeError(
      `a mask of ${mask.width}x${mask.height} has ${expected} bytes, not ${mask.bits.length}`,
    )
  }
}

export function emptyMask(width: number, height: number): Mask {
  return { width, height, bits: new Uint8Array(width * height) }
}

/** Number of pixels in the mask. */
export function maskArea(mask: Mask): number {
  let area = 0
  // By index: iterating a typed array takes ten times as long.
  for (let i = 0; i < mask.bits.length; i++) area += mask.bits[i]!
  return area
}
