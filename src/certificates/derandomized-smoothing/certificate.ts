import { marginBudget, winnerOf } from '../vote-margin'
import type { Ablation } from './ablation'

/** Votes per class of a table that holds the classes each position voted for. */
export function votesOf(table: readonly (readonly number[])[], classes: number): number[] {
  const votes = new Array<number>(classes).fill(0)
  for (const set of table) for (const c of set) votes[c] = votes[c]! + 1
  return votes
}

/** Whether the winner is certified against every patch of `size` pixels: it cannot touch more votes than may turn. */
export function isCertified(budget: number, ablation: Ablation, size: number): boolean {
  return ablation.affected(size) <= budget
}

/** The largest patch that the winner is certified against; 0: none. */
export function largestCertifiedPatch(budget: number, ablation: Ablation): number {
  let largest = 0
  while (largest < ablation.largestPatch && isCertified(budget, ablation, largest + 1)) largest++
  return largest
}

/**
 * For each place of a patch of `size` pixels: whether the winner is certified there. Exact: where it is not, some votes
 * of the positions that the patch touches make another class win. `votes` must be those of `table`.
 */
export function locationMap(
  table: readonly (readonly number[])[],
  votes: readonly number[],
  ablation: Ablation,
  size: number,
): boolean[] {
  const winner = winnerOf(votes)
  const places = ablation.places(size)
  const map: boolean[] = []
  for (let place = 0; place < places; place++) {
    const touched = ablation.touched(place, size)
    const untouched = [...votes]
    for (const position of touched) {
      for (const c of table[position] ?? []) untouched[c] = untouched[c]! - 1
    }
    map.push(staysFirst(untouched, winner, touched.length))
  }
  return map
}

/** Whether `winner` stays first when every other class gets `stolen` votes more. */
export function staysFirst(votes: readonly number[], winner: number, stolen: number): boolean {
  const own = votes[winner]!
  return votes.every(
    (count, c) => c === winner || own > count + stolen || (own === count + stolen && winner < c),
  )
}

export interface TableCertificate {
  readonly winner: number
  readonly votes: readonly number[]
  readonly budget: number
  readonly largestPatch: number
}

export function certifyVotes(votes: readonly number[], ablation: Ablation): TableCertificate {
  const budget = marginBudget(votes)
  const largestPatch = largestCertifiedPatch(budget, ablation)
  return { winner: winnerOf(votes), votes, budget, largestPatch }
}

/** What the lower bound of the winner's share has to exceed when positions are drawn at random, with replacement. */
export function monteCarloThreshold(ablation: Ablation, size: number): number {
  return 0.5 + ablation.affected(size) / ablation.positions
}

/** The largest patch that a lower bound certifies; 0: none. */
export function largestPatchOfBound(lower: number, ablation: Ablation): number {
  let largest = 0
  while (largest < ablation.largestPatch && lower > monteCarloThreshold(ablation, largest + 1)) {
    largest++
  }
  return largest
}
