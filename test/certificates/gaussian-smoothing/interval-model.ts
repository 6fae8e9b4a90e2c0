import { normalCdf, normalPdf } from '../../../src/shared/statistics'

/** A classifier of numbers: votes for the class on a union of disjoint intervals, ascending. All of it is known exactly. */
export type Intervals = readonly (readonly [number, number])[]

/** The share of votes under standard normal noise around `x`. */
export const shareAt = (intervals: Intervals, x: number): number =>
  intervals.reduce((sum, [from, to]) => sum + normalCdf(to - x) - normalCdf(from - x), 0)

/** The derivative of that share. */
export const slopeAt = (intervals: Intervals, x: number): number =>
  intervals.reduce((sum, [from, to]) => sum + normalPdf(from - x) - normalPdf(to - x), 0)

/** The part of the intervals whose mirror image lies in them as well. */
export function symmetricPart(intervals: Intervals): Intervals {
  const mirrored = intervals.map(([from, to]) => [-to, -from] as const)
  return intervals
    .flatMap(([a, b]) => mirrored.map(([c, d]) => [Math.max(a, c), Math.min(b, d)] as const))
    .filter(([from, to]) => from < to)
}

/** The smallest share of votes within `radius` of 0, looked for on a fine grid and at its ends. */
export function leastShare(intervals: Intervals, radius: number): number {
  let least = Infinity
  for (let step = -200; step <= 200; step++) {
    least = Math.min(least, shareAt(intervals, (radius * step) / 200))
  }
  return least
}
