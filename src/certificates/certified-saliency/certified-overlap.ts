import { normalQuantile } from '../../shared/statistics'

/**
 * By how much a mean of `samples` independent maps with values in [0, 1] may be off in any of its `entries`, up or down,
 * with probability at most 1 - `confidence` (Hoeffding).
 */
export function saliencySlack(entries: number, samples: number, confidence: number): number {
  return Math.sqrt(Math.log((2 * entries) / (1 - confidence)) / (2 * samples))
}

/** How far the picture may be moved (L2), in what noise, and how far off smoothed scores may be. */
export interface SaliencySetting {
  readonly rho: number
  readonly sigma: number
  readonly slack: number
}

/**
 * Whether an entry with the smoothed score `higher` provably stays above one with `lower`, for every picture within
 * `rho`: a smoothed score moves by at most rho / sigma on the normal scale.
 */
export function staysAbove(higher: number, lower: number, setting: SaliencySetting): boolean {
  const { rho, sigma, slack } = setting
  const [least, most] = [higher - slack, lower + slack]
  if (least <= 0 || most >= 1) return false
  return normalQuantile(least) - (2 * rho) / sigma > normalQuantile(most)
}

/**
 * How many of the `k` entries with the highest smoothed scores provably stay among the `k` highest: the largest R for
 * which the R-th score stays above the (2k - R + 1)-th, because then at most k - R others can overtake. 0 if none does.
 * `k` is at most half of the entries.
 */
export function certifiedOverlap(
  scores: ArrayLike<number>,
  k: number,
  setting: SaliencySetting,
): number {
  const descending = Float64Array.from(scores).sort().reverse()
  for (let overlap = k; overlap >= 1; overlap--) {
    const [inner, outer] = [descending[overlap - 1]!, descending[2 * k - overlap]!]
    if (staysAbove(inner, outer, setting)) return overlap
  }
  return 0
}

/** The worst rank (1: highest) that each entry can fall to: one more than the entries it does not provably beat. */
export function certifiedRanks(scores: ArrayLike<number>, setting: SaliencySetting): Uint32Array {
  const ascending = Float64Array.from(scores).sort()
  const entries = ascending.length
  return Uint32Array.from(scores, (score) => {
    // Entries with lower scores are beaten first, so those beaten are a prefix; the entry itself is never among them.
    let [beaten, rest] = [0, entries]
    while (beaten < rest) {
      const middle = (beaten + rest) >> 1
      if (staysAbove(score, ascending[middle]!, setting)) beaten = middle + 1
      else rest = middle
    }
    return entries - beaten
  })
}
