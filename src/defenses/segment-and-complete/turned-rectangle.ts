import type { Polygon } from './convex-polygon'
import {
  type Axis,
  extent,
  histogram,
  type Interval,
  length,
  type Runs,
  type Space,
  spaceFor,
} from './run-histogram'

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
const RUNS_FOR_DIRECTION = 96
const ROUNDS_FOR_DIRECTION = 2
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

function same(a: Interval, b: Interval): boolean {
  return a.from === b.from && a.to === b.to
}

function degrees(first: number, last: number, step: number): number[] {
  const count = Math.round((last - first) / step) + 1
  return Array.from({ length: count }, (_, i) => ((first + i * step) * Math.PI) / 180)
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
