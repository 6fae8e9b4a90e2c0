/** A convex polygon, as x, y pairs in pixel-edge coordinates. */
export type Polygon = Float64Array

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
