import { normalQuantile } from '../../shared/statistics'

/** The norm and the size of the pictures that a limit speaks of, and the noise. */
export interface LimitSetting {
  /** The p of the norm, 1 to Infinity. The limits are proven from 2 on. */
  readonly p: number
  /** Values of the picture: channels times height times width. */
  readonly dimension: number
  /** Standard deviation of the noise on each value. */
  readonly sigma: number
}

/** Shares of votes of the two best classes, p1 >= p2. */
export interface TopTwo {
  readonly p1: number
  readonly p2: number
}

/** Lp radii. No certificate of the kind can exceed a limit, whatever the base model. */
export interface Limits {
  /** For any noise whose values are drawn independently from one distribution. */
  readonly iid: number
  /** For generalised Gaussian noise. */
  readonly generalizedGaussian: number
  /** What Gaussian noise does certify: the largest Lp ball inside the certified L2 ball. */
  readonly gaussianAchieved: number
}

/** dimension^(1/2 - 1/p), by which the L2 norm of a vector can exceed its Lp norm, for p from 2 on. */
const shrinkage = ({ p, dimension }: LimitSetting): number => dimension ** (0.5 - 1 / p)

/**
 * Limits of smoothing with noise of variance sigma^2 (Kumar et al., Curse of Dimensionality on Randomized Smoothing,
 * 2020). Infinity where a share leaves no limit (p1 = 1 or p2 = 0).
 */
export function smoothingLimits(setting: LimitSetting, { p1, p2 }: TopTwo): Limits {
  const scale = setting.sigma / shrinkage(setting)
  // Below 2 the Lp norm is never smaller than the L2 norm, so that the ball fits as it is.
  const achievedScale = setting.p < 2 ? setting.sigma : scale
  return {
    iid: (scale / (2 * Math.SQRT2)) * (1 / Math.sqrt(1 - p1) + 1 / Math.sqrt(p2)),
    generalizedGaussian: 2 * scale * (Math.sqrt(-Math.log1p(-p1)) + Math.sqrt(-Math.log(p2))),
    gaussianAchieved: (achievedScale / 2) * (normalQuantile(p1) - normalQuantile(p2)),
  }
}
