import type { Polygon } from './convex-polygon'
import type { Runs } from './run-histogram'

export interface ConvexHull {
  readonly corners: Polygon
  readonly area: number
}

interface Point {
  readonly x: number
  readonly y: number
}

/**
 * The convex hull of pixels taken as squares: both sides from top to bottom, leaving out every corner that the next one
 * shows to lie inside (Andrew's monotone chain). `runs` must be ordered by row and hold a pixel.
 */
export function convexHull(runs: Runs): ConvexHull {
  const rows = rowEnds(runs)
  const right = outerSide(rows.flatMap(({ row, right: x }) => squareEnds(row, x)))
  const left = outerSide(
    rows.toReversed().flatMap(({ row, left: x }) => squareEnds(row, x).toReversed()),
  )
  const corners = [...right, ...left]
  return {
    corners: Float64Array.from(corners.flatMap(({ x, y }) => [x, y])),
    area: areaOf(corners),
  }
}

interface RowEnds {
  readonly row: number
  left: number
  right: number
}

function rowEnds({ rows, starts, ends }: Runs): RowEnds[] {
  const found: RowEnds[] = []
  for (const [i, row] of rows.entries()) {
    const last = found.at(-1)
    if (last?.row === row) {
      last.left = Math.min(last.left, starts[i]!)
      last.right = Math.max(last.right, ends[i]!)
    } else found.push({ row, left: starts[i]!, right: ends[i]! })
  }
  return found
}

function squareEnds(row: number, x: number): Point[] {
  return [
    { x, y: row },
    { x, y: row + 1 },
  ]
}

/** What is left of a chain of corners that must turn one way throughout. */
function outerSide(chain: readonly Point[]): Point[] {
  const kept: Point[] = []
  for (const next of chain) {
    while (kept.length > 1 && turn(kept.at(-2)!, kept.at(-1)!, next) <= 0) kept.pop()
    kept.push(next)
  }
  return kept
}

/** Twice the area of the triangle, above 0 where it runs clockwise on the screen. */
function turn(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

function areaOf(corners: readonly Point[]): number {
  let twice = 0
  for (const [i, a] of corners.entries()) {
    const b = corners[(i + 1) % corners.length]!
    twice += a.x * b.y - a.y * b.x
  }
  return twice / 2
}
