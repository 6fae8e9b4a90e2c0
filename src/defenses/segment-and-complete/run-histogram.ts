/** Found pixels in rows: `found[i]` of them in row `rows[i]`, columns `starts[i] <= x < ends[i]`, evenly at that. */
export interface Runs {
  readonly rows: readonly number[]
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly found: readonly number[]
}

export interface Axis {
  readonly x: number
  readonly y: number
}
export interface Interval {
  readonly from: number
  readonly to: number
}

export function length({ from, to }: Interval): number {
  return to - from
}

/** From the first whole position to the last that the centre lines of the runs reach. */
export function extent({ rows, starts, ends }: Runs, { x, y }: Axis): Interval {
  let [from, to] = [Infinity, -Infinity]
  for (let i = 0; i < rows.length; i++) {
    const base = (rows[i]! + 0.5) * y
    const a = starts[i]! * x + base
    const b = ends[i]! * x + base
    from = Math.min(from, a, b)
    to = Math.max(to, a, b)
  }
  return { from: Math.floor(from), to: Math.floor(to) + 1 }
}

/** Room for the histograms of one part, in whatever direction. */
export interface Space {
  readonly bins: Float64Array
  readonly steps: Float64Array
}

export function spaceFor(runs: Runs): Space {
  const [u, v] = [extent(runs, { x: 1, y: 0 }), extent(runs, { x: 0, y: 1 })]
  const longest = Math.ceil(Math.hypot(length(u), length(v))) + 4
  return { bins: new Float64Array(longest), steps: new Float64Array(longest) }
}

/**
 * Found pixels by their whole position along `axis`, counted from `reach.from`, as far as they lie within `limits` along
 * `across`. A run is a line of even density: it is spread over all its bins at once, as two steps of a running sum.
 */
export function histogram(
  { rows, starts, ends, found }: Runs,
  axis: Axis,
  reach: Interval,
  across: Axis,
  limits: Interval,
  space: Space,
): Float64Array {
  const bins = space.bins.subarray(0, length(reach) + 1).fill(0)
  const steps = space.steps.subarray(0, length(reach) + 2).fill(0)
  const isLevel = Math.abs(across.x) < 1e-9
  for (let i = 0; i < rows.length; i++) {
    const middle = rows[i]! + 0.5
    const base = middle * across.y
    let left = starts[i]!
    let right = ends[i]!
    const mass = found[i]! / (right - left)
    if (isLevel) {
      if (base < limits.from || base >= limits.to) continue
    } else {
      const a = (limits.from - base) / across.x
      const b = (limits.to - base) / across.x
      left = Math.max(left, Math.min(a, b))
      right = Math.min(right, Math.max(a, b))
      if (right <= left) continue
    }
    const a = left * axis.x + middle * axis.y - reach.from
    const b = right * axis.x + middle * axis.y - reach.from
    const low = Math.min(a, b)
    const high = Math.max(a, b)
    const first = Math.floor(low)
    const last = Math.floor(high)
    if (first === last) {
      bins[first]! += mass * (right - left)
      continue
    }
    const density = (mass * (right - left)) / (high - low)
    bins[first]! += density * (first + 1 - low)
    bins[last]! += density * (high - last)
    steps[first + 1]! += density
    steps[last]! -= density
  }
  let running = 0
  for (let i = 0; i < bins.length; i++) {
    running += steps[i]!
    bins[i]! += running
  }
  return bins
}
