import { clipped, fillRect, fillRound, type Canvas, type Rect } from './annotate-canvas'
import { casingAlpha, colours, type Colour } from './annotate-colours'
import { drawText, textWidth } from './annotate-text'

/** How a box is drawn: its colour and the sign beside the colour. */
export interface BoxStyle {
  readonly colour: Colour
  /** Lengths of dash, gap, dash, gap …, for a line of width 2; empty = solid. */
  readonly dashes: readonly number[]
  /** Two thin lines instead of one. */
  readonly double?: boolean
}

export const boxStyles = {
  undefended: { colour: colours.undefended, dashes: [8, 5] },
  defended: { colour: colours.defended, dashes: [] },
  gained: { colour: colours.gained, dashes: [] },
  lost: { colour: colours.lost, dashes: [11, 4, 2, 4] },
  moved: { colour: colours.moved, dashes: [16, 4] },
  relabelled: { colour: colours.relabelled, dashes: [], double: true },
} as const satisfies Record<string, BoxStyle>

/** One box to draw, in pixels of the canvas. */
export interface DrawnBox {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly style: BoxStyle
  readonly score: number
  readonly tag: string
  /** Where the box stood before, drawn as a thin ghost. */
  readonly ghost?: Omit<DrawnBox, 'ghost'>
}

/** Sizes that follow the size of the picture. */
export interface Pens {
  readonly line: number
  /** Height of capitals. */
  readonly text: number
}

/** More boxes than this get tags for the best scores only. */
const mostTags = 40
/** Share of a tag that may lie over others before it is left out. */
const mostHidden = 0.15

/** Draws all boxes, then all tags on top; the best score is drawn last and gets its place first. */
export function drawBoxes(canvas: Canvas, boxes: readonly DrawnBox[], pens: Pens): void {
  const byScore = [...boxes].sort((a, b) => b.score - a.score)
  for (const box of byScore.toReversed()) {
    if (box.ghost) drawFrame(canvas, box.ghost, { ...pens, line: 1 }, 0.75)
    drawFrame(canvas, box, pens, 1)
  }
  const tags: { readonly box: DrawnBox; readonly place: Rect }[] = []
  const taken: Rect[] = []
  for (const box of byScore.slice(0, mostTags)) {
    const place = placeTag(canvas.clip, box, pens, taken)
    if (place === undefined) continue
    taken.push(place)
    tags.push({ box, place })
  }
  for (const { box, place } of tags.toReversed()) drawTag(canvas, box, place, pens)
}

function drawFrame(canvas: Canvas, box: Omit<DrawnBox, 'ghost'>, pens: Pens, alpha: number): void {
  const { line } = pens
  const { colour, dashes, double = false } = box.style
  // The line lies inside the box, so that boxes at the edge of the picture show all four sides.
  const outer = snapped(box, canvas.clip)
  const rings = double ? [inset(outer, 0), inset(outer, line + 1)] : [outer]
  const width = double ? Math.max(1, line - 1) : line
  for (const ring of rings) {
    drawSides(canvas, inset(ring, -1), width + 2, [], colours.casing, casingAlpha * alpha)
  }
  for (const ring of rings) {
    drawSides(
      canvas,
      ring,
      width,
      dashes.map((length) => (length * line) / 2),
      colour,
      alpha,
    )
  }
}

function snapped(box: Rect, clip: Rect): Rect {
  const left = Math.max(clip.left, Math.min(clip.right - 1, Math.round(box.left)))
  const top = Math.max(clip.top, Math.min(clip.bottom - 1, Math.round(box.top)))
  return {
    left,
    top,
    right: Math.max(left + 1, Math.min(clip.right, Math.round(box.right))),
    bottom: Math.max(top + 1, Math.min(clip.bottom, Math.round(box.bottom))),
  }
}

const inset = (rect: Rect, by: number): Rect => ({
  left: rect.left + by,
  top: rect.top + by,
  right: rect.right - by,
  bottom: rect.bottom - by,
})

