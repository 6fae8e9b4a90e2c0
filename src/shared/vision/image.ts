/** An upright photograph: `data` holds `3 * height * width` bytes, HWC interleaved, RGB, 0..255. */
export interface RgbImage {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

export function assertRgbImage(image: RgbImage): void {
  const expected = 3 * image.width * image.height
  if (image.data.length !== expected) {
    throw new RangeError(
      `an RGB image of ${String(image.width)}x${String(image.height)} has ${String(expected)} bytes, not ${String(image.data.length)}`,
    )
  }
}
