import type { ModelInput } from '../model-card'
import type { BoxXyxy } from './box'

/** A size in whole pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/**
 * How a source picture lies on the model's canvas: it is resized to `contentWidth x contentHeight` and pasted at
 * (`offsetX`, `offsetY`); the rest is border. Coordinates: model = source * scale + offset, per axis.
 */
export interface ResizePlan extends Size {
  readonly sourceWidth: number
  readonly sourceHeight: number
  readonly contentWidth: number
  readonly contentHeight: number
  readonly offsetX: number
  readonly offsetY: number
  /** Model pixels per source pixel. */
  readonly scaleX: number
  readonly scaleY: number
}

type SizedInput = Pick<
  ModelInput,
  'width' | 'height' | 'dynamic' | 'multipleOf' | 'resize' | 'anchor'
>

/** Plans the way of a `sourceWidth x sourceHeight` picture onto the canvas of a model. Sizes are at least 1. */
export function planResize(
  input: SizedInput,
  sourceWidth: number,
  sourceHeight: number,
): ResizePlan {
  const canvas = planWorkingSize(input, sourceWidth, sourceHeight)
  const source = { sourceWidth, sourceHeight }
  if (input.resize === 'stretch') {
    return {
      ...canvas,
      ...source,
      contentWidth: canvas.width,
      contentHeight: canvas.height,
      offsetX: 0,
      offsetY: 0,
      scaleX: canvas.width / sourceWidth,
      scaleY: canvas.height / sourceHeight,
    }
  }
  const content = fitInside(input, sourceWidth, sourceHeight)
  const centered = input.anchor === 'center'
  // YOLOX and its kin divide boxes by the one ratio they computed, although content sizes are cut to whole pixels.
  const ratio = Math.min(input.width / sourceWidth, input.height / sourceHeight)
  return {
    ...canvas,
    ...source,
    contentWidth: content.width,
    contentHeight: content.height,
    offsetX: centered ? Math.floor((canvas.width - content.width) / 2) : 0,
    offsetY: centered ? Math.floor((canvas.height - content.height) / 2) : 0,
    scaleX: ratio,
    scaleY: ratio,
  }
}

/**
 * Size of the canvas for one picture. Fixed models: the size of the card. Dynamic models: the picture scaled, aspect
 * kept, to fit the card's working size, each side rounded up to `multipleOf`.
 */
export function planWorkingSize(
  input: SizedInput,
  sourceWidth: number,
  sourceHeight: number,
): Size {
  if (!input.dynamic) return { width: input.width, height: input.height }
  const { width, height } = fitInside(input, sourceWidth, sourceHeight)
  return { width: roundUp(width, input.multipleOf), height: roundUp(height, input.multipleOf) }
}

/** Model-canvas pixels to source pixels. Not clipped: boxes may leave the image. */
export function boxToSource(plan: ResizePlan, box: BoxXyxy): BoxXyxy {
  return [
    (box[0] - plan.offsetX) / plan.scaleX,
    (box[1] - plan.offsetY) / plan.scaleY,
    (box[2] - plan.offsetX) / plan.scaleX,
    (box[3] - plan.offsetY) / plan.scaleY,
  ]
}

/** Source pixels to model-canvas pixels: the inverse of `boxToSource`. */
export function boxToModel(plan: ResizePlan, box: BoxXyxy): BoxXyxy {
  return [
    box[0] * plan.scaleX + plan.offsetX,
    box[1] * plan.scaleY + plan.offsetY,
    box[2] * plan.scaleX + plan.offsetX,
    box[3] * plan.scaleY + plan.offsetY,
  ]
}

/** `int(w * r)` as in YOLOX and NanoDet, but the side that decides `r` is exact (`w * (416 / w)` can fall below 416). */
function fitInside(input: Size, sourceWidth: number, sourceHeight: number): Size {
  const byWidth = input.width / sourceWidth
  const byHeight = input.height / sourceHeight
  return {
    width: byWidth <= byHeight ? input.width : Math.max(1, Math.floor(sourceWidth * byHeight)),
    height: byHeight <= byWidth ? input.height : Math.max(1, Math.floor(sourceHeight * byWidth)),
  }
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple
}
