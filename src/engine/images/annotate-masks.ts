import { dilateMask, erodeMask } from '../../shared/vision/morphology'
import { maskBounds } from '../../shared/vision/mask-bounds'
import type { Mask } from '../../shared/vision/mask'
import { blend, type Canvas } from './annotate-canvas'
import { casingAlpha, colours } from './annotate-colours'
import type { Pens } from './annotate-boxes'

/** A completed mask: outlined, and lightly hatched so that what was put in the patch's place stays visible. */
export function drawCompletedMask(canvas: Canvas, mask: Mask, pens: Pens): void {
  const { line } = pens
  const inner = erodeMask(mask, line)
  const outer = dilateMask(mask, 1)
  // At 45 degrees, measured across the hatch; a whole number of pixels, so that the pattern has no beat.
  const period = Math.round(pens.text * 1.05) + 1
  const stroke = Math.max(1, Math.round(line * 0.75))
  eachPixel(canvas, outer, (x, y, at) => {
    if (mask.bits[at] === 0) blend(canvas, x, y, colours.casing, casingAlpha)
    else if (inner.bits[at] === 0) blend(canvas, x, y, colours.completed, 1)
    else if ((x + y) % period < stroke) blend(canvas, x, y, colours.completed, 0.85)
    else blend(canvas, x, y, colours.completed, 0.1)
  })
}

/** A raw mask, as segmented: a wash and dots, no outline, because its edge means little. */
export function drawRawMask(canvas: Canvas, mask: Mask, pens: Pens): void {
  const period = Math.max(4, Math.round(pens.text * 0.7))
  const dot = Math.max(1, Math.round(pens.line * 0.75))
  eachPixel(canvas, mask, (x, y) => {
    const shifted = x + (Math.floor(y / period) % 2) * (period >> 1)
    const onDot = y % period < dot && shifted % period < dot
    blend(canvas, x, y, colours.raw, onDot ? 1 : 0.22)
  })
}

/** Visits the set pixels of a mask that lies at the top left of the canvas's clip. */
function eachPixel(
  canvas: Canvas,
  mask: Mask,
  visit: (x: number, y: number, at: number) => void,
): void {
  const bounds = maskBounds(mask)
  if (bounds === null) return
  const { left, top, right, bottom } = canvas.clip
  const [fromX, fromY, toX, toY] = bounds
  for (let y = fromY; y < Math.min(toY, bottom - top); y++) {
    for (let x = fromX; x < Math.min(toX, right - left); x++) {
      const at = y * mask.width + x
      if (mask.bits[at] !== 0) visit(left + x, top + y, at)
    }
  }
}
