import { normalCdf, normalQuantile } from '../../shared/statistics'
import { lastTrueFromZero } from '../../shared/statistics/last-true'

const WIDTH = 1e-13

/**
 * Lower bounds on shares of antipodal pairs x + e, x - e: both members vote for the class; the plus member does and the
 * minus member does not. Their sum bounds the class's share of votes.
 */
export interface DipoleShares {
  readonly symmetric: number
  readonly asymmetric: number
}

/** Whether the two shares add up to more than one half; decided without the rounding of their sum. */
export function hasMajority({ symmetric, asymmetric }: DipoleShares): boolean {
  const larger = Math.max(symmetric, asymmetric)
  const smaller = Math.min(symmetric, asymmetric)
  // 1/2 - larger is exact from 1/4 on, and below 1/4 there is no majority.
  const mayReachHalf = larger > 0.25
  return mayReachHalf && smaller > 0.5 - larger
}

/**
 * The L2 radius R that the shares prove: where the votes of the worst classifier, a half-space for the asymmetric pairs
 * and a slab for the symmetric ones, have fallen to one half. They fall with R. 0 without a majority.
 */
export function dipoleRadius(shares: DipoleShares, sigma: number): number {
  if (!hasMajority(shares)) return 0
  const { symmetric, asymmetric } = shares
  const half = -normalQuantile((1 - symmetric) / 2)
  const plane = normalQuantile(asymmetric) // -Infinity drops its term
  const wins = (shift: number): boolean =>
    normalCdf(plane - shift) + normalCdf(half - shift) - normalCdf(-half - shift) >= 0.5
  return sigma * lastTrueFromZero(wins, 1, WIDTH)
}
