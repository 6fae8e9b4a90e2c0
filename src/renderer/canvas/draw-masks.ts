import type { Mask } from '../../shared/vision/mask'
import { maskBounds } from '../../shared/vision/mask-bounds'
import { CASING, dataColours, pixelOf } from './line-styles'
import { maskPattern, type MaskLook } from './mask-patterns'
import { blend, type Raster } from './raster'
import type { View } from './view'

/** A mask ready to be drawn again and again: the part of it that holds its pixels. */
export interface MaskMark {
  /** In pixel edges of the picture. */
  readonly bounds: readonly [x1: number, y1: number, x2: number, y2: number]
  /** Row-major bytes of `bounds`, 1 where the mask is set. */
  readonly bits: Uint8Array
  readonly look: MaskLook
  readonly opacity: number
}

/** Null for an empty mask: there is nothing to draw. */
export function maskMark(mask: Mask, look: MaskLook, opacity = 1): MaskMark | null {
  const bounds = maskBounds(mask)
  return bounds && { bounds, bits: cropBits(mask, bounds), look, opacity }
}

function cropBits({ width, bits }: Mask, [x1, y1, x2, y2]: MaskMark['bounds']): Uint8Array {
  const cropped = new Uint8Array((x2 - x1) * (y2 - y1))
  for (let y = y1; y < y2; y++) {
    cropped.set(bits.subarray(y * width + x1, y * width + x2), (y - y1) * (x2 - x1))
  }
  return cropped
}

/** Whether the pixel of the picture at (x, y) is in the mask. */
export function isInMask(
  { bounds: [x1, y1, x2, y2], bits }: MaskMark,
  x: number,
  y: number,
): boolean {
  return x >= x1 && x < x2 && y >= y1 && y < y2 && bits[(y - y1) * (x2 - x1) + (x - x1)] === 1
}

const OUTLINE_WIDTH = 2
const DASH = { length: 9, drawn: 5 }

/**
 * Draws the mask in the part of the raster that it covers: its pattern, which moves with the picture but does not grow with
 * it, and, for all but raw masks and maps, an outline with casing. `view` is in screen pixels.
 */
export function drawMask(raster: Raster, mark: MaskMark, view: View, pixelRatio: number): void {
  const isOutlined = mark.look !== 'raw' && mark.look !== 'uncertified'
  const line = isOutlined ? Math.max(1, Math.round(OUTLINE_WIDTH * pixelRatio)) : 0
  const casing = isOutlined ? Math.max(1, Math.round(pixelRatio)) : 0
  // The outline looks `line` pixels to each side, so the window of the mask is that much wider than what is drawn.
  const rim = Math.max(line, casing)
  const window = maskWindow(raster, mark, view, rim)
  if (!window) return
  const { left, top, width, height, inside } = window
  const { period, pixels } = maskPattern(mark.look, pixelRatio, mark.opacity)
  const lineColour = mark.look === 'raw' ? dataColours.raw : dataColours.completed
  const linePixel = pixelOf(lineColour, Math.max(0.35, mark.opacity))
  const casingPixel = pixelOf(CASING.colour, CASING.opacity * mark.opacity)
  const isDashed = mark.look === 'proposal' || mark.look === 'offered'
  const dashPeriod = Math.round(DASH.length * pixelRatio)
  const dashDrawn = Math.round(DASH.drawn * pixelRatio)
  const [originX, originY] = [Math.round(view.x), Math.round(view.y)]
  const target = raster.pixels
  const fromX = Math.max(rim, raster.clipFrom - left)
  const toX = Math.min(width - rim, raster.clipTo - left)
  for (let y = rim; y < height - rim; y++) {
    const row = y * width
    const out = (top + y) * raster.width + left
    const patternRow = modulo(top + y - originY, period) * period
    let column = modulo(left + fromX - originX, period)
    for (let x = fromX; x < toX; x++) {
      const at = row + x
      if (inside[at] === 1) {
        const isLine =
          line > 0 &&
          (inside[at - line] === 0 ||
            inside[at + line] === 0 ||
            inside[at - line * width] === 0 ||
            inside[at + line * width] === 0)
        if (!isLine) {
          const under = target[out + x]!
          const pixel = pixels[patternRow + column]!
          target[out + x] = under === 0 ? pixel : blend(pixel, under)
        } else if (isDashed && modulo(left + x + top + y, dashPeriod) >= dashDrawn) {
          target[out + x] = casingPixel
        } else target[out + x] = linePixel
      } else if (
        casing > 0 &&
        (inside[at - casing] === 1 ||
          inside[at + casing] === 1 ||
          inside[at - casing * width] === 1 ||
          inside[at + casing * width] === 1)
      ) {
        target[out + x] = casingPixel
      }
      if (++column === period) column = 0
    }
  }
}

interface MaskWindow {
  /** Place of the window in the raster; it may begin outside, then by no more than the rim. */
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** 1 where the middle of a screen pixel lies in the mask. */
  readonly inside: Uint8Array
}

/** The mask as the screen's pixels see it, in the part of the raster that it can touch, with a rim around it. */
function maskWindow(
  raster: Raster,
  { bits, bounds }: MaskMark,
  view: View,
  rim: number,
): MaskWindow | null {
  const [x1, y1, x2, y2] = bounds
  const left = Math.max(0, Math.floor(view.x + view.scale * x1) - rim) - rim
  const top = Math.max(raster.clipTop, Math.floor(view.y + view.scale * y1) - rim) - rim
  const right = Math.min(raster.width, Math.ceil(view.x + view.scale * x2) + rim) + rim
  const bottom = Math.min(raster.clipBottom, Math.ceil(view.y + view.scale * y2) + rim) + rim
  const [width, height] = [right - left, bottom - top]
  if (width <= 2 * rim || height <= 2 * rim) return null
  const inside = new Uint8Array(width * height)
  const columns = new Int32Array(width)
  for (let x = 0; x < width; x++) columns[x] = Math.floor((left + x + 0.5 - view.x) / view.scale)
  const firstX = firstIndex(columns, (column) => column >= x1)
  const endX = firstIndex(columns, (column) => column >= x2)
  for (let y = 0; y < height; y++) {
    const maskY = Math.floor((top + y + 0.5 - view.y) / view.scale)
    if (maskY < y1 || maskY >= y2) continue
    const from = (maskY - y1) * (x2 - x1) - x1
    const to = y * width
    for (let x = firstX; x < endX; x++) inside[to + x] = bits[from + columns[x]!]!
  }
  return { left, top, width, height, inside }
}

function firstIndex(values: Int32Array, holds: (value: number) => boolean): number {
  const index = values.findIndex(holds)
  return index < 0 ? values.length : index
}

function modulo(value: number, period: number): number {
  return ((value % period) + period) % period
}
