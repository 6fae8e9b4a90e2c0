import { handlePoint, handles } from './box-editing'
import { CASING, dataColours } from './line-styles'
import { screenRect, toScreen, type Point, type Rect, type Size, type View } from './view'

const LOUPE_RADIUS = 90

/** A hair cross over the whole canvas. */
export function drawCross(context: CanvasRenderingContext2D, at: Point, viewport: Size): void {
  const [x, y] = [Math.round(at.x) + 0.5, Math.round(at.y) + 0.5]
  for (const [colour, width] of [
    ['rgb(8 9 11 / .5)', 3],
    ['rgb(255 255 255 / .8)', 1],
  ] as const) {
    context.strokeStyle = colour
    context.lineWidth = width
    context.beginPath()
    context.moveTo(x, 0)
    context.lineTo(x, viewport.height)
    context.moveTo(0, y)
    context.lineTo(viewport.width, y)
    context.stroke()
  }
}

/** What lies under the pointer, `scale` CSS pixels a pixel of the picture, in a round window that never hides its own place. */
export function drawLoupe(
  context: CanvasRenderingContext2D,
  shown: CanvasImageSource,
  picture: Size,
  at: Point,
  screen: Point,
  viewport: Size,
  scale: number,
): void {
  const gap = LOUPE_RADIUS + 28
  const x = screen.x + gap + LOUPE_RADIUS > viewport.width ? screen.x - gap : screen.x + gap
  const y = Math.min(viewport.height - LOUPE_RADIUS - 8, Math.max(LOUPE_RADIUS + 8, screen.y - gap))
  context.save()
  context.beginPath()
  context.arc(x, y, LOUPE_RADIUS, 0, 2 * Math.PI)
  context.fillStyle = '#000'
  context.fill()
  context.clip()
  context.imageSmoothingEnabled = false
  context.drawImage(
    shown,
    x - at.x * scale,
    y - at.y * scale,
    picture.width * scale,
    picture.height * scale,
  )
  context.restore()
  context.strokeStyle = '#fff'
  context.lineWidth = 2
  context.beginPath()
  context.arc(x, y, LOUPE_RADIUS, 0, 2 * Math.PI)
  context.moveTo(x - 6, y)
  context.lineTo(x + 6, y)
  context.moveTo(x, y - 6)
  context.lineTo(x, y + 6)
  context.stroke()
}

/** White squares with a dark edge at the corners and sides of the selected shape, or at the corners of a polygon. */
export function drawHandles(context: CanvasRenderingContext2D, points: readonly Point[]): void {
  context.lineWidth = 1
  for (const { x, y } of points) {
    const [left, top] = [Math.round(x) - 4, Math.round(y) - 4]
    context.fillStyle = '#111'
    context.fillRect(left, top, 9, 9)
    context.fillStyle = '#fff'
    context.fillRect(left + 1, top + 1, 7, 7)
  }
}

export function boxHandles(view: View, box: Rect): Point[] {
  return handles.map((handle) => toScreen(view, handlePoint(handle, box)))
}

/** The outline of a shape that is being drawn, or that the selection marks: dashes of its colour on a casing. */
export function strokeShape(
  context: CanvasRenderingContext2D,
  path: Path2D,
  colour: string = dataColours.completed,
  dash: readonly number[] = [5, 4],
): void {
  context.lineJoin = 'round'
  context.setLineDash([])
  context.globalAlpha = CASING.opacity
  context.strokeStyle = CASING.colour
  context.lineWidth = 4
  context.stroke(path)
  context.globalAlpha = 1
  context.setLineDash([...dash])
  context.strokeStyle = colour
  context.lineWidth = 2
  context.stroke(path)
  context.setLineDash([])
}

export function rectPath(view: View, box: Rect): Path2D {
  const { left, top, right, bottom } = screenRect(view, box)
  const path = new Path2D()
  path.rect(left, top, right - left, bottom - top)
  return path
}

export function ellipsePath(view: View, box: Rect): Path2D {
  const { left, top, right, bottom } = screenRect(view, box)
  const path = new Path2D()
  path.ellipse(
    (left + right) / 2,
    (top + bottom) / 2,
    (right - left) / 2,
    (bottom - top) / 2,
    0,
    0,
    2 * Math.PI,
  )
  return path
}

/** `points`: x, y, x, y … in pixels of the picture. */
export function polygonPath(view: View, points: readonly number[], isClosed: boolean): Path2D {
  const path = new Path2D()
  for (let i = 0; i + 1 < points.length; i += 2) {
    const { x, y } = toScreen(view, { x: points[i]!, y: points[i + 1]! })
    if (i === 0) path.moveTo(x, y)
    else path.lineTo(x, y)
  }
  if (isClosed) path.closePath()
  return path
}

export function brushPath(view: View, at: Point, radius: number): Path2D {
  const { x, y } = toScreen(view, at)
  const path = new Path2D()
  path.arc(x, y, Math.max(1, radius * view.scale), 0, 2 * Math.PI)
  return path
}
