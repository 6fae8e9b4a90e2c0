/** Coefficients B(2k) / (2k (2k - 1)) of Stirling's series, B being the Bernoulli numbers. */
const STIRLING = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360_360,
  1 / 156,
  -3617 / 122_400,
]
/** From here on the eight terms above are exact to a double. */
const ASYMPTOTIC = 16
const HALF_LOG_TWO_PI = 0.918_938_533_204_672_7

/** Natural logarithm of the gamma function at `x` > 0; NaN elsewhere. Error below 4e-16 of max(1, result). */
export function logGamma(x: number): number {
  if (!(x > 0)) return NaN
  if (x === 1 || x === 2) return 0
  if (x >= ASYMPTOTIC) return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + stirlingSum(x)
  // Gamma(x) = Gamma(x + n) / (x (x + 1) ... (x + n - 1))
  let product = 1
  let raised = x
  while (raised < ASYMPTOTIC) product *= raised++
  return logGamma(raised) - Math.log(product)
}

/**
 * What Stirling's formula leaves of the logarithm of n! = Gamma(n + 1): its difference from
 * (n + 1/2) ln n - n + ln(2 pi) / 2. Kept apart because the large terms of a binomial probability cancel.
 */
export function stirlingError(n: number): number {
  if (n >= ASYMPTOTIC) return stirlingSum(n)
  return logGamma(n + 1) - (n + 0.5) * Math.log(n) + n - HALF_LOG_TWO_PI
}

function stirlingSum(x: number): number {
  const step = 1 / (x * x)
  let sum = 0
  for (let k = STIRLING.length - 1; k >= 0; k--) sum = sum * step + (STIRLING[k] ?? 0)
  return sum / x
}
