import type { Mask } from '../../shared/vision/mask'
import type { Point } from './view'

/**
 * Sets (brush) or clears (eraser) the pixels whose middle lies within `radius` of the stroke from `from` to `to`, in pixels of
 * the picture. The mask changes in place: a stroke is many such steps, and a mask of a large picture is not copied for each.
 */
export function paintStroke(
  mask: Mask,
  from: Point,
  to: Point,
  radius: number,
  value: 0 | 1,
): void {
  const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - radius))
  const right = Math.min(mask.width, Math.ceil(Math.max(from.x, to.x) + radius))
  const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - radius))
  const bottom = Math.min(mask.height, Math.ceil(Math.max(from.y, to.y) + radius))
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const length2 = dx * dx + dy * dy
  for (let y = top; y < bottom; y++) {
    const row = y * mask.width
    const py = y + 0.5 - from.y
    for (let x = left; x < right; x++) {
      const px = x + 0.5 - from.x
      const along = length2 === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length2))
      const [offX, offY] = [px - along * dx, py - along * dy]
      if (offX * offX + offY * offY <= radius * radius) mask.bits[row + x] = value
    }
  }
}

/** Pixels whose middle lies in the ellipse that touches the edges of `[x, y, width, height]`. */
export function ellipseMask(
  [x, y, width, height]: readonly [number, number, number, number],
  frame: { readonly width: number; readonly height: number },
): Mask {
  const bits = new Uint8Array(frame.width * frame.height)
  const [centreX, centreY] = [x + width / 2, y + height / 2]
  const top = Math.max(0, Math.floor(y))
  const bottom = Math.min(frame.height, Math.ceil(y + height))
  for (let row = top; row < bottom; row++) {
    const offY = (row + 0.5 - centreY) / (height / 2)
    const half = 1 - offY * offY
    if (half < 0) continue
    const reach = (width / 2) * Math.sqrt(half)
    const from = Math.max(0, Math.ceil(centreX - reach - 0.5))
    const to = Math.min(frame.width, Math.floor(centreX + reach - 0.5) + 1)
    if (from < to) bits.fill(1, row * frame.width + from, row * frame.width + to)
  }
  return { ...frame, bits }
}
