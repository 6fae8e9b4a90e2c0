import { paintStroke } from '../../canvas/brush'
import {
  handleAt,
  moveBox,
  resizeBox,
  spanBox,
  type DragRules,
  type Handle,
} from '../../canvas/box-editing'
import type { CanvasPointer, CanvasTool } from '../../canvas/canvas-tool'
import { toScreen, type Point, type Rect, type Size } from '../../canvas/view'
import { viewer } from '../../canvas/viewer.svelte'
import { emptyMask, type Mask } from '../../../shared/vision/mask'
import { maskBounds } from '../../../shared/vision/mask-bounds'
import { imageState } from '../image/image-state.svelte'
import { annotate, type Chosen } from './annotate-state.svelte'
import { proposing } from './proposing.svelte'
import { proposeWithin } from './propose-many'
import { canResize, polygonOf, withBox, withCorner, xywhOf, type EditShape } from './shapes'
import type { ToolId } from './tools'

const SNAP_REACH = 4
/** A drag shorter than this, in CSS pixels, is a click. */
const CLICK_REACH = 4

function rules(event: PointerEvent): DragRules {
  const snaps = annotate.snaps && !event.ctrlKey
  return {
    keepsSquare: event.shiftKey,
    fromCentre: event.altKey,
    sides: snaps ? proposing.sides : [],
    reach: SNAP_REACH / viewer.view.scale,
  }
}

function frame(): Size {
  return annotate.frame ?? { width: 1, height: 1 }
}

function inside({ x, y }: Point): boolean {
  const { width, height } = frame()
  return x >= 0 && y >= 0 && x < width && y < height
}

const nothing = (): void => undefined
const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y)

/** Chooses, moves and resizes. */
function selectTool(): CanvasTool {
  type Drag =
    | { kind: 'handle'; handle: Handle; shape: EditShape; chosen: Chosen }
    | {
        kind: 'corner'
        part: number
        corner: number
        shape: EditShape & { kind: 'polygon' }
        chosen: Chosen
      }
    | { kind: 'move'; from: Point; shape: EditShape; chosen: Chosen }
  let drag: Drag | null = null

  return {
    down({ picture, screen }) {
      drag = null
      const { chosen, chosenShape } = annotate
      if (chosen && chosenShape) {
        if (chosenShape.kind === 'polygon') {
          const hit = cornerAt(chosenShape.parts, screen)
          if (hit) drag = { kind: 'corner', ...hit, shape: chosenShape, chosen }
        }
        const handle =
          canResize(chosenShape) && !drag ? handleAt(viewer.view, chosenShape.box, screen) : null
        if (handle) drag = { kind: 'handle', handle, shape: chosenShape, chosen }
        if (drag) return true
      }
      const hit = hitAt(picture)
      if (!hit) {
        annotate.choose(null)
        return false
      }
      annotate.choose(hit)
      const shape = annotate.chosenShape
      if (shape) drag = { kind: 'move', from: picture, shape, chosen: hit }
      return true
    },
    move({ picture, event }) {
      if (!drag) return
      const { shape, chosen } = drag
      const next =
        drag.kind === 'handle'
          ? withBox(shape, resizeBox(shape.box, drag.handle, picture, frame(), rules(event)))
          : drag.kind === 'corner'
            ? withCorner(
                drag.shape,
                drag.part,
                drag.corner,
                Math.round(picture.x),
                Math.round(picture.y),
              )
            : withBox(
                shape,
                moveBox(shape.box, picture.x - drag.from.x, picture.y - drag.from.y, frame()),
              )
      annotate.draft = { shape: next, replaces: chosen.id, isObject: chosen.kind === 'object' }
    },
    up() {
      const { draft } = annotate
      if (drag && draft) void storeChange(drag.chosen, draft.shape, drag.shape)
      drag = null
    },
    hover: nothing,
    leave: nothing,
  }
}

/** Stores a moved or resized shape; one that is as it was is no edit. */
async function storeChange(chosen: Chosen, shape: EditShape, before: EditShape): Promise<void> {
  const isSame =
    JSON.stringify(shape.box) === JSON.stringify(before.box) &&
    (shape.kind !== 'polygon' ||
      before.kind !== 'polygon' ||
      JSON.stringify(shape.parts) === JSON.stringify(before.parts))
  if (isSame) annotate.draft = null
  else if (chosen.kind === 'patch') await annotate.change(chosen.id, shape)
  else await annotate.changeObject(chosen.id, { box: xywhOf(shape.box) })
}

/** Moves the selection by whole pixels of the picture. */
export async function nudge(dx: number, dy: number): Promise<void> {
  const { chosen, chosenShape } = annotate
  if (!chosen || !chosenShape) return
  const shape = withBox(chosenShape, moveBox(chosenShape.box, dx, dy, frame()))
  await storeChange(chosen, shape, chosenShape)
}

/** The shape under a point: patches first, unless objects are being edited. */
export function hitAt({ x, y }: Point): Chosen | null {
  const { boxes } = annotate.scene
  const reach = CLICK_REACH / viewer.view.scale
  const at = (prefix: string): Chosen | null => {
    const key =
      boxes.items[
        boxes.index.at(x, y, reach, (i) => boxes.items[i]?.key.startsWith(prefix) === true)
      ]?.key
    if (key === undefined) return null
    return { kind: prefix === 'patch' ? 'patch' : 'object', id: Number(key.split(':')[1]) }
  }
  return annotate.editsObjects ? (at('object') ?? at('patch')) : (at('patch') ?? at('object'))
}

