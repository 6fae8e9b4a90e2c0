import { maxGradientNorm } from './second-order'

export interface GradientEstimate {
  /**
   * Mean over independent pairs of noise (e, e') of <e, e'> / sigma^4 where both samples vote for the class, 0 where
   * not: its expectation is the squared norm of the gradient of the smoothed score.
   */
  readonly squaredNorm: number
  readonly pairs: number
  /** Values of the picture: channels times height times width. */
  readonly dimension: number
}

export interface GradientBound {
  readonly upperSquared: number
  /** The bound is no better than what holds for any model: it adds nothing to the first-order certificate. */
  readonly isCapped: boolean
}

/**
 * Upper bound on the squared norm of the gradient of the smoothed score, wrong with probability at most `alpha`:
 * estimate plus a concentration term of Gaussian chaos, kept between 0 and what the share `lower` allows.
 */
export function gradientBound(
  estimate: GradientEstimate,
  sigma: number,
  alpha: number,
  lower: number,
): GradientBound {
  const raw = estimate.squaredNorm + slack(estimate, sigma, alpha) / sigma ** 4
  const cap = maxGradientNorm(lower, sigma) ** 2
  return { upperSquared: Math.min(Math.max(raw, 0), cap), isCapped: raw >= cap }
}

function slack({ pairs, dimension }: GradientEstimate, sigma: number, alpha: number): number {
  const nats = -Math.log(alpha)
  const variance = sigma ** 2
  return dimension * pairs >= 2 * nats
    ? 4 * variance * Math.sqrt((dimension * nats) / pairs)
    : (4 * Math.SQRT2 * variance * nats) / pairs
}