/** The four sides of a rectangle, each dashed on its own so that corners are always drawn. */
function drawSides(
  canvas: Canvas,
  rect: Rect,
  width: number,
  dashes: readonly number[],
  colour: Colour,
  alpha: number,
): void {
  const { left, top, right, bottom } = rect
  if (right <= left || bottom <= top) return
  const wide = Math.min(width, right - left)
  const high = Math.min(width, bottom - top)
  for (const [from, to] of dashRanges(left, right, dashes)) {
    fillRect(canvas, { left: from, right: to, top, bottom: top + high }, colour, alpha)
    if (bottom - high >= top + high) {
      fillRect(canvas, { left: from, right: to, top: bottom - high, bottom }, colour, alpha)
    }
  }
  // Between the horizontal sides: a corner that is laid over twice would be darker.
  for (const [from, to] of dashRanges(top, bottom, dashes)) {
    const [first, last] = [Math.max(from, top + high), Math.min(to, bottom - high)]
    fillRect(canvas, { left, right: left + wide, top: first, bottom: last }, colour, alpha)
    if (right - wide >= left + wide) {
      fillRect(canvas, { left: right - wide, right, top: first, bottom: last }, colour, alpha)
    }
  }
}

/** Whole-pixel pieces of a line; the pattern is stretched a little so that it begins and ends with its first dash. */
export function dashRanges(
  from: number,
  to: number,
  dashes: readonly number[],
): readonly (readonly [number, number])[] {
  const period = dashes.reduce((sum, length) => sum + length, 0)
  const first = dashes[0] ?? 0
  const repeats = period > 0 ? Math.round((to - from - first) / period) : 0
  if (repeats < 1) return [[from, to]]
  const scale = (to - from) / (repeats * period + first)
  const ranges: [number, number][] = []
  let at = from
  for (let repeat = 0; repeat <= repeats; repeat++) {
    for (let i = 0; i < dashes.length && at < to - 0.5; i++) {
      const end = at + dashes[i]! * scale
      if (i % 2 === 0) ranges.push([Math.round(at), Math.min(to, Math.round(end))])
      at = end
    }
  }
  return ranges
}

/** Of the places around a box the first that is free; undefined if even the best would hide much of another tag. */
function placeTag(clip: Rect, box: DrawnBox, pens: Pens, taken: readonly Rect[]): Rect | undefined {
  const width = Math.ceil(textWidth(box.tag, pens.text) + pens.text * 1.1)
  const height = tagHeight(pens)
  const { left, top, right, bottom } = snapped(box, clip)
  const candidates: readonly (readonly [number, number])[] = [
    [left, top - height],
    [left, top],
    [left, bottom - height],
    [left, bottom],
    [right - width, top - height],
    [right - width, top],
    [right - width, bottom - height],
    [right - width, bottom],
    [right, top],
    [left - width, top],
    [left, top - 2 * height],
    [left, bottom + height],
  ]
  let best: Rect | undefined
  let least = (mostHidden * width * height) | 0
  for (const [x, y] of candidates) {
    const place = inside(clip, x, y, width, height)
    // A tag that the edge of the picture pushes into its box is worth as much as one that stands there by choice.
    const cost = overlap(place, taken)
    if (cost === 0) return place
    if (cost < least) {
      best = place
      least = cost
    }
  }
  return best
}

export const tagHeight = (pens: Pens) => Math.round(pens.text * 1.75)

function inside(clip: Rect, left: number, top: number, width: number, height: number): Rect {
  const x = Math.max(clip.left, Math.min(left, clip.right - width))
  const y = Math.max(clip.top, Math.min(top, clip.bottom - height))
  return { left: x, top: y, right: x + width, bottom: y + height }
}

function overlap(place: Rect, taken: readonly Rect[]): number {
  let area = 0
  for (const other of taken) {
    const width = Math.min(place.right, other.right) - Math.max(place.left, other.left)
    const height = Math.min(place.bottom, other.bottom) - Math.max(place.top, other.top)
    if (width > 0 && height > 0) area += width * height
  }
  return area
}

function drawTag(canvas: Canvas, box: DrawnBox, place: Rect, pens: Pens): void {
  const radius = Math.max(2, pens.text * 0.28)
  fillRound(canvas, place, radius, box.style.colour)
  const left = place.left + pens.text * 0.55
  const top = place.top + (place.bottom - place.top - pens.text) / 2
  drawText(clipped(canvas, place), box.tag, left, top, pens.text, colours.onTag)
}

/** A short sample of a style's line on a dark plate, as captions show it. */
export function drawSample(
  canvas: Canvas,
  style: BoxStyle,
  left: number,
  centre: number,
  pens: Pens,
): number {
  const width = Math.round(pens.text * 2.4)
  const top = Math.round(centre - pens.line / 2)
  const dashes = style.dashes.map((length) => (length * pens.line) / 2)
  for (const [from, to] of dashRanges(left, left + width, dashes)) {
    fillRect(canvas, { left: from, right: to, top, bottom: top + pens.line }, style.colour)
  }
  return width
}