/** Drags a rectangle or ellipse; `done` gets its box. */
function spanTool(kind: 'rectangle' | 'circle', isObject: boolean): CanvasTool {
  let from: CanvasPointer | null = null
  return {
    down(pointer) {
      if (!inside(pointer.picture)) return false
      annotate.choose(null)
      from = pointer
      return true
    },
    move({ picture, screen, event }) {
      if (!from || distance(screen, from.screen) < CLICK_REACH) return
      const box = spanBox(from.picture, picture, frame(), rules(event))
      annotate.draft = { shape: { kind, box }, replaces: null, isObject }
    },
    up() {
      from = null
      const { draft } = annotate
      if (!draft) return
      if (isObject) void annotate.addObject(draft.shape.box)
      else void annotate.draw(draft.shape)
    },
    hover: nothing,
    leave: nothing,
  }
}

function polygonTool(): CanvasTool {
  return {
    down({ picture, screen }) {
      const [x, y] = [Math.round(picture.x), Math.round(picture.y)]
      const { corners } = annotate
      const first =
        corners.length >= 6 ? toScreen(viewer.view, { x: corners[0]!, y: corners[1]! }) : null
      if (first && distance(first, screen) <= 8) closePolygon()
      else if (inside(picture)) annotate.corners = [...corners, x, y]
      return true
    },
    move: nothing,
    up: nothing,
    hover: nothing,
    leave: nothing,
  }
}

/** Ends the polygon that is being drawn; with fewer than three corners there is none yet. */
export function closePolygon(): boolean {
  const { corners } = annotate
  if (corners.length < 6) return false
  annotate.corners = []
  annotate.draft = { shape: polygonOf([corners]), replaces: null, isObject: false }
  void annotate.draw(polygonOf([corners]))
  return true
}

function cornerAt(
  parts: readonly (readonly number[])[],
  screen: Point,
): { part: number; corner: number } | null {
  for (const [part, points] of parts.entries()) {
    for (let i = 0; i + 1 < points.length; i += 2) {
      const at = toScreen(viewer.view, { x: points[i]!, y: points[i + 1]! })
      if (distance(at, screen) <= 8) return { part, corner: i / 2 }
    }
  }
  return null
}

/** Paints into the chosen patch, or into a new one; the eraser needs a chosen patch. */
function brushTool(value: 0 | 1): CanvasTool {
  let mask: Mask | null = null
  let last: Point | null = null
  const paint = (to: Point): void => {
    if (!mask) return
    paintStroke(mask, last ?? to, to, annotate.brushRadius, value)
    last = to
    const [left = 0, top = 0, right = 0, bottom = 0] = maskBounds(mask) ?? []
    annotate.draft = {
      shape: { kind: 'mask', box: { left, top, right, bottom }, mask },
      replaces: annotate.chosenPatch?.patch.id ?? null,
      isObject: false,
    }
  }
  return {
    down({ picture, event }) {
      const { chosenPatch } = annotate
      if (value === 0 && !chosenPatch) {
        // Nothing is chosen: the press chooses what the eraser is to work on.
        const hit = hitAt(picture)
        if (hit?.kind !== 'patch') return false
        annotate.choose(hit)
      }
      const pixels = annotate.chosenPatch?.pixels
      const { width, height } = frame()
      mask = pixels ? { ...pixels, bits: pixels.bits.slice() } : emptyMask(width, height)
      // With Shift the stroke begins where the last one ended.
      if (!event.shiftKey) last = null
      paint(picture)
      return true
    },
    move({ picture }) {
      paint(picture)
    },
    up() {
      mask = null
      const { draft } = annotate
      if (!draft) return
      if (draft.replaces === null) void annotate.draw(draft.shape)
      else void annotate.change(draft.replaces, draft.shape)
    },
    hover: nothing,
    leave: nothing,
  }
}

/** A click asks the segmenter about the place, a drag about the box. */
function proposeTool(): CanvasTool {
  let from: CanvasPointer | null = null
  let box: Rect | null = null
  return {
    down(pointer) {
      if (!inside(pointer.picture)) return false
      from = pointer
      box = null
      annotate.choose(null)
      proposing.drop()
      return true
    },
    move({ picture, screen }) {
      if (!from || distance(screen, from.screen) < CLICK_REACH) return
      const plain = { keepsSquare: false, fromCentre: false, sides: [], reach: 0 }
      box = spanBox(from.picture, picture, frame(), plain)
      annotate.draft = { shape: { kind: 'rectangle', box }, replaces: null, isObject: true }
    },
    up() {
      const id = imageState.id
      annotate.draft = null
      if (!from || id === null) return
      if (box) void proposeWithin([box.left, box.top, box.right, box.bottom])
      else void proposing.ask({ imageId: id, at: [from.picture.x, from.picture.y] })
      from = null
    },
    hover: nothing,
    leave: nothing,
  }
}

/** What the primary button does with each tool. */
export const canvasTools: Readonly<Record<ToolId, CanvasTool>> = {
  select: selectTool(),
  propose: proposeTool(),
  rectangle: spanTool('rectangle', false),
  circle: spanTool('circle', false),
  polygon: polygonTool(),
  brush: brushTool(1),
  eraser: brushTool(0),
  object: spanTool('rectangle', true),
}
