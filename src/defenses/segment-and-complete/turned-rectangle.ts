import type { Polygon } from './convex-polygon'

/** Found pixels in rows: `found[i]` of them in row `rows[i]`, columns `starts[i] <= x < ends[i]`, evenly at that. */
export interface Runs {
  readonly rows: readonly number[]
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly found: readonly number[]
}

export interface TurnedRectangle {
  readonly corners: Polygon
  readonly area: number
  /** Share of the rectangle that is found pixels, before it was grown. */
  readonly fill: number
}

/**
 * What a pixel of the rectangle costs, where a found pixel in it gains 1. At 0 the best rectangle would hold everything
 * that was found, and a few pixels beside a patch would make it half as large again; at 0.5 a patch whose rim was found
 * in part would lose it. Between 0.2 and 0.5 hardly anything depends on it.
 */
const PIXEL_COST = 0.3

const DIRECTIONS = degrees(0, 84, 6)
const NEARBY = degrees(-3, 3, 1.5)
const NEAREST = degrees(-0.75, 0.75, 0.75)
/** So many runs tell the direction; the place is fitted to all of them. */
const RUNS_FOR_DIRECTION = 64
const ROUNDS_FOR_DIRECTION = 1
const MOST_ROUNDS = 4

/**
 * The turned rectangle R with the largest |m and R| - 0.3 |R| for the found pixels m, grown by `grow` pixels on every
 * side: the best of all directions, 6 degrees apart and then 0.75, found to a pixel in each by moving opposite sides in
 * turn. Unlike the smallest rectangle around m it leaves stray pixels outside.
 *
 * `runs` must hold a pixel. Time grows with the number of runs, whatever their length.
 */
export function bestTurnedRectangle(runs: Runs, grow: number): TurnedRectangle {
  const { axis, u, v, inside } = bestFit(runs)
  const corner = (a: number, b: number) => [a * axis.x - b * axis.y, a * axis.y + b * axis.x]
  const corners = [
    ...corner(u.from - grow, v.from - grow),
    ...corner(u.to + grow, v.from - grow),
    ...corner(u.to + grow, v.to + grow),
    ...corner(u.from - grow, v.to + grow),
  ]
  const area = length(u) * length(v)
  return { corners: Float64Array.from(corners), area, fill: Math.min(1, inside / area) }
}

function bestFit(runs: Runs): Fit {
  const space = spaceFor(runs)
  const upright = fitAlong(runs, 0, MOST_ROUNDS, space)
  // All that was found and nothing else: no rectangle can be better.
  const all = runs.found.reduce((sum, count) => sum + count, 0)
  if (upright.inside === all && length(upright.u) * length(upright.v) === all) return upright
  const some = thinned(runs, RUNS_FOR_DIRECTION)
  const roughly = (angle: number) => fitAlong(some, angle, ROUNDS_FOR_DIRECTION, space)
  const rough = bestOf(DIRECTIONS.map(roughly))
  const near = bestOf(NEARBY.map((turn) => roughly(rough.angle + turn)))
  return bestOf(NEAREST.map((turn) => fitAlong(runs, near.angle + turn, MOST_ROUNDS, space)))
}

interface Axis {
  readonly x: number
  readonly y: number
}
interface Interval {
  readonly from: number
  readonly to: number
}

interface Fit {
  readonly angle: number
  readonly axis: Axis
  /** Extent along the axis, and across it. */
  readonly u: Interval
  readonly v: Interval
  readonly inside: number
  readonly score: number
}

/** The nearest to no turn of those that are equally good. */
function bestOf(fits: readonly Fit[]): Fit {
  return fits.reduce((best, fit) => {
    const gain = fit.score - best.score
    if (Math.abs(gain) < 1e-9) return Math.abs(fit.angle) < Math.abs(best.angle) ? fit : best
    return gain > 0 ? fit : best
  })
}

/** The runs of every k-th row, standing for those of k rows. */
function thinned(runs: Runs, most: number): Runs {
  const every = Math.ceil(runs.rows.length / most)
  if (every === 1) return runs
  const isKept = (_: number, i: number) => (runs.rows[i]! - runs.rows[0]!) % every === 0
  return {
    rows: runs.rows.filter(isKept),
    starts: runs.starts.filter(isKept),
    ends: runs.ends.filter(isKept),
    found: runs.found.filter(isKept).map((count) => every * count),
  }
}

/** The best rectangle with sides along and across one direction, reached from the one around everything. */
function fitAlong(runs: Runs, angle: number, mostRounds: number, space: Space): Fit {
  const axis = { x: Math.cos(angle), y: Math.sin(angle) }
  const across = { x: -axis.y, y: axis.x }
  const reachU = extent(runs, axis)
  const reachV = extent(runs, across)
  let [u, v, inside]: [Interval, Interval, number] = [reachU, reachV, 0]
  for (let round = 0; round < mostRounds; round++) {
    const along = heaviest(histogram(runs, axis, reachU, across, v, space), reachU, length(v))
    const sideways = heaviest(
      histogram(runs, across, reachV, axis, along, space),
      reachV,
      length(along),
    )
    const isSettled = same(u, along) && same(v, sideways)
    ;[u, v, inside] = [along, sideways, sideways.mass]
    if (isSettled) break
  }
  return { angle, axis, u, v, inside, score: inside - PIXEL_COST * length(u) * length(v) }
}

function length({ from, to }: Interval): number {
  return to - from
}

function same(a: Interval, b: Interval): boolean {
  return a.from === b.from && a.to === b.to
}

function degrees(first: number, last: number, step: number): number[] {
  const count = Math.round((last - first) / step) + 1
  return Array.from({ length: count }, (_, i) => ((first + i * step) * Math.PI) / 180)
}

/** From the first whole position to the last that the centre lines of the runs reach. */
function extent({ rows, starts, ends }: Runs, { x, y }: Axis): Interval {
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
interface Space {
  readonly bins: Float64Array
  readonly steps: Float64Array
}

function spaceFor(runs: Runs): Space {
  const [u, v] = [extent(runs, { x: 1, y: 0 }), extent(runs, { x: 0, y: 1 })]
  const longest = Math.ceil(Math.hypot(length(u), length(v))) + 4
  return { bins: new Float64Array(longest), steps: new Float64Array(longest) }
}

/**
 * Found pixels by their whole position along `axis`, counted from `reach.from`, as far as they lie within `limits` along
 * `across`. A run is a line of even density: it is spread over all its bins at once, as two steps of a running sum.
 */
function histogram(
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

/** The interval of bins that holds most when each costs as much as `across` pixels do (Kadane's algorithm). */
function heaviest(
  bins: Float64Array,
  { from }: Interval,
  across: number,
): Interval & { readonly mass: number } {
  const cost = PIXEL_COST * across
  let [bestFirst, bestLast, bestGain] = [0, 0, -Infinity]
  let [first, gain] = [0, 0]
  for (let i = 0; i < bins.length; i++) {
    if (gain <= 0) {
      first = i
      gain = 0
    }
    gain += bins[i]! - cost
    if (gain > bestGain) [bestFirst, bestLast, bestGain] = [first, i, gain]
  }
  let mass = 0
  for (let i = bestFirst; i <= bestLast; i++) mass += bins[i]!
  return { from: from + bestFirst, to: from + bestLast + 1, mass }
}
