import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { convexHull } from '../../../src/defenses/segment-and-complete/convex-hull'
import type { Runs } from '../../../src/defenses/segment-and-complete/run-histogram'

type Point = readonly [number, number]

const SIDE = 6
const masks = fc
  .array(fc.boolean(), { minLength: SIDE * SIDE, maxLength: SIDE * SIDE })
  .filter((on) => on.includes(true))
  .map((on) => on.flatMap((isOn, i): Point[] => (isOn ? [[i % SIDE, Math.floor(i / SIDE)]] : [])))

describe('the convex hull of pixels', () => {
  test('has the sides and the area of the hull by brute force', () => {
    fc.assert(
      fc.property(masks, (pixels) => {
        const hull = convexHull(runsOf(pixels))
        const want = sidesByBruteForce(cornersOf(pixels))
        expect(new Set(sidesOf(hull.corners))).toEqual(new Set(want.map(String)))
        expect(sidesOf(hull.corners)).toHaveLength(want.length)
        expect(hull.area).toBe(want.reduce((sum, [a, b]) => sum + cross(a, b), 0) / 2)
      }),
    )
  })

  test('a row of pixels is its own hull', () => {
    const { corners, area } = convexHull({ rows: [3], starts: [2], ends: [9], found: [7] })
    expect(area).toBe(7)
    expect(sidesOf(corners).toSorted()).toEqual(['2,3,9,3', '2,4,2,3', '9,3,9,4', '9,4,2,4'])
  })
})

function runsOf(pixels: readonly Point[]): Runs {
  const rows = pixels.map(([, y]) => y)
  const starts = pixels.map(([x]) => x)
  return { rows, starts, ends: starts.map((x) => x + 1), found: starts.map(() => 1) }
}

function cornersOf(pixels: readonly Point[]): Point[] {
  const corners = pixels.flatMap(([x, y]): Point[] => [
    [x, y],
    [x + 1, y],
    [x, y + 1],
    [x + 1, y + 1],
  ])
  return [...new Map(corners.map((corner) => [String(corner), corner])).values()]
}

/** Every pair of points that has all others on its right (on the screen) and none beyond it on its own line. */
function sidesByBruteForce(points: readonly Point[]): [Point, Point][] {
  return points.flatMap((a) =>
    points
      .filter(
        (b) =>
          a !== b &&
          points.every((c) => {
            const turn = cross(minus(b, a), minus(c, a))
            return turn > 0 || (turn === 0 && dot(minus(c, a), minus(c, b)) <= 0)
          }),
      )
      .map((b): [Point, Point] => [a, b]),
  )
}

function sidesOf(corners: Float64Array): string[] {
  const points: Point[] = []
  for (let k = 0; k < corners.length; k += 2) points.push([corners[k]!, corners[k + 1]!])
  return points.map((a, k) => String([a, points[(k + 1) % points.length]]))
}

function minus(a: Point, b: Point): Point {
  return [a[0] - b[0], a[1] - b[1]]
}

function cross(a: Point, b: Point): number {
  return a[0] * b[1] - a[1] * b[0]
}

function dot(a: Point, b: Point): number {
  return a[0] * b[0] + a[1] * b[1]
}
