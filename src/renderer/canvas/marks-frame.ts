import { drawBoxes } from './draw-boxes'
import { drawMask } from './draw-masks'
import { Raster } from './raster'
import type { BoxLayer, Scene } from './scene'
import { withoutSpecks } from './tags'
import type { Rect, View } from './view'

/** Masks and boxes of one side, and the columns of the frame that it has. Screen pixels, as all lengths here. */
export interface MarksSide {
  readonly scene: Scene
  readonly from: number
  readonly to: number
  /** Boxes under 3 px are left out. */
  readonly hasNoSpecks: boolean
}

export interface MarksOrder {
  readonly sides: readonly MarksSide[]
  readonly view: View
  readonly pixelRatio: number
  /** Widths of lines are multiplied by this. */
  readonly lineScale: number
  /** Key of the box under the pointer or in focus; the others are dimmed. */
  readonly lit: string | null
}

/** What one side draws in every band. */
interface SidePlan extends MarksSide {
  readonly litIndex: number
  readonly opacity: (index: number) => number
  /** The boxes of all bands, where they cannot be found by their place. */
  readonly boxes: readonly number[] | null
}

/** Rows that take about a millisecond with a crowd of boxes. */
export const SLICE_ROWS = 96
export const DIMMED = 0.35
/** Lines and casings reach no further out of their box, in CSS pixels for lines of the usual width. */
const REACH = 12

/**
 * Draws all masks and boxes into one frame of pixels, from the top, so that the work can be spread over several frames of the
 * screen. A pixel is the same however the frame is divided.
 */
export class MarksFrame {
  readonly raster: Raster
  #order: MarksOrder | null = null
  #plans: readonly SidePlan[] = []
  #nextRow = 0

  constructor(width: number, height: number) {
    this.raster = new Raster(width, height)
  }

  begin(order: MarksOrder): void {
    this.#order = order
    this.#nextRow = 0
    this.#plans = order.sides.map((side) => {
      const { index, marks, items } = side.scene.boxes
      const litIndex = order.lit === null ? -1 : items.findIndex(({ key }) => key === order.lit)
      const whole = { left: side.from, top: 0, right: side.to, bottom: this.raster.height }
      return {
        ...{ ...side, litIndex, opacity: opacityOf(side.scene.boxes, litIndex) },
        // Where a box has been may be far from where it is.
        boxes: marks.ghosts ? index.within(inPicture(whole, order.view)) : null,
      }
    })
  }

  /** Draws the rest, `rows` at a time, until `isEnough`; true when all is drawn. */
  draw(isEnough: () => boolean = () => false, rows = this.raster.height): boolean {
    const { height } = this.raster
    while (this.#order && this.#nextRow < height) {
      const end = Math.min(height, this.#nextRow + rows)
      this.#drawRows(this.#order, this.#nextRow, end)
      this.#nextRow = end
      if (isEnough()) break
    }
    return this.#nextRow >= height
  }

  #drawRows({ view, pixelRatio, lineScale }: MarksOrder, top: number, bottom: number): void {
    const { raster } = this
    raster.clearRows(top, bottom)
    for (const { scene, from, to, ...plan } of this.#plans) {
      raster.clip(from, to)
      for (const mask of scene.masks) drawMask(raster, mask, view, pixelRatio)
      const { marks, index } = scene.boxes
      const look = { pixelRatio, lineScale, opacity: plan.opacity }
      const reach = REACH * pixelRatio * Math.max(1, lineScale)
      const room = {
        left: from - reach,
        top: top - reach,
        right: to + reach,
        bottom: bottom + reach,
      }
      const near = plan.boxes ?? index.within(inPicture(room, view))
      const boxes = plan.hasNoSpecks ? withoutSpecks(near, marks.boxes, view.scale) : near
      drawBoxes(raster, marks, boxes, view, look)
      if (plan.litIndex >= 0) drawBoxes(raster, marks, [plan.litIndex], view, look)
    }
  }
}

function opacityOf({ items }: BoxLayer, litIndex: number): (index: number) => number {
  return (i) => {
    const item = items[i]
    if (item?.isTagOnly) return 0
    return (item?.opacity ?? 1) * (litIndex < 0 || i === litIndex ? 1 : DIMMED)
  }
}

function inPicture({ left, top, right, bottom }: Rect, { scale, x, y }: View): Rect {
  return {
    left: (left - x) / scale,
    top: (top - y) / scale,
    right: (right - x) / scale,
    bottom: (bottom - y) / scale,
  }
}
