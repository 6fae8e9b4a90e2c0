import type { BoxXywh, Shape } from '../../shared/dataset'
import { polygonsToRle } from '../../shared/vision/polygon'
import { rleArea } from '../../shared/vision/rle'
import type { FrameSize } from '../../shared/vision/rle-text'

/** What an outline says of an object: pixel edges, as drawn. */
export interface OutlinedObject {
  readonly box: BoxXywh
  readonly shape: Shape
  readonly area: number
}

/** Larger pictures are not opened, so no mask is made for them either. */
export const maxSide = 65_500
export const maxPixels = 120e6
/** Crossings of pixel columns up to which a polygon is filled for its area; more are made to waste time. */
const maxCrossings = 4e6

/** Whether pixels of a picture of this size may be counted. */
export function isUsableFrame(frame: FrameSize | null): frame is FrameSize {
  if (frame === null) return false
  const { width, height } = frame
  const whole = Number.isSafeInteger(width) && Number.isSafeInteger(height)
  return (
    whole &&
    width > 0 &&
    height > 0 &&
    Math.max(width, height) <= maxSide &&
    width * height <= maxPixels
  )
}

/**
 * Polygons (flat lists x, y, x, y …, three points or more, finite) as an object. Its area is that of the filled mask, or
 * of the drawn lines where the size of the picture is not known.
 */
export function outlinedObject(
  polygons: readonly (readonly number[])[],
  frame: FrameSize | null,
  box: BoxXywh = boundsOf(polygons),
): OutlinedObject {
  return { box, shape: { polygons }, area: outlineArea(polygons, frame) }
}

export function boundsOf(polygons: readonly (readonly number[])[]): BoxXywh {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const points of polygons) {
    for (let i = 0; i + 1 < points.length; i += 2) {
      left = Math.min(left, points[i]!)
      right = Math.max(right, points[i]!)
      top = Math.min(top, points[i + 1]!)
      bottom = Math.max(bottom, points[i + 1]!)
    }
  }
  return [left, top, right - left, bottom - top]
}

function outlineArea(polygons: readonly (readonly number[])[], frame: FrameSize | null): number {
  const canFill = isUsableFrame(frame) && polygons.every((points) => isFillable(points, frame))
  if (canFill) return rleArea(polygonsToRle(polygons, frame))
  return polygons.reduce((sum, points) => sum + drawnArea(points), 0)
}

function isFillable(points: readonly number[], frame: FrameSize): boolean {
  let crossings = 0
  for (let i = 0; i < points.length; i += 2) {
    const next = (i + 2) % points.length
    if (Math.max(Math.abs(points[i]!), Math.abs(points[i + 1]!)) > 1e8) return false
    crossings += Math.min(frame.width, Math.abs(points[next]! - points[i]!))
  }
  return crossings <= maxCrossings
}

/** Half the sum of the cross products of neighbouring corners. */
export function drawnArea(points: readonly number[]): number {
  let twice = 0
  for (let i = 0; i + 1 < points.length; i += 2) {
    const next = (i + 2) % points.length
    twice += points[i]! * points[next + 1]! - points[next]! * points[i + 1]!
  }
  return Math.abs(twice) / 2
}

/** The corners of a box that is turned clockwise (on the screen) about its middle. */
export function turnedBox([x, y, width, height]: BoxXywh, degrees: number): number[] {
  const [middleX, middleY] = [x + width / 2, y + height / 2]
  const corners = [x, y, x + width, y, x + width, y + height, x, y + height]
  return turned(corners, middleX, middleY, degrees)
}

/** Corners that stand in for an ellipse; their hull lacks less than a thousandth of its radius. */
const ellipseCorners = 72

/** An ellipse about (x, y), turned clockwise. The first corner lies at its right end. */
export function ellipseOutline(
  x: number,
  y: number,
  radiusX: number,
  radiusY: number,
  degrees = 0,
): number[] {
  const points: number[] = []
  for (let i = 0; i < ellipseCorners; i++) {
    const angle = (2 * Math.PI * i) / ellipseCorners
    points.push(x + radiusX * Math.cos(angle), y + radiusY * Math.sin(angle))
  }
  return turned(points, x, y, degrees)
}

function turned(points: readonly number[], x: number, y: number, degrees: number): number[] {
  // Quarter turns are exact, so that upright boxes stay on their pixels.
  const quarter = ((degrees % 360) + 360) % 360
  const angle = (degrees * Math.PI) / 180
  const cos = quarter % 90 === 0 ? [1, 0, -1, 0][quarter / 90]! : Math.cos(angle)
  const sin = quarter % 90 === 0 ? [0, 1, 0, -1][quarter / 90]! : Math.sin(angle)
  return points.map((value, i) => {
    const [dx, dy] = i % 2 === 0 ? [value - x, points[i + 1]! - y] : [points[i - 1]! - x, value - y]
    return i % 2 === 0 ? x + dx * cos - dy * sin : y + dx * sin + dy * cos
  })
}
