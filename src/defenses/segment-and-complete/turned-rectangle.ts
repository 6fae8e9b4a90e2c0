/** A convex polygon, as x, y pairs in pixel-edge coordinates. */
export type Polygon = Float64Array

/**
 * The smallest turned rectangle around a convex hull (rotating calipers: one side of it lies along an edge of the
 * hull), grown by `grow` pixels on every side. `hull` holds x, y pairs in order around it, at least three points.
 */
export function smallestTurnedRectangle(
  hull: Float64Array,
  grow: number,
): { corners: Polygon; area: number } {
  const points = hull.length / 2
  let best = { area: Infinity, ux: 1, uy: 0, u0: 0, u1: 0, v0: 0, v1: 0 }
  for (let k = 0; k < points; k++) {
    const next = (k + 1) % points
    const dx = hull[2 * next]! - hull[2 * k]!
    const dy = hull[2 * next + 1]! - hull[2 * k + 1]!
    const length = Math.hypot(dx, dy)
    if (length === 0) continue
    const extent = extentAlong(hull, dx / length, dy / length)
    if (extent.area < best.area) best = extent
  }
  const { ux, uy } = best
  const corner = (u: number, v: number): [number, number] => [u * ux - v * uy, u * uy + v * ux]
  const [u0, u1] = [best.u0 - grow, best.u1 + grow]
  const [v0, v1] = [best.v0 - grow, best.v1 + grow]
  return {
    corners: Float64Array.from([
      ...corner(u0, v0),
      ...corner(u1, v0),
      ...corner(u1, v1),
      ...corner(u0, v1),
    ]),
    area: (best.u1 - best.u0) * (best.v1 - best.v0),
  }
}

function extentAlong(hull: Float64Array, ux: number, uy: number) {
  let [u0, u1, v0, v1] = [Infinity, -Infinity, Infinity, -Infinity]
  for (let k = 0; k < hull.length; k += 2) {
    const u = hull[k]! * ux + hull[k + 1]! * uy
    const v = hull[k + 1]! * ux - hull[k]! * uy
    u0 = Math.min(u0, u)
    u1 = Math.max(u1, u)
    v0 = Math.min(v0, v)
    v1 = Math.max(v1, v)
  }
  return { area: (u1 - u0) * (v1 - v0), ux, uy, u0, u1, v0, v1 }
}

/**
 * The convex hull of a set of points (x, y pairs, sorted by y, then x): Andrew's monotone chain, turned by 90 degrees.
 */
export function convexHull(points: Float64Array): Float64Array {
  const count = points.length / 2
  const hull: number[] = []
  const chain = (order: (k: number) => number): void => {
    const start = hull.length
    for (let k = 0; k < count; k++) {
      const at = 2 * order(k)
      const x = points[at]!
      const y = points[at + 1]!
      while (hull.length - start >= 4 && turnsRight(hull, x, y)) hull.length -= 2
      hull.push(x, y)
    }
    hull.length -= 2 // the other chain begins with this point
  }
  chain((k) => k)
  chain((k) => count - 1 - k)
  return Float64Array.from(hull)
}

function turnsRight(hull: readonly number[], x: number, y: number): boolean {
  const n = hull.length
  const ax = hull[n - 4]!
  const ay = hull[n - 3]!
  const bx = hull[n - 2]!
  const by = hull[n - 1]!
  // Sorted by y: the chain runs down one side, so the sense is that of (y, x).
  return (by - ay) * (x - ax) - (bx - ax) * (y - ay) <= 0
}

/** Marks in `bits` every pixel whose centre lies in the convex polygon; what is outside the frame is cut off. */
export function fillConvexPolygon(
  bits: Uint8Array,
  width: number,
  height: number,
  corners: Polygon,
): void {
  const n = corners.length / 2
  let top = Infinity
  let bottom = -Infinity
  for (let k = 0; k < n; k++) {
    top = Math.min(top, corners[2 * k + 1]!)
    bottom = Math.max(bottom, corners[2 * k + 1]!)
  }
  const firstRow = Math.max(0, Math.ceil(top - 0.5))
  const lastRow = Math.min(height - 1, Math.floor(bottom - 0.5))
  for (let row = firstRow; row <= lastRow; row++) {
    const y = row + 0.5
    let left = Infinity
    let right = -Infinity
    for (let k = 0; k < n; k++) {
      const x0 = corners[2 * k]!
      const y0 = corners[2 * k + 1]!
      const x1 = corners[(2 * k + 2) % (2 * n)]!
      const y1 = corners[(2 * k + 3) % (2 * n)]!
      if (Math.min(y0, y1) > y || Math.max(y0, y1) < y) continue
      if (y0 === y1) {
        left = Math.min(left, x0, x1)
        right = Math.max(right, x0, x1)
        continue
      }
      const x = x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)
      left = Math.min(left, x)
      right = Math.max(right, x)
    }
    const from = Math.max(0, Math.ceil(left - 0.5 - 1e-9))
    const to = Math.min(width - 1, Math.floor(right - 0.5 + 1e-9))
    if (from <= to) bits.fill(1, row * width + from, row * width + to + 1)
  }
}
