import { marginBudget } from '../vote-margin'
import { influence } from './budget'

/** p-th power of the certified radius, sum |d_i|^p, from a vote budget: `dilution` times budget by samples. */
export const radiusPower = (budget: number, dilution: number, samples: number): number =>
  (dilution * budget) / samples

/** The radius (sum |d_i|^p)^(1/p) for the reciprocal of p: 2 or 3. Whole powers keep the last digits. */
export const radiusOf = (power: number, reciprocal: number): number => power ** reciprocal

/** An L1 radius read as an Lp radius: on pictures of 0..1 the larger of itself and its 1/p-th power. */
export const convertedRadius = (l1: number, reciprocal: number): number =>
  Math.max(l1, l1 ** reciprocal)

/** The most samples that can change when the values of a picture change by these grey levels. */
export function changedSamples(differences: readonly number[], cells: readonly number[]): number {
  const touched = influence(cells)
  return differences.reduce((sum, difference) => sum + touched[difference]!, 0)
}

/** Whether the winner is certain to stay for one given change, which may be larger than the radius. */
export const survives = (
  votes: readonly number[],
  differences: readonly number[],
  cells: readonly number[],
): boolean => changedSamples(differences, cells) <= marginBudget(votes)
