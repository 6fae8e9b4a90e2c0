import type { Components } from '../../shared/vision/components'
import type { Mask } from '../../shared/vision/mask'
import { convexHull, fillConvexPolygon, smallestTurnedRectangle } from './turned-rectangle'
import type { SearchResult } from './rectangle-search'

const TIE = 1e-9

/**
 * Completes one component by the smallest turned rectangle around its pixels, grown by `grow` pixels on every side:
 * for patches that are turned or seen at an angle it covers as much as squares do with far less surplus. The
 * rectangle holds all of the component, so its q is its fill, |m| / area; it is accepted by the same ladder, if it is
 * `minFill` at least: false alarms are ragged, patches nearly fill their rectangle. Outside the guarantee of the definition.
 */
export function fitTurnedRectangle(
  mask: Mask,
  components: Components,
  index: number,
  area: number,
  rungs: Float64Array,
  { grow, minFill }: { readonly grow: number; readonly minFill: number },
  bits: Uint8Array,
): SearchResult {
  const hull = convexHull(outlinePoints(mask, components, index))
  const rectangle = smallestTurnedRectangle(hull, grow)
  const qMax = area / rectangle.area
  const rung = rungs.findIndex((threshold) => qMax >= Math.max(threshold, minFill) - TIE)
  if (rung >= 0) fillConvexPolygon(bits, mask.width, mask.height, rectangle.corners)
  return { rung, qMax }
}

/** The leftmost and rightmost corner of the found pixels on every line between rows, sorted by y, then x. */
function outlinePoints({ bits, width }: Mask, components: Components, index: number): Float64Array {
  const { boxes, firstRun, runRows, runStarts, runEnds } = components
  const top = boxes[4 * index + 1]!
  const lines = boxes[4 * index + 3]! - top + 1
  const lefts = new Float64Array(lines).fill(Infinity)
  const rights = new Float64Array(lines).fill(-Infinity)
  for (let run = firstRun[index]!; run < firstRun[index + 1]!; run++) {
    const row = runRows[run]! * width
    // Runs belong to the closed mask: only pixels that were found count.
    let first = runStarts[run]!
    let end = runEnds[run]!
    while (first < end && bits[row + first] === 0) first++
    while (end > first && bits[row + end - 1] === 0) end--
    if (first === end) continue
    for (let line = runRows[run]! - top; line <= runRows[run]! - top + 1; line++) {
      lefts[line] = Math.min(lefts[line]!, first)
      rights[line] = Math.max(rights[line]!, end)
    }
  }
  const points: number[] = []
  for (let line = 0; line < lines; line++) {
    if (rights[line]! >= lefts[line]!)
      points.push(lefts[line]!, top + line, rights[line]!, top + line)
  }
  return Float64Array.from(points)
}
