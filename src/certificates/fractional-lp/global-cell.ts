import { runnerUpOf, winnerOf } from '../vote-margin'
import type { Slot } from './slots'

// One cell size for the whole picture in each sample, and samples that weigh differently: for p = 1/2.

/** Samples: every offset of every cell size 1..255. */
export const GLOBAL_SAMPLES = (255 * 256) / 2

/** Sums of tens of thousands of weights are off by less than this: the margin gives it up. */
const ROUNDING = 1e-11

/**
 * Weight of a sample of cell size L = 1..255, at L - 1: the second difference of sqrt(z / 255), and at the end its
 * first one. Then sum over L of weight * min(L, z) is sqrt(z / 255), and weight * L sums to 1.
 */
export function cellWeights(): number[] {
  const root = (z: number): number => Math.sqrt(z / 255)
  return Array.from({ length: 255 }, (_, at) => {
    const size = at + 1
    const before = root(size) - root(size - 1)
    return size === 255 ? before : before - (root(size + 1) - root(size))
  })
}

/** Cell size and offset of a sample of 0..GLOBAL_SAMPLES-1: sizes ascending, then offsets. */
export function globalSlot(sample: number): NonNullable<Slot> {
  // Where a size begins the root is a whole number, which square roots of squares give exactly.
  const size = Math.floor((1 + Math.sqrt(1 + 8 * sample)) / 2)
  return { size, offset: sample - (size * (size - 1)) / 2 }
}

/**
 * Share of the votes that a change has to turn: half of the margin. A rival that wins ties needs one sample less, of
 * the smallest weight. Its square is the L1/2 radius.
 */
export function weightedBudget(shares: readonly number[], missing = 0): number {
  const winner = winnerOf(shares)
  const second = runnerUpOf(shares)
  const margin = (shares[winner] ?? 0) - (second === null ? 0 : shares[second]!) - missing
  const tie = second !== null && second < winner ? Math.min(...cellWeights()) : 0
  return Math.max(0, (margin - tie - ROUNDING) / 2)
}
