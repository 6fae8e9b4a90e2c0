/** Pixels; of the picture, or of the area that shows it (then CSS pixels). */
export interface Size {
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** Edges in pixels, as `BoxXyxy` but by name. */
export interface Rect {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** How the picture lies in its viewport: point on the screen = offset + scale * point of the picture. CSS pixels. */
export interface View {
  readonly scale: number
  readonly x: number
  readonly y: number
}

export const SHARP_FROM_SCALE = 8
export const GRID_FROM_SCALE = 16
const LARGEST_SCALE = 64
const SMALLEST_SIDE_SHOWN = 32
const LEAST_VISIBLE = 48

/** The whole picture in the middle, at most at `largest` times its size, `margin` CSS pixels from the edge. */
export function fitView(picture: Size, viewport: Size, margin = 16, largest = 8): View {
  const width = Math.max(1, viewport.width - 2 * margin)
  const height = Math.max(1, viewport.height - 2 * margin)
  const scale = Math.min(width / picture.width, height / picture.height, largest)
  return centred(picture, viewport, scale)
}

export function centred(picture: Size, viewport: Size, scale: number): View {
  return {
    scale,
    x: (viewport.width - scale * picture.width) / 2,
    y: (viewport.height - scale * picture.height) / 2,
  }
}

/** Zooms so that the point of the picture under `at` (viewport) stays under it. */
export function zoomAt(view: View, at: Point, scale: number): View {
  const ratio = scale / view.scale
  return { scale, x: at.x - ratio * (at.x - view.x), y: at.y - ratio * (at.y - view.y) }
}

export function panBy(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x + dx, y: view.y + dy }
}

export function toScreen(view: View, { x, y }: Point): Point {
  return { x: view.x + view.scale * x, y: view.y + view.scale * y }
}

export function toPicture(view: View, { x, y }: Point): Point {
  return { x: (x - view.x) / view.scale, y: (y - view.y) / view.scale }
}

/** The part of the plane of the picture that the viewport shows; it may reach past the picture. */
export function shownRect(view: View, viewport: Size): Rect {
  const { x: left, y: top } = toPicture(view, { x: 0, y: 0 })
  const { x: right, y: bottom } = toPicture(view, { x: viewport.width, y: viewport.height })
  return { left, top, right, bottom }
}

/** Where the picture lies on the screen. */
export function pictureRect(view: View, picture: Size): Rect {
  return {
    left: view.x,
    top: view.y,
    right: view.x + view.scale * picture.width,
    bottom: view.y + view.scale * picture.height,
  }
}

/** The nearest view in which the picture neither vanishes nor is smaller than a thumbnail or larger than 64 times. */
export function clampView(view: View, picture: Size, viewport: Size): View {
  const smallest = Math.min(
    fitView(picture, viewport).scale,
    SMALLEST_SIDE_SHOWN / Math.min(picture.width, picture.height),
  )
  const scale = Math.min(LARGEST_SCALE, Math.max(smallest, view.scale))
  const middle = { x: viewport.width / 2, y: viewport.height / 2 }
  const { x, y } = scale === view.scale ? view : zoomAt(view, middle, scale)
  return {
    scale,
    x: clampOffset(x, scale * picture.width, viewport.width),
    y: clampOffset(y, scale * picture.height, viewport.height),
  }
}

function clampOffset(offset: number, length: number, room: number): number {
  const kept = Math.min(LEAST_VISIBLE, length, room)
  return Math.min(room - kept, Math.max(kept - length, offset))
}

/** Moves the view no further than needed for `box` (picture) to lie inside; unchanged where it does already. */
export function reveal(view: View, box: Rect, viewport: Size, margin = 24): View {
  const { left, top, right, bottom } = screenRect(view, box)
  return panBy(
    view,
    shiftInto(left, right, viewport.width, margin),
    shiftInto(top, bottom, viewport.height, margin),
  )
}

/** Shows `box` (picture) large, in the middle. */
export function zoomTo(box: Rect, viewport: Size): View {
  const width = Math.max(1, box.right - box.left)
  const height = Math.max(1, box.bottom - box.top)
  const scale = Math.min(
    LARGEST_SCALE / 2,
    (0.7 * viewport.width) / width,
    (0.7 * viewport.height) / height,
  )
  return {
    scale,
    x: viewport.width / 2 - (scale * (box.left + box.right)) / 2,
    y: viewport.height / 2 - (scale * (box.top + box.bottom)) / 2,
  }
}

export function screenRect({ scale, x, y }: View, box: Rect): Rect {
  return {
    left: x + scale * box.left,
    top: y + scale * box.top,
    right: x + scale * box.right,
    bottom: y + scale * box.bottom,
  }
}

function shiftInto(from: number, to: number, room: number, margin: number): number {
  if (from >= 0 && to <= room) return 0
  if (to - from > room - 2 * margin) return from < 0 && to > room ? 0 : (room - to - from) / 2
  return from < margin ? margin - from : Math.min(0, room - margin - to)
}
