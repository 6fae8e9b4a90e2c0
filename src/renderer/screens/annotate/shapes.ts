import type { ApiPatch, Input } from '../../../shared/api'
import { emptyMask, type Mask } from '../../../shared/vision/mask'
import { maskBounds } from '../../../shared/vision/mask-bounds'
import { polygonsToRle } from '../../../shared/vision/polygon'
import { decodeRle, encodeMask, rleArea } from '../../../shared/vision/rle'
import { rleFromText, rleToText } from '../../../shared/vision/rle-text'
import { ellipseMask } from '../../canvas/brush'
import type { Rect, Size } from '../../canvas/view'

/** A patch as it is edited: what its handles move. All in pixels of the picture. */
export type EditShape =
  | { readonly kind: 'rectangle'; readonly box: Rect }
  | { readonly kind: 'circle'; readonly box: Rect }
  /** Corners x, y, x, y, … of each part. */
  | { readonly kind: 'polygon'; readonly box: Rect; readonly parts: readonly (readonly number[])[] }
  | { readonly kind: 'mask'; readonly box: Rect; readonly mask: Mask }

export type BoxXywh = ApiPatch['box']
type Drawing = Pick<Input<'patches.draw'>, 'box' | 'shape' | 'drawnAs'>

export function rectOf([x, y, width, height]: BoxXywh): Rect {
  return { left: x, top: y, right: x + width, bottom: y + height }
}

export function xywhOf({ left, top, right, bottom }: Rect): BoxXywh {
  return [left, top, right - left, bottom - top]
}

/** How a stored patch can be edited: what was drawn with handles keeps them, a mask that fills its box gets them. */
export function editShapeOf(patch: Pick<ApiPatch, 'box' | 'shape' | 'drawnAs'>): EditShape {
  const box = rectOf(patch.box)
  const { shape, drawnAs } = patch
  if (drawnAs?.kind === 'circle') return { kind: 'circle', box }
  if (shape?.polygons && shape.polygons.length > 0)
    return { kind: 'polygon', box, parts: shape.polygons }
  if (!shape?.mask) return { kind: 'rectangle', box }
  const { width, height, text } = shape.mask
  const rle = rleFromText(text, { width, height })
  const isWhole = rleArea(rle) === Math.round(patch.box[2]) * Math.round(patch.box[3])
  return isWhole ? { kind: 'rectangle', box } : { kind: 'mask', box, mask: decodeRle(rle) }
}

/** Its pixels, in a frame of the size of the picture. */
export function pixelsOf(shape: EditShape, frame: Size): Mask {
  switch (shape.kind) {
    case 'rectangle':
      return rectangleMask(shape.box, frame)
    case 'circle':
      return ellipseMask(xywhOf(shape.box), frame)
    case 'polygon':
      return decodeRle(polygonsToRle(shape.parts, frame))
    case 'mask':
      return shape.mask
  }
}

/** As the API takes it. Rectangles are their box alone; null for a mask without pixels. */
export function drawingOf(shape: EditShape, frame: Size): Drawing | null {
  switch (shape.kind) {
    case 'rectangle':
      return { box: xywhOf(shape.box), drawnAs: { kind: 'rectangle' } }
    case 'circle':
      return {
        box: xywhOf(shape.box),
        shape: { mask: rleTextOf(pixelsOf(shape, frame)) },
        drawnAs: { kind: 'circle' },
      }
    case 'polygon':
      return {
        box: xywhOf(shape.box),
        shape: { polygons: shape.parts.map((points) => [...points]) },
        drawnAs: { kind: 'polygon' },
      }
    case 'mask': {
      const bounds = maskBounds(shape.mask)
      if (!bounds) return null
      const [x1, y1, x2, y2] = bounds
      return {
        box: [x1, y1, x2 - x1, y2 - y1],
        shape: { mask: rleTextOf(shape.mask) },
        drawnAs: { kind: 'brush' },
      }
    }
  }
}

/** The same shape in another box: moved, and, but for masks, stretched. */
export function withBox(shape: EditShape, box: Rect): EditShape {
  switch (shape.kind) {
    case 'rectangle':
    case 'circle':
      return { ...shape, box }
    case 'polygon':
      return { ...shape, box, parts: shape.parts.map((points) => stretch(points, shape.box, box)) }
    case 'mask':
      return {
        ...shape,
        box,
        mask: shiftMask(
          shape.mask,
          Math.round(box.left - shape.box.left),
          Math.round(box.top - shape.box.top),
        ),
      }
  }
}

export function canResize(shape: EditShape): boolean {
  return shape.kind !== 'mask'
}

/** A polygon with one corner elsewhere, its box anew. */
export function withCorner(
  shape: EditShape & { kind: 'polygon' },
  part: number,
  corner: number,
  x: number,
  y: number,
): EditShape {
  const parts = shape.parts.map((points, index) =>
    index === part
      ? points.map((value, i) => (i === 2 * corner ? x : i === 2 * corner + 1 ? y : value))
      : points,
  )
  return polygonOf(parts)
}

export function polygonOf(parts: readonly (readonly number[])[]): EditShape {
  const all = parts.flat()
  const xs = all.filter((_, i) => i % 2 === 0)
  const ys = all.filter((_, i) => i % 2 === 1)
  const box = {
    left: Math.min(...xs),
    top: Math.min(...ys),
    right: Math.max(...xs),
    bottom: Math.max(...ys),
  }
  return { kind: 'polygon', parts, box }
}

/** A mask moved by whole pixels; what leaves the picture is lost. */
export function shiftMask(mask: Mask, dx: number, dy: number): Mask {
  const { width, height, bits } = mask
  const moved = emptyMask(width, height)
  const fromX = Math.max(0, -dx)
  const toX = Math.min(width, width - dx)
  if (fromX >= toX) return moved
  for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
    moved.bits.set(bits.subarray(y * width + fromX, y * width + toX), (y + dy) * width + fromX + dx)
  }
  return moved
}

export function rleTextOf(mask: Mask): { width: number; height: number; text: string } {
  const { width, height } = mask
  return { width, height, text: rleToText(encodeMask(mask)) }
}

function rectangleMask({ left, top, right, bottom }: Rect, frame: Size): Mask {
  const mask = emptyMask(frame.width, frame.height)
  const [fromX, toX] = [Math.max(0, Math.round(left)), Math.min(frame.width, Math.round(right))]
  for (let y = Math.max(0, Math.round(top)); y < Math.min(frame.height, Math.round(bottom)); y++) {
    if (fromX < toX) mask.bits.fill(1, y * frame.width + fromX, y * frame.width + toX)
  }
  return mask
}

function stretch(points: readonly number[], from: Rect, to: Rect): number[] {
  const scaleX = (to.right - to.left) / Math.max(1e-9, from.right - from.left)
  const scaleY = (to.bottom - to.top) / Math.max(1e-9, from.bottom - from.top)
  return points.map((value, i) =>
    i % 2 === 0 ? to.left + scaleX * (value - from.left) : to.top + scaleY * (value - from.top),
  )
}
