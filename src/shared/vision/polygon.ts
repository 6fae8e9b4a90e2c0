import { AppError } from '../errors'
import { type Rle, RunList } from './rle'
import { rleUnion } from './rle-merge'
import type { FrameSize } from './rle-text'

// The fill rule of the COCO reference, bit for bit: detection scores change with any other. The reference draws each edge
// as a chain of points on a grid five times as fine, and looks only at the steps between neighbouring points that cross the
// middle of a pixel column. Here these steps are computed directly, so time grows with the frame and not with the polygon.

const scale = 5
/** Grid column of the middle of pixel column x is `5 x + 2`: the step from it to its right neighbour crosses the middle. */
const middle = 2
/** Beyond this the reference's 32-bit integers overflow. */
const largestCoordinate = (2 ** 31 - 2) / scale

/**
 * Fills one polygon: `points` is x, y, x, y, … in pixel edges, closed by itself; self-crossing parts alternate.
 * @throws AppError E_POLYGON_MALFORMED for an odd list, fewer than three points, or coordinates that are not usable
 */
export function polygonToRle(points: ArrayLike<number>, frame: FrameSize): Rle {
  checkPoints(points)
  return fill(points, frame)
}

/** Union of several polygons of one object; no polygon gives an empty mask. Throws as `polygonToRle`. */
export function polygonsToRle(polygons: readonly ArrayLike<number>[], frame: FrameSize): Rle {
  const [first, ...others] = polygons.map((points) => polygonToRle(points, frame))
  if (first) return rleUnion(first, ...others)
  const { width, height } = frame
  return { width, height, counts: Uint32Array.of(width * height) }
}

/** The pixels of a box `[x, y, width, height]` in pixel edges, by the same fill rule. */
export function boxToRle(
  [x, y, width, height]: readonly [number, number, number, number],
  frame: FrameSize,
): Rle {
  const [right, bottom] = [x + width, y + height]
  return polygonToRle([x, y, x, bottom, right, bottom, right, y], frame)
}

function fill(points: ArrayLike<number>, { width, height }: FrameSize): Rle {
  const toggles: number[] = []
  for (let i = 0; i < points.length; i += 2) {
    const next = (i + 2) % points.length
    addEdge(
      toggles,
      Math.trunc(scale * points[i]! + 0.5),
      Math.trunc(scale * points[i + 1]! + 0.5),
      Math.trunc(scale * points[next]! + 0.5),
      Math.trunc(scale * points[next + 1]! + 0.5),
      width,
      height,
    )
  }
  return runsBetween(Float64Array.from(toggles).sort(), width, height)
}

/** Adds the column-major places where the edge switches between inside and outside. */
function addEdge(
  toggles: number[],
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
  width: number,
  height: number,
): void {
  const steep = Math.abs(toX - fromX) < Math.abs(toY - fromY)
  const backwards = steep ? fromY > toY : fromX > toX
  const [startX, startY] = backwards ? [toX, toY] : [fromX, fromY]
  const [endX, endY] = backwards ? [fromX, fromY] : [toX, toY]
  const slope = steep ? (endX - startX) / (endY - startY) : (endY - startY) / (endX - startX)
  const leftX = Math.min(startX, endX)
  const rightX = Math.max(startX, endX)
  const firstColumn = Math.max(0, Math.ceil((leftX - middle) / scale))
  const lastColumn = Math.min(width - 1, Math.floor((rightX - 1 - middle) / scale))
  for (let column = firstColumn; column <= lastColumn; column++) {
    const crossing = scale * column + middle
    const upperY = steep
      ? startY + stepBefore(crossing, startX, slope, endY - startY)
      : upperOfStep(crossing - startX, startY, slope)
    const y = Math.ceil(Math.min(height, Math.max(0, (upperY + 0.5) / scale - 0.5)))
    toggles.push(column * height + y)
  }
}

/** Smaller y of the two points of a flat edge that lie `step` and `step + 1` columns from its start. */
function upperOfStep(step: number, startY: number, slope: number): number {
  const here = Math.trunc(startY + slope * step + 0.5)
  const there = Math.trunc(startY + slope * (step + 1) + 0.5)
  return Math.min(here, there)
}

/**
 * Rows from the start of a steep edge to the last point before it goes from grid column `crossing` to `crossing + 1`
 * or back. x only grows or only falls along the edge, so halving finds the place that the reference walks to.
 */
function stepBefore(crossing: number, startX: number, slope: number, steps: number): number {
  let [low, high] = [0, steps]
  while (high - low > 1) {
    const halfway = Math.floor((low + high) / 2)
    const x = Math.trunc(startX + slope * halfway + 0.5)
    if (slope > 0 ? x <= crossing : x > crossing) low = halfway
    else high = halfway
  }
  return low
}

/** Two toggles at the same place cancel: what lies between the others is one run. */
function runsBetween(toggles: Float64Array, width: number, height: number): Rle {
  const runs = new RunList()
  const end = width * height
  let previous = 0
  for (let i = 0; i < toggles.length; i++) {
    const place = toggles[i]!
    if (place >= end) break
    if (toggles[i + 1] === place) {
      i++
      continue
    }
    runs.push(place - previous)
    previous = place
  }
  if (end > previous || runs.length === 0) runs.push(end - previous)
  return { width, height, counts: runs.toArray() }
}

function checkPoints(points: ArrayLike<number>): void {
  if (points.length < 6 || points.length % 2 === 1) {
    throw malformed(`it has ${points.length} numbers`)
  }
  for (let i = 0; i < points.length; i++) {
    const value = points[i]!
    if (!(Math.abs(value) <= largestCoordinate)) throw malformed(`coordinate ${i} is ${value}`)
  }
}

function malformed(reason: string): AppError {
  return new AppError(
    'E_POLYGON_MALFORMED',
    `A polygon cannot be filled: ${reason}`,
    'A polygon is a list x, y, x, y, … of three points or more, in pixels.',
  )
}
