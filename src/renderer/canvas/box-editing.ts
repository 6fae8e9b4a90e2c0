import type { Point, Rect, Size, View } from './view'
import { screenRect, toScreen } from './view'

export const handles = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'] as const
export type Handle = (typeof handles)[number]

/** Where the handle stands on its box: 0 left or top, 0.5 middle, 1 right or bottom. */
export function handlePlace(handle: Handle): Point {
  return {
    x: handle.includes('w') ? 0 : handle.includes('e') ? 1 : 0.5,
    y: handle.startsWith('n') ? 0 : handle.startsWith('s') ? 1 : 0.5,
  }
}

export function handlePoint(handle: Handle, box: Rect): Point {
  const { x, y } = handlePlace(handle)
  return { x: box.left + x * (box.right - box.left), y: box.top + y * (box.bottom - box.top) }
}

/** The handle within `reach` CSS pixels of `at` (screen), the nearest if there are several. */
export function handleAt(view: View, box: Rect, at: Point, reach = 8): Handle | null {
  let [best, nearest]: [Handle | null, number] = [null, reach]
  for (const handle of handles) {
    const { x, y } = toScreen(view, handlePoint(handle, box))
    const distance = Math.max(Math.abs(x - at.x), Math.abs(y - at.y))
    if (distance <= nearest) [best, nearest] = [handle, distance]
  }
  return best
}

export interface DragRules {
  /** Width and height stay equal. */
  readonly keepsSquare: boolean
  /** The middle stays where it is. */
  readonly fromCentre: boolean
  /** Sides that the box is drawn to when it comes near, in pixels of the picture; empty for none. */
  readonly sides: readonly number[]
  /** How near, in pixels of the picture. */
  readonly reach: number
}

/** `box` after its handle was dragged to `to`, in whole pixels, at least one pixel wide and high, inside the picture. */
export function resizeBox(
  box: Rect,
  handle: Handle,
  to: Point,
  frame: Size,
  rules: DragRules,
): Rect {
  const place = handlePlace(handle)
  const x = axis(box.left, box.right, place.x, to.x, frame.width, rules)
  const y = axis(box.top, box.bottom, place.y, to.y, frame.height, rules)
  if (rules.keepsSquare && x.isDragged && y.isDragged) {
    const length = Math.max(1, Math.min(Math.max(x.length, y.length), x.room, y.room))
    return rectOf({ ...x, length }, { ...y, length })
  }
  return rectOf(x, y)
}

/** A new shape from where the press began, its corner or its middle, to where the pointer is. Rules as for a dragged corner. */
export function spanBox(from: Point, to: Point, frame: Size, rules: DragRules): Rect {
  const start = { left: from.x, top: from.y, right: from.x, bottom: from.y }
  return resizeBox(
    start,
    to.y < from.y ? (to.x < from.x ? 'nw' : 'ne') : to.x < from.x ? 'sw' : 'se',
    to,
    frame,
    rules,
  )
}

/** `box` moved in whole pixels, as far as it stays in the picture. */
export function moveBox(box: Rect, dx: number, dy: number, frame: Size): Rect {
  const x = Math.max(-box.left, Math.min(frame.width - box.right, Math.round(dx)))
  const y = Math.max(-box.top, Math.min(frame.height - box.bottom, Math.round(dy)))
  return { left: box.left + x, right: box.right + x, top: box.top + y, bottom: box.bottom + y }
}

export function clampRect({ left, top, right, bottom }: Rect, frame: Size): Rect {
  const x1 = Math.min(frame.width - 1, Math.max(0, left))
  const y1 = Math.min(frame.height - 1, Math.max(0, top))
  return {
    left: x1,
    top: y1,
    right: Math.max(x1 + 1, Math.min(frame.width, right)),
    bottom: Math.max(y1 + 1, Math.min(frame.height, bottom)),
  }
}

/** Whether `at` (screen) lies in the box, or within 4 CSS pixels of it. */
export function isOnBox(view: View, box: Rect, at: Point): boolean {
  const { left, top, right, bottom } = screenRect(view, box)
  return at.x >= left - 4 && at.x <= right + 4 && at.y >= top - 4 && at.y <= bottom + 4
}

/** One side of a box while it is dragged. */
interface Axis {
  readonly isDragged: boolean
  /** The edge or middle that stays, whole or half pixels. */
  readonly anchor: number
  /** Where the box lies from its anchor: after it, before it, or around it. */
  readonly direction: 1 | -1 | 0
  readonly length: number
  /** The longest that fits into the picture. */
  readonly room: number
}

function axis(
  from: number,
  to: number,
  place: number,
  dragged: number,
  frame: number,
  rules: DragRules,
): Axis {
  if (place === 0.5) {
    const length = Math.max(1, Math.round(to) - Math.round(from))
    return { isDragged: false, anchor: Math.round(from), direction: 1, length, room: length }
  }
  const end = Math.min(frame, Math.max(0, dragged))
  const isAround = rules.fromCentre
  const still = isAround ? Math.round(from + to) / 2 : Math.round(place === 0 ? to : from)
  const isBefore = end < still || (end === still && (place === 0 || still === frame))
  const direction = isAround ? 0 : isBefore ? -1 : 1
  const room = isAround ? 2 * Math.min(still, frame - still) : isBefore ? still : frame - still
  const drawn = Math.round(Math.abs(end - still) * (isAround ? 2 : 1))
  const near = rules.sides.find((listed) => Math.abs(listed - drawn) <= rules.reach)
  const length = Math.max(1, Math.min(near ?? drawn, room))
  return { isDragged: true, anchor: still, direction, length, room }
}

function span({ anchor, direction, length }: Axis): readonly [number, number] {
  if (direction === 1) return [anchor, anchor + length]
  if (direction === -1) return [anchor - length, anchor]
  const start = Math.round(anchor - length / 2)
  return [start, start + length]
}

function rectOf(x: Axis, y: Axis): Rect {
  const [left, right] = span(x)
  const [top, bottom] = span(y)
  return { left, top, right, bottom }
}
