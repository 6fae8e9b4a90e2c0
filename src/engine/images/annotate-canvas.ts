import type { RgbImage } from '../../shared/vision/image'
import type { Colour } from './annotate-colours'

/** A picture that is drawn on in place: `data` holds `3 * width * height` bytes, HWC, RGB. */
export interface Canvas extends RgbImage {
  /** Drawing is limited to this rectangle, in whole pixels. */
  readonly clip: Rect
}

/** Whole pixels; `right` and `bottom` are outside. */
export interface Rect {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export function newCanvas(width: number, height: number, colour: Colour): Canvas {
  const canvas: Canvas = {
    data: new Uint8Array(3 * width * height),
    width,
    height,
    clip: { left: 0, top: 0, right: width, bottom: height },
  }
  fillRect(canvas, canvas.clip, colour)
  return canvas
}

/** The same pixels, drawn on only inside `clip`. */
export const clipped = (canvas: Canvas, clip: Rect): Canvas => ({
  ...canvas,
  clip: intersect(canvas.clip, clip),
})

export function intersect(a: Rect, b: Rect): Rect {
  return {
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  }
}

/** Lays `colour` over one pixel; `alpha` in 0..1. No check: callers stay inside the clip. */
export function blend(canvas: Canvas, x: number, y: number, colour: Colour, alpha: number): void {
  const at = 3 * (y * canvas.width + x)
  const { data } = canvas
  const rest = 1 - alpha
  data[at] = data[at]! * rest + colour[0] * alpha + 0.5
  data[at + 1] = data[at + 1]! * rest + colour[1] * alpha + 0.5
  data[at + 2] = data[at + 2]! * rest + colour[2] * alpha + 0.5
}

export function fillRect(canvas: Canvas, rect: Rect, colour: Colour, alpha = 1): void {
  const { left, top, right, bottom } = intersect(rect, canvas.clip)
  if (right <= left || bottom <= top) return
  if (alpha === 1) {
    // One row pixel by pixel, the others as copies of it.
    const { data, width } = canvas
    const first = 3 * (top * width + left)
    const end = first + 3 * (right - left)
    for (let at = first; at < end; at += 3) data.set(colour, at)
    for (let y = top + 1; y < bottom; y++) data.copyWithin(3 * (y * width + left), first, end)
    return
  }
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) blend(canvas, x, y, colour, alpha)
  }
}

/** A filled rectangle with round corners, smooth at the edge. */
export function fillRound(canvas: Canvas, rect: Rect, radius: number, colour: Colour): void {
  const { left, top, right, bottom } = intersect(rect, canvas.clip)
  for (let y = top; y < bottom; y++) {
    const fromY = Math.max(rect.top + radius - y - 0.5, y + 0.5 - rect.bottom + radius, 0)
    for (let x = left; x < right; x++) {
      const fromX = Math.max(rect.left + radius - x - 0.5, x + 0.5 - rect.right + radius, 0)
      const outside = fromX === 0 || fromY === 0 ? 0 : Math.sqrt(fromX * fromX + fromY * fromY)
      const cover = Math.min(1, Math.max(0, radius + 0.5 - outside))
      if (cover > 0) blend(canvas, x, y, colour, cover)
    }
  }
}

/** Copies a picture so that its top left corner lies at (`left`, `top`). */
export function paste(canvas: Canvas, image: RgbImage, left: number, top: number): void {
  const row = 3 * image.width
  for (let y = 0; y < image.height; y++) {
    canvas.data.set(
      image.data.subarray(y * row, (y + 1) * row),
      3 * ((top + y) * canvas.width + left),
    )
  }
}

/**
 * Draws round-ended strokes, smooth at the edge. `segments` holds `x1, y1, x2, y2, …` in pixels; overlapping strokes do not
 * add up. Costs the area around the strokes times their number: meant for glyphs.
 */
export function drawStrokes(
  canvas: Canvas,
  segments: ArrayLike<number>,
  width: number,
  colour: Colour,
): void {
  const reach = width / 2 + 0.5
  const bounds = intersect(boundsOf(segments, reach), canvas.clip)
  for (let y = bounds.top; y < bounds.bottom; y++) {
    for (let x = bounds.left; x < bounds.right; x++) {
      const distance = Math.sqrt(squaredDistance(segments, x + 0.5, y + 0.5, reach * reach))
      if (distance < reach) blend(canvas, x, y, colour, Math.min(1, reach - distance))
    }
  }
}

function boundsOf(segments: ArrayLike<number>, reach: number): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < segments.length; i += 2) {
    left = Math.min(left, segments[i]!)
    right = Math.max(right, segments[i]!)
    top = Math.min(top, segments[i + 1]!)
    bottom = Math.max(bottom, segments[i + 1]!)
  }
  return {
    left: Math.floor(left - reach),
    top: Math.floor(top - reach),
    right: Math.ceil(right + reach),
    bottom: Math.ceil(bottom + reach),
  }
}

/** From a point to the nearest segment, or `beyond` if that is nearer than all. */
function squaredDistance(s: ArrayLike<number>, x: number, y: number, beyond: number): number {
  let nearest = beyond
  for (let i = 0; i + 3 < s.length; i += 4) {
    const dx = s[i + 2]! - s[i]!
    const dy = s[i + 3]! - s[i + 1]!
    const px = x - s[i]!
    const py = y - s[i + 1]!
    const length = dx * dx + dy * dy
    const t = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length))
    const ex = px - t * dx
    const ey = py - t * dy
    const squared = ex * ex + ey * ey
    if (squared < nearest) nearest = squared
  }
  return nearest
}
