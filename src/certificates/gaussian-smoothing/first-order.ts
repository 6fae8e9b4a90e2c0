import { normalQuantile } from '../../shared/statistics'

/**
 * The L2 radius, in units of `sigma`, within which the winner cannot change: sigma times the normal quantile of a lower
 * bound on its share of votes (Cohen et al., 2019). 0 unless the bound exceeds one half; Infinity at 1.
 */
export function firstOrderRadius(lower: number, sigma: number): number {
  return lower > 0.5 ? sigma * normalQuantile(lower) : 0
}
