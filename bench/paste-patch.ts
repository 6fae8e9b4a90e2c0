import { emptyMask, type Mask, type RgbImage } from '../src/shared/vision'

/** A patch with an outline: RGBA bytes, HWC. */
export interface PatchPicture {
  readonly name: string
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

export interface Placement {
  /** Centre, in pixels of the photograph. */
  readonly x: number
  readonly y: number
  /** Longer side, in pixels of the photograph. */
  readonly size: number
  /** Radians. */
  readonly angle: number
}

/**
 * Pastes a patch digitally: turned, scaled with bilinear sampling (averaged where it shrinks), alpha at one half is the
 * outline. Returns the changed photograph and the true mask.
 */
export function pastePatch(
  image: RgbImage,
  patch: PatchPicture,
  placement: Placement,
): { image: RgbImage; truth: Mask } {
  const { x, y, size, angle } = placement
  const scale = Math.max(patch.width, patch.height) / size
  const data = image.data.slice()
  const truth = emptyMask(image.width, image.height)
  const reach = size * Math.SQRT1_2 + 1
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  // Shrinking by a factor takes that many samples along each side, so that fine detail averages as it does in a camera.
  const samples = Math.max(1, Math.ceil(scale))
  const pixel = new Float64Array(4)
  for (
    let row = Math.max(0, Math.floor(y - reach));
    row < Math.min(image.height, y + reach);
    row++
  ) {
    for (
      let column = Math.max(0, Math.floor(x - reach));
      column < Math.min(image.width, x + reach);
      column++
    ) {
      let [red, green, blue, alpha] = [0, 0, 0, 0]
      for (let k = 0; k < samples * samples; k++) {
        const dx = column + ((k % samples) + 0.5) / samples - x
        const dy = row + (Math.floor(k / samples) + 0.5) / samples - y
        const u = (dx * cos + dy * sin) * scale + patch.width / 2
        const v = (dy * cos - dx * sin) * scale + patch.height / 2
        sample(patch, u, v, pixel)
        red += pixel[0]! * pixel[3]!
        green += pixel[1]! * pixel[3]!
        blue += pixel[2]! * pixel[3]!
        alpha += pixel[3]!
      }
      if (alpha < 0.5 * samples * samples) continue
      const at = row * image.width + column
      truth.bits[at] = 1
      data[3 * at] = Math.round(red / alpha)
      data[3 * at + 1] = Math.round(green / alpha)
      data[3 * at + 2] = Math.round(blue / alpha)
    }
  }
  return { image: { ...image, data }, truth }
}

/** Colour 0..255 and alpha 0..1 at a point in patch pixels; alpha 0 outside. */
function sample(patch: PatchPicture, u: number, v: number, out: Float64Array): void {
  out.fill(0)
  if (u < 0 || v < 0 || u > patch.width || v > patch.height) return
  const x = Math.min(Math.max(u - 0.5, 0), patch.width - 1)
  const y = Math.min(Math.max(v - 0.5, 0), patch.height - 1)
  const [x0, y0] = [Math.floor(x), Math.floor(y)]
  const [x1, y1] = [Math.min(x0 + 1, patch.width - 1), Math.min(y0 + 1, patch.height - 1)]
  const [fx, fy] = [x - x0, y - y0]
  for (let channel = 0; channel < 4; channel++) {
    const value = (row: number, column: number): number =>
      patch.data[4 * (row * patch.width + column) + channel]!
    const top = value(y0, x0) * (1 - fx) + value(y0, x1) * fx
    const bottom = value(y1, x0) * (1 - fx) + value(y1, x1) * fx
    out[channel] = top * (1 - fy) + bottom * fy
  }
  out[3]! /= 255
}
