import { marginBudget, winnerOf } from '../vote-margin'

export interface LevelCertificate {
  readonly winner: number
  /** Grey levels that may change, all values of the picture together. */
  readonly greyLevels: number
  /** The same as an L1 distance of pictures of 0..1. */
  readonly radius: number
}

/** From the votes of all shifts: one grey level of one value crosses the cut of a single shift. */
export function certifyShifts(votes: readonly number[]): LevelCertificate {
  const greyLevels = marginBudget(votes)
  return { winner: winnerOf(votes), greyLevels, radius: greyLevels / 255 }
}

/** The most shifts whose sample can change when the values of a picture change by these grey levels. */
export function changedShifts(differences: readonly number[], levels: number): number {
  return differences.reduce((sum, difference) => sum + Math.min(difference, levels), 0)
}

/** Whether the winner is certain to stay for one given change, which may be larger than the radius. */
export function survives(budget: number, differences: readonly number[], levels: number): boolean {
  return changedShifts(differences, levels) <= budget
}

/** L1 radius of splitting noise with random cuts, or of uniform noise on [-lambda, lambda]. */
export const randomRadius = (lambda: number, lower: number): number =>
  Math.max(0, 2 * lambda * (lower - 0.5))
