import { emptyMask, maskArea, maskBounds, type Mask } from '../../shared/vision'

/** Where no listed side fits a part at least so well, the part's own size is taken. */
const LEAST_IOU = 0.35

/**
 * The square or circle around the middle of a part that overlaps it best, of one of these sides (in pixels; a circle's side
 * is its diameter). `sides` of one: that side, whatever the overlap.
 */
export function fitShape(
  part: Mask,
  shape: 'square' | 'circle',
  sides: readonly number[],
): { readonly mask: Mask; readonly side: number } {
  const [x1, y1, x2, y2] = maskBounds(part) ?? [0, 0, part.width, part.height]
  const middle = [(x1 + x2) / 2, (y1 + y2) / 2] as const
  const area = maskArea(part)
  const tried = [...new Set(sides.map((side) => Math.max(1, Math.round(side))))].map((side) => {
    const mask = draw(part, shape, middle, side)
    const shared = sharedPixels(part, mask)
    return { mask, side, iou: shared / (maskArea(mask) + area - shared) }
  })
  const best = tried.reduce((a, b) => (b.iou > a.iou ? b : a))
  if (sides.length === 1 || best.iou >= LEAST_IOU) return best
  const side = Math.max(x2 - x1, y2 - y1)
  return { side, mask: draw(part, shape, middle, side) }
}

function draw(
  { width, height }: Mask,
  shape: 'square' | 'circle',
  [x, y]: readonly [number, number],
  side: number,
): Mask {
  const mask = emptyMask(width, height)
  const [left, top] = [Math.round(x - side / 2), Math.round(y - side / 2)]
  const radius = side / 2
  for (let row = Math.max(0, top); row < Math.min(height, top + side); row++) {
    for (let column = Math.max(0, left); column < Math.min(width, left + side); column++) {
      const [dx, dy] = [column + 0.5 - left - radius, row + 0.5 - top - radius]
      if (shape === 'circle' && dx * dx + dy * dy > radius * radius) continue
      mask.bits[row * width + column] = 1
    }
  }
  return mask
}

function sharedPixels(a: Mask, b: Mask): number {
  let count = 0
  for (let i = 0; i < a.bits.length; i++) count += a.bits[i]! & b.bits[i]!
  return count
}
