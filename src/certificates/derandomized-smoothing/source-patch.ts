import { type Footprint, touchedRange } from '../footprint'
import { winnerOf } from '../vote-margin'
import type { Ablation } from './ablation'
import { staysFirst, votesOf } from './certificate'

/** Classes that each position voted for, in order of positions; those not seen yet are missing at the end. */
export type VoteTable = readonly (readonly number[])[]

/**
 * Certificates in pixels of the picture that was resized for the model, for bands of columns or rows: a patch of `size`
 * source pixels, at one place, has a part in a run of the model's pixels, and those touch some of the positions.
 */
export interface SourceCertificate {
  /** The largest patch that is harmless at every place; 0: none. */
  readonly largest: number
  /** For each place of a patch of `size` pixels: whether the winner is certain to stay. */
  readonly mapAt: (size: number) => boolean[]
  /** The same for one place. */
  readonly isHarmless: (place: number, size: number) => boolean
}

/**
 * `table` must be whole. Each place is looked at for itself, which certifies no less than counting the worst place does.
 */
export function certifySource(
  table: VoteTable,
  classes: number,
  ablation: Ablation,
  footprint: Footprint,
): SourceCertificate {
  const votes = votesOf(table, classes)
  const winner = winnerOf(votes)
  const reach = harmlessReach(table, votes, ablation, (left, stolen) =>
    staysFirst(left, winner, stolen),
  )
  const length = footprint.first.length
  const isHarmless = (place: number, size: number): boolean => {
    const range = touchedRange(footprint, place, size)
    return range === null || range[1] < reach[range[0]]!
  }
  const mapAt = (size: number): boolean[] =>
    Array.from({ length: placesOf(length, size) }, (_, place) => isHarmless(place, size))
  // A patch has a part in all that a smaller one inside it has a part in: what is harmless is so up to some size.
  let [largest, tooLarge] = [0, length + 1]
  while (tooLarge - largest > 1) {
    const size = Math.floor((largest + tooLarge) / 2)
    if (mapAt(size).every(Boolean)) largest = size
    else tooLarge = size
  }
  return { largest, mapAt, isHarmless }
}

/** Places of a patch of `size` pixels on a side of `length`: 1 where it is as long, or longer. */
export const placesOf = (length: number, size: number): number => Math.max(1, length - size + 1)

/**
 * Whether a patch of `size` source pixels is harmless at every place: true or false where the positions that are not in
 * `table` yet cannot change it, null while they can. Exact for every size, as `certifySource`.
 */
export function sourceSettled(
  table: VoteTable,
  classes: number,
  ablation: Ablation,
  footprint: Footprint,
  size: number,
): boolean | null {
  const votes = votesOf(table, classes)
  const places = touchedByPlace(ablation, footprint, size).map((touched) => {
    const seen = touched.filter((position) => position < table.length)
    const left = [...votes]
    for (const position of seen) for (const c of table[position] ?? []) left[c] = left[c]! - 1
    const missing = ablation.positions - table.length - (touched.length - seen.length)
    return { left, stolen: touched.length, missing }
  })
  const all = votes.map((_, c) => c)
  const isCertain = (c: number): boolean =>
    places.every(({ left, stolen, missing }) => staysFirst(left, c, stolen + missing))
  const isPossible = (c: number): boolean =>
    places.every(({ left, stolen, missing }) =>
      staysFirst(
        left.map((count, other) => (other === c ? count + missing : count)),
        c,
        stolen,
      ),
    )
  if (all.some(isCertain)) return true
  return all.some(isPossible) ? null : false
}

/** The positions that a patch touches, for each of its places that differ in them. */
function touchedByPlace(
  ablation: Ablation,
  footprint: Footprint,
  size: number,
): readonly (readonly number[])[] {
  const places = Array.from({ length: placesOf(footprint.first.length, size) }, (_, place) =>
    touchedRange(footprint, place, size),
  )
  const ranges = new Map(places.filter((range) => range !== null).map((one) => [one.join(), one]))
  return [...ranges.values()].map(([from, to]) => ablation.touched(from, to - from + 1))
}

/**
 * For each first pixel of a run of the model's pixels: the one before which the run must end for `isHarmless` to hold. A
 * run inside a harmless one is harmless, so the ends never go back.
 */
function harmlessReach(
  table: VoteTable,
  votes: readonly number[],
  ablation: Ablation,
  isHarmless: (left: readonly number[], stolen: number) => boolean,
): Int32Array {
  const isRunHarmless = (from: number, to: number): boolean => {
    const touched = ablation.touched(from, to - from + 1)
    const left = [...votes]
    for (const position of touched) for (const c of table[position] ?? []) left[c] = left[c]! - 1
    return isHarmless(left, touched.length)
  }
  let end = 0
  return Int32Array.from({ length: ablation.largestPatch }, (_, from) => {
    end = Math.max(end, from)
    while (end < ablation.largestPatch && isRunHarmless(from, end)) end++
    return end
  })
}
