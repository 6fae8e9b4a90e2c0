import { stirlingError } from './log-gamma'

/** Both tails of a distribution at a point, each to full relative accuracy: they sum to 1. */
export interface Tails {
  readonly lower: number
  readonly upper: number
}

/** Regularised incomplete beta function I_x(a, b): the share of Beta(a, b) below `x`. Shapes a, b > 0; 0 <= x <= 1. */
export function incompleteBeta(x: number, a: number, b: number): number {
  return betaTails(x, 1 - x, a, b).lower
}

/** Tails of Beta(a, b) at `x`, with 1 - x given as `y` because it may be known better than 1 - x can tell. */
export function betaTails(x: number, y: number, a: number, b: number): Tails {
  if (!(a > 0 && b > 0 && x >= 0 && y >= 0)) return { lower: NaN, upper: NaN }
  if (x === 0) return { lower: 0, upper: 1 }
  if (y === 0) return { lower: 1, upper: 0 }
  // The continued fraction converges fast below the mean, and without cancellation.
  if (x * (a + b + 2) <= a + 1) {
    const lower = Math.min(1, (betaPower(x, y, a, b) / a) * continuedFraction(x, a, b))
    return { lower, upper: 1 - lower }
  }
  const upper = Math.min(1, (betaPower(x, y, a, b) / b) * continuedFraction(y, b, a))
  return { lower: 1 - upper, upper }
}

/**
 * x^a (1 - x)^b / B(a, b): x (1 - x) times the density. Written with deviances (Loader, 2000), because for large shapes
 * the logarithms of the three factors are huge and cancel.
 */
export function betaPower(x: number, y: number, a: number, b: number): number {
  const n = a + b
  const logarithm =
    stirlingError(n) -
    stirlingError(a) -
    stirlingError(b) -
    deviance(a, n * x, x, a - n * x) -
    deviance(b, n * y, y, b - n * y)
  return Math.exp(logarithm) * Math.sqrt((a / n) * (b / (2 * Math.PI)))
}

/** k ln(k / mean) + mean - k without cancellation where k is near the mean. */
function deviance(k: number, mean: number, share: number, difference: number): number {
  if (share === 0) return Infinity
  if (Math.abs(difference) >= 0.1 * (k + mean)) return k * Math.log(k / mean) - difference
  // ln(k / mean) = 2 artanh(v), v = (k - mean) / (k + mean)
  const v = difference / (k + mean)
  let sum = difference * v
  let term = 2 * k * v
  for (let j = 3; j < 1000; j += 2) {
    term *= v * v
    const next = sum + term / j
    if (next === sum) break
    sum = next
  }
  return sum
}

/** Lentz's evaluation of the continued fraction of I_x(a, b); the number of steps grows with the root of the shapes. */
function continuedFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  const guard = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1))
  let result = d
  for (let m = 1; m < 1_000_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / guard(1 + even * d)
    c = guard(1 + even / c)
    result *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / guard(1 + odd * d)
    c = guard(1 + odd / c)
    const factor = d * c
    result *= factor
    if (Math.abs(factor - 1) < 2e-16) break
  }
  return result
}
