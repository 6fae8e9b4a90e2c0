import {
  CASING,
  lineStyles,
  markKinds,
  pixelOf,
  type LineStyle,
  type MarkKind,
} from './line-styles'
import { dashOf, type Dash, type Raster } from './raster'
import type { View } from './view'

/** Boxes of one picture as they lie in memory; entry i belongs to box i. */
export interface BoxMarks {
  /** x1, y1, x2, y2 of each box, in pixels of the picture. */
  readonly boxes: Float64Array
  /** Positions in `markKinds`. */
  readonly kinds: Uint8Array
  readonly scores: Float32Array
  /** What the tag says, without score and sign. */
  readonly labels: readonly string[]
  /** Where a moved box was, four numbers each as in `boxes`; NaN for boxes that have not moved. */
  readonly ghosts?: Float64Array
}

export interface BoxLook {
  /** Screen pixels in a CSS pixel. */
  readonly pixelRatio: number
  /** 1 draws a box in full; 0 not at all. */
  readonly opacity: (index: number) => number
  /** Line widths are multiplied by this; 1 is the usual. */
  readonly lineScale?: number
}

/** Below this length on the screen a dashed side would show one dash: it is drawn without gaps. */
const LEAST_DASHED = 6

/**
 * Draws the boxes named by `indices`. `view` is in screen pixels, not CSS pixels. All casings come before all lines, so a
 * casing never cuts the line of a neighbour.
 */
export function drawBoxes(
  raster: Raster,
  marks: BoxMarks,
  indices: ArrayLike<number>,
  view: View,
  look: BoxLook,
): void {
  const styles = markKinds.map((kind) => pixelStyle(lineStyles[kind], look))
  const casing = Math.max(1, Math.round(look.pixelRatio))
  const fullCasing = pixelOf(CASING.colour, CASING.opacity)
  for (let k = 0; k < indices.length; k++) {
    const i = indices[k]!
    const opacity = look.opacity(i)
    if (opacity <= 0) continue
    const style = styles[marks.kinds[i]!]!
    const reach = style.isDouble ? 2 * style.width : 0
    const pixel = opacity === 1 ? fullCasing : pixelOf(CASING.colour, CASING.opacity * opacity)
    frame(raster, marks.boxes, 4 * i, view, 2 * reach + style.width + 2 * casing, noDash, pixel, 0)
  }
  for (let k = 0; k < indices.length; k++) {
    const i = indices[k]!
    const opacity = look.opacity(i)
    if (opacity <= 0) continue
    const style = styles[marks.kinds[i]!]!
    const pixel = opacity === 1 ? style.pixel : pixelOf(style.colour, style.opacity * opacity)
    const ghosts = marks.ghosts
    if (ghosts && !Number.isNaN(ghosts[4 * i]!)) {
      const thin = Math.max(1, Math.round(look.pixelRatio))
      frame(raster, ghosts, 4 * i, view, thin, noDash, pixelOf(style.colour, 0.6 * opacity), 0)
    }
    if (style.isDouble) {
      const apart = Math.round(1.5 * style.width)
      frame(raster, marks.boxes, 4 * i, view, style.width, style.dash, pixel, apart)
      frame(raster, marks.boxes, 4 * i, view, style.width, style.dash, pixel, -apart)
    } else frame(raster, marks.boxes, 4 * i, view, style.width, style.dash, pixel, 0)
  }
}

export const kindIndex = (kind: MarkKind): number => markKinds.indexOf(kind)

/** A line style in screen pixels. */
interface PixelStyle {
  readonly colour: string
  readonly opacity: number
  readonly width: number
  readonly dash: Dash
  readonly isDouble: boolean
  /** The line at full opacity of its layer. */
  readonly pixel: number
}

function pixelStyle(style: LineStyle, { pixelRatio, lineScale = 1 }: BoxLook): PixelStyle {
  const { colour, opacity, isDouble } = style
  return {
    ...{ colour, opacity, isDouble, pixel: pixelOf(colour, opacity) },
    width: Math.max(1, Math.round(style.width * lineScale * pixelRatio)),
    dash: dashOf(style.dash.map((length) => Math.max(1, Math.round(length * pixelRatio)))),
  }
}

const noDash = dashOf([])

/** One rectangle of lines, `width` pixels wide around the edges of the box, which are moved out by `outward`. */
function frame(
  raster: Raster,
  boxes: Float64Array,
  at: number,
  { scale, x, y }: View,
  width: number,
  dash: Dash,
  pixel: number,
  outward: number,
): void {
  const half = width >> 1
  const left = Math.round(x + scale * boxes[at]!) - half - outward
  const top = Math.round(y + scale * boxes[at + 1]!) - half - outward
  const right = Math.round(x + scale * boxes[at + 2]!) - half + width + outward
  const bottom = Math.round(y + scale * boxes[at + 3]!) - half + width + outward
  if (right <= left || bottom <= top) return
  if (left >= raster.clipTo || right <= raster.clipFrom) return
  // The lines of a box that is thinner than they are reach past its other side.
  const [first, end] = [Math.min(top, bottom - width), Math.max(bottom, top + width)]
  if (first >= raster.clipBottom || end <= raster.clipTop) return
  const period = dash.period === 0 ? Infinity : Math.max(LEAST_DASHED, dash.lengths[0]!)
  if (right - left > period) {
    raster.dashAlong(left, top, right, top + width, dash, pixel)
    raster.dashAlong(left, bottom - width, right, bottom, dash, pixel)
  } else {
    raster.fill(left, top, right, top + width, pixel)
    raster.fill(left, bottom - width, right, bottom, pixel)
  }
  if (bottom - top > period) {
    raster.dashDown(left, top, left + width, bottom, dash, pixel)
    raster.dashDown(right - width, top, right, bottom, dash, pixel)
  } else {
    raster.fill(left, top, left + width, bottom, pixel)
    raster.fill(right - width, top, right, bottom, pixel)
  }
}
