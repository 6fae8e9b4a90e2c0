import type { RgbImage } from '../../shared/vision/image'
import type { Raster } from './decode-image-sharp'

/** A raster as RGB bytes, and what had to be given up for it. */
export interface RgbRaster {
  readonly image: RgbImage
  readonly alphaDropped: boolean
}

/**
 * Any raster as RGB bytes: 16 bits are rounded to `v / 257`, grey is replicated, alpha is composited on black with rounding.
 * A three-channel raster of bytes is passed on without a copy.
 */
export function toRgb(raster: Raster): RgbRaster {
  const { width, height, channels } = raster
  const data = raster.data instanceof Uint16Array ? reduceDepth(raster.data) : raster.data
  if (channels === 3) return { image: { data, width, height }, alphaDropped: false }
  const rgb = new Uint8Array(3 * width * height)
  const grey = channels < 3
  const hasAlpha = channels % 2 === 0
  let alphaDropped = false
  for (let from = 0, to = 0; to < rgb.length; from += channels, to += 3) {
    const alpha = hasAlpha ? data[from + channels - 1]! : 255
    if (alpha !== 255) alphaDropped = true
    rgb[to] = scale(data[from]!, alpha)
    rgb[to + 1] = scale(data[grey ? from : from + 1]!, alpha)
    rgb[to + 2] = scale(data[grey ? from : from + 2]!, alpha)
  }
  return { image: { data: rgb, width, height }, alphaDropped }
}

/** `round(value * alpha / 255)` without a division. */
function scale(value: number, alpha: number): number {
  const product = value * alpha + 128
  return (product + (product >> 8)) >> 8
}

/** `round(v / 257)` for every value, without a division: exact for all of 0..65535. */
function reduceDepth(values: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(values.length)
  for (let i = 0; i < values.length; i++) bytes[i] = (values[i]! * 255 + 32_895) >>> 16
  return bytes
}

/**
 * The picture as it is meant to be seen, from the raster as stored and its EXIF orientation 1..8 (EXIF 2.32, 4.6.4 A).
 * Returns `image` itself for 1.
 */
export function applyOrientation(image: RgbImage, orientation: number): RgbImage {
  if (orientation === 1) return image
  const { width, height } = image
  const turned = orientation >= 5
  const mirroredX = [2, 3, 7, 8].includes(orientation)
  const mirroredY = [3, 4, 6, 7].includes(orientation)
  // Walking the source along (x, y) walks the target along these two steps, in pixels.
  const outWidth = turned ? height : width
  const outHeight = turned ? width : height
  // Orientations 5..8 exchange x and y first; what mirrors the stored rows then mirrors the shown columns.
  const targetX = (x: number, y: number) =>
    flip(turned ? y : x, outWidth, turned ? mirroredY : mirroredX)
  const targetY = (x: number, y: number) =>
    flip(turned ? x : y, outHeight, turned ? mirroredX : mirroredY)
  const at = (x: number, y: number) => targetY(x, y) * outWidth + targetX(x, y)
  const origin = at(0, 0)
  const stepX = width > 1 ? at(1, 0) - origin : 0
  const stepY = height > 1 ? at(0, 1) - origin : 0
  return { data: permute(image, origin, stepX, stepY), width: outWidth, height: outHeight }
}

const flip = (at: number, length: number, mirrored: boolean) => (mirrored ? length - 1 - at : at)

/** Blocks keep both the rows read and the rows written in the cache: three times faster on 12 megapixels. */
function permute(image: RgbImage, origin: number, stepX: number, stepY: number): Uint8Array {
  const { data, width, height } = image
  const out = new Uint8Array(data.length)
  const block = 32
  for (let top = 0; top < height; top += block) {
    const bottom = Math.min(top + block, height)
    for (let left = 0; left < width; left += block) {
      const right = Math.min(left + block, width)
      for (let y = top; y < bottom; y++) {
        let from = 3 * (y * width + left)
        let to = 3 * (origin + y * stepY + left * stepX)
        for (let x = left; x < right; x++, from += 3, to += 3 * stepX) {
          out[to] = data[from]!
          out[to + 1] = data[from + 1]!
          out[to + 2] = data[from + 2]!
        }
      }
    }
  }
  return out
}
