import { drawStrokes, type Canvas } from './annotate-canvas'
import type { Colour } from './annotate-colours'
import { glyphOf } from './annotate-glyphs'

/** Font units: height of capitals, and the space between two glyphs. */
const capitals = 14
const spacing = 3.4
/** Strokes are about as heavy as a semi-bold print face. */
const weight = 1.95

/** Width of a text in pixels, for capitals of `size` pixels. */
export function textWidth(text: string, size: number): number {
  let units = -spacing
  for (const character of text) units += glyphOf(character).width + spacing
  return Math.max(0, (units * size) / capitals)
}

/** Draws a text whose capitals reach from `top` to `top + size`, beginning at `left`. */
export function drawText(
  canvas: Canvas,
  text: string,
  left: number,
  top: number,
  size: number,
  colour: Colour,
): void {
  const scale = size / capitals
  let x = left
  for (const character of text) {
    const { width, segments } = glyphOf(character)
    if (segments.length > 0) {
      const placed = segments.map((unit, i) => unit * scale + (i % 2 === 0 ? x : top))
      drawStrokes(canvas, placed, Math.max(1.15, weight * scale), colour)
    }
    x += (width + spacing) * scale
  }
}

/** A text cut to a width, with an ellipsis where something is missing. */
export function fitText(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text
  const characters = Array.from(text)
  while (characters.length > 1 && textWidth(`${characters.join('')}…`, size) > width)
    characters.pop()
  return `${characters.join('')}…`
}
