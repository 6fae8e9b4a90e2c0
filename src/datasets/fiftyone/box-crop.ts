import type { BoxXywh } from '../../shared/dataset'
import type { Mask, Rle } from '../../shared/vision'
import { cropToRle, rleToCrop } from '../reading/mask-crops'
import { resizeMask } from '../../shared/vision/resize-mask'

interface Frame {
  readonly width: number
  readonly height: number
}

/** Pixels `[left, top, width, height]` of a picture. */
export type PixelBox = readonly [left: number, top: number, width: number, height: number]

/** Fractions of the size come back a little off: an edge in the middle of a pixel must not jump to the next one. */
const rounding = 1e-6

/** The whole pixels that the mask of a box covers: edges rounded, cut to the picture. Width or height may be 0. */
function pixelsOfBox([x, y, width, height]: BoxXywh, frame: Frame): PixelBox {
  const edge = (value: number, end: number) =>
    Math.min(end, Math.max(0, Math.round(value - rounding)))
  const [left, top] = [edge(x, frame.width), edge(y, frame.height)]
  return [left, top, edge(x + width, frame.width) - left, edge(y + height, frame.height) - top]
}

/** The mask of the whole picture, from the mask of a box; of another size, it is stretched to the box. */
export function maskFromBox(mask: Mask, box: BoxXywh, frame: Frame): Rle {
  const [left, top, width, height] = pixelsOfBox(box, frame)
  const { bits } = resizeMask(mask, width, height)
  return cropToRle({ left, top, width, height, bits }, frame)
}

/** The part of a mask in a box; null if the box has no pixel. */
export function maskInBox(mask: Rle, box: BoxXywh): Mask | null {
  const pixels = pixelsOfBox(box, mask)
  const { width, height, bits } = rleToCrop(mask, pixels)
  return width * height === 0 ? null : { width, height, bits }
}
