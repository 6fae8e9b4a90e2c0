import type { Size, View } from './view'

/** What is drawn around the viewport, CSS pixels: so far the view may move before more is needed. */
export const MARGIN = 128
/** The next drawing is begun when lines are this much thicker or thinner than they should be … */
const STALE_RATIO = 1.1
/** … and awaited when they are as much as this. */
const WRONG_RATIO = 1.35

/** CSS pixels by which an edge may be missed: sums of fractions are not exact. */
const INVISIBLE = 1e-3

/** Where a drawing belongs: the view that it was made for, and what it has around the viewport. CSS pixels. */
export interface DrawnPlace {
  readonly view: View
  readonly viewport: Size
  readonly margin: number
}

export interface ShownPlace {
  readonly view: View
  readonly viewport: Size
  readonly pixelRatio: number
}

/**
 * How a drawing lies in another view: scaled by `ratio` from its upper left corner, which is moved by `x` and `y` CSS pixels
 * from where it was drawn.
 */
export function placeOf(
  { view: drawn, margin }: DrawnPlace,
  { view, pixelRatio }: ShownPlace,
): { readonly ratio: number; readonly x: number; readonly y: number } {
  const ratio = view.scale / drawn.scale
  // Between pixels of the screen all lines would be soft.
  const snap = (x: number): number => (ratio === 1 ? Math.round(x * pixelRatio) / pixelRatio : x)
  return {
    ratio,
    x: snap(view.x - ratio * (margin + drawn.x) + margin),
    y: snap(view.y - ratio * (margin + drawn.y) + margin),
  }
}

/** Whether the drawing, moved and scaled, fills the viewport and looks nearly as it should. */
export function covers(drawing: DrawnPlace, shown: ShownPlace): boolean {
  return marginLeft(drawing, shown) >= -INVISIBLE && !isOff(drawing, shown, WRONG_RATIO)
}

/** Whether another drawing will be needed soon. */
export function isStale(drawing: DrawnPlace, shown: ShownPlace): boolean {
  return marginLeft(drawing, shown) < MARGIN / 2 || isOff(drawing, shown, STALE_RATIO)
}

/** What is left of the margin on the side where it is least, CSS pixels; negative: a part of the viewport is not covered. */
function marginLeft(drawing: DrawnPlace, shown: ShownPlace): number {
  const { ratio, x, y } = placeOf(drawing, shown)
  const { margin, viewport: drawn } = drawing
  const { width, height } = shown.viewport
  const [left, top] = [x - margin, y - margin]
  const right = left + ratio * (drawn.width + 2 * margin) - width
  const bottom = top + ratio * (drawn.height + 2 * margin) - height
  return Math.min(-left, -top, right, bottom)
}

function isOff(drawing: DrawnPlace, shown: ShownPlace, most: number): boolean {
  const ratio = shown.view.scale / drawing.view.scale
  return ratio > most || ratio < 1 / most
}
