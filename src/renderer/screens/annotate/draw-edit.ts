import {
  boxHandles,
  brushPath,
  drawHandles,
  ellipsePath,
  polygonPath,
  rectPath,
  strokeShape,
} from '../../canvas/draw-overlays'
import { dataColours } from '../../canvas/line-styles'
import { toScreen, type Point, type View } from '../../canvas/view'
import { canResize, type EditShape } from './shapes'

/** What is being edited, as it is drawn. */
export interface EditView {
  readonly shape: EditShape | null
  readonly isObject: boolean
  readonly isProposal: boolean
  /** The shape is being drawn for the first time, or painted: it has no handles yet. */
  readonly isUnfinished: boolean
  /** Corners of an unfinished polygon, x, y, x, y …. */
  readonly corners: readonly number[]
  /** Ring of the brush, in pixels of the picture; null with other tools. */
  readonly brush: { readonly radius: number; readonly erases: boolean } | null
  readonly pointer: Point | null
}

/** The shape that is drawn or chosen, with its handles, the corners of an unfinished polygon, and the ring of the brush. */
export function drawEdit(context: CanvasRenderingContext2D, view: View, edit: EditView): void {
  const { shape, corners, pointer, brush } = edit
  if (shape) outline(context, view, shape, edit)
  if (shape && !edit.isUnfinished) handles(context, view, shape)
  if (corners.length > 0) {
    const open = pointer ? [...corners, pointer.x, pointer.y] : corners
    strokeShape(context, polygonPath(view, open, false))
    drawHandles(context, cornerPoints(view, corners))
  }
  if (brush && pointer) {
    strokeShape(
      context,
      brushPath(view, pointer, brush.radius),
      '#FFFFFF',
      brush.erases ? [3, 3] : [],
    )
  }
}

function outline(
  context: CanvasRenderingContext2D,
  view: View,
  shape: EditShape,
  { isObject, isProposal }: EditView,
): void {
  const colour = isObject ? dataColours.truth : dataColours.completed
  const dash = isObject ? [2, 3] : isProposal ? [5, 4] : []
  switch (shape.kind) {
    case 'rectangle':
      strokeShape(context, rectPath(view, shape.box), colour, dash)
      break
    case 'circle':
      strokeShape(context, ellipsePath(view, shape.box), colour, dash)
      break
    case 'polygon':
      for (const points of shape.parts)
        strokeShape(context, polygonPath(view, points, true), colour, dash)
      break
    case 'mask':
      strokeShape(context, rectPath(view, shape.box), '#FFFFFF', [2, 4])
  }
}

function handles(context: CanvasRenderingContext2D, view: View, shape: EditShape): void {
  if (shape.kind === 'polygon')
    for (const points of shape.parts) drawHandles(context, cornerPoints(view, points))
  else if (canResize(shape)) drawHandles(context, boxHandles(view, shape.box))
}

function cornerPoints(view: View, points: readonly number[]): Point[] {
  return points.flatMap((x, i) =>
    i % 2 === 0 ? [toScreen(view, { x, y: points[i + 1] ?? 0 })] : [],
  )
}
