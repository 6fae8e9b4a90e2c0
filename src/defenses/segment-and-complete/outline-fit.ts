import type { Components } from '../../shared/vision/components'
import type { Mask } from '../../shared/vision/mask'
import { convexHull } from './convex-hull'
import { fillConvexPolygon, type Polygon } from './convex-polygon'
import type { SearchResult } from './rectangle-search'
import type { Runs } from './run-histogram'
import { bestTurnedRectangle } from './turned-rectangle'

const TIE = 1e-9

export interface OutlineOptions {
  /** Where no rectangle is accepted, the convex hull may be. */
  readonly orHull: boolean
  readonly grow: number
  readonly minFill: number
}

/**
 * Completes one component to the turned rectangle that fits its pixels best, grown by `grow` pixels on every side: for
 * patches that are turned or seen at an angle it covers as much as squares do with far less surplus. Its q is its fill,
 * |m and R| / |R|; it is accepted by the same ladder, if it is `minFill` at least: false alarms are ragged, patches
 * nearly fill their rectangle. What does not, but fills its convex hull as well as that, is a round or many-cornered
 * patch, such as a road sign: with `orHull` it is completed to the hull. Outside the guarantee of the definition.
 */
export function fitOutline(
  mask: Mask,
  components: Components,
  index: number,
  rungs: Float64Array,
  { orHull, grow, minFill }: OutlineOptions,
  bits: Uint8Array,
): SearchResult {
  const runs = foundRuns(mask, components, index)
  const complete = (corners: Polygon, fill: number): SearchResult => {
    const rung = rungs.findIndex((threshold) => fill >= Math.max(threshold, minFill) - TIE)
    if (rung >= 0) fillConvexPolygon(bits, mask.width, mask.height, corners)
    return { rung, qMax: fill }
  }
  const best = bestTurnedRectangle(runs, grow)
  const rectangle = complete(best.corners, best.fill)
  if (rectangle.rung >= 0 || !orHull) return rectangle
  const { corners, area } = convexHull(runs)
  const hull = complete(corners, runs.found.reduce((sum, count) => sum + count, 0) / area)
  return { rung: hull.rung, qMax: Math.max(hull.qMax, rectangle.qMax) }
}

/** The runs of a component, without what the closing of the mask added at their ends. */
function foundRuns({ bits, width }: Mask, components: Components, index: number): Runs {
  const { firstRun, runRows, runStarts, runEnds } = components
  const runs = {
    rows: [] as number[],
    starts: [] as number[],
    ends: [] as number[],
    found: [] as number[],
  }
  for (let run = firstRun[index]!; run < firstRun[index + 1]!; run++) {
    const row = runRows[run]! * width
    let start = runStarts[run]!
    let end = runEnds[run]!
    while (start < end && bits[row + start] === 0) start++
    while (end > start && bits[row + end - 1] === 0) end--
    if (start === end) continue
    let found = 0
    for (let x = start; x < end; x++) found += bits[row + x]!
    runs.rows.push(runRows[run]!)
    runs.starts.push(start)
    runs.ends.push(end)
    runs.found.push(found)
  }
  return runs
}
