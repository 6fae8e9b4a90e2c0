import { incompleteBeta } from './incomplete-beta'
import { betaUpperQuantile, incompleteBetaInverse } from './incomplete-beta-inverse'

/**
 * Clopper-Pearson lower bound of a share: with probability 1 - alpha it is below the true one. `successes` of `trials`,
 * whole numbers; `alpha` is one-sided.
 */
export function clopperPearsonLower(successes: number, trials: number, alpha: number): number {
  if (successes <= 0) return 0
  // Below 1 whatever alpha is: rounding must not make it certain.
  if (successes >= trials) return Math.min(alpha ** (1 / trials), 1 - Number.EPSILON / 2)
  return incompleteBetaInverse(alpha, successes, trials - successes + 1)
}

/** Clopper-Pearson upper bound of a share, one-sided like the lower one. */
export function clopperPearsonUpper(successes: number, trials: number, alpha: number): number {
  if (successes >= trials) return 1
  if (successes <= 0) return -Math.expm1(Math.log(alpha) / trials)
  return betaUpperQuantile(alpha, successes + 1, trials - successes)
}

/**
 * P-value of the exact two-sided test that `top` and `second` votes were drawn from a fair coin. 1 where there are none.
 */
export function binomialTestHalf(top: number, second: number): number {
  const trials = top + second
  const most = Math.max(top, second)
  if (2 * most === trials) return 1
  // Binomial coefficients up to 50 are whole numbers below 2^53, so that small tests are exact.
  if (trials <= 50) return Math.min(1, exactUpperTail(most, trials) / 2 ** (trials - 1))
  return Math.min(1, 2 * incompleteBeta(0.5, most, trials - most + 1))
}

function exactUpperTail(from: number, trials: number): number {
  let coefficient = 1
  let sum = 1
  for (let k = trials; k > from; k--) {
    coefficient = (coefficient * k) / (trials - k + 1)
    sum += coefficient
  }
  return sum
}

/**
 * One-sided slack of an empirical distribution (Dvoretzky-Kiefer-Wolfowitz) or of a mean of values in [0, 1] (Hoeffding)
 * over `samples` independent samples: exceeded with probability at most `alpha`. The former is proven up to 1/2 (Massart,
 * 1990), so that above it the slack stays what it is there.
 */
export function samplingSlack(samples: number, alpha: number): number {
  return Math.sqrt(-Math.log(Math.min(alpha, 0.5)) / (2 * samples))
}
