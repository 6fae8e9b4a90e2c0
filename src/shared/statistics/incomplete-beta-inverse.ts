import { betaPower, betaTails } from './incomplete-beta'
import { logGamma } from './log-gamma'

/** A point of the unit interval and its distance from 1, both to full relative accuracy. */
interface UnitPoint {
  readonly x: number
  readonly y: number
}

/** The `x` with I_x(a, b) = p: the p-quantile of Beta(a, b). Shapes a, b > 0; NaN outside 0 <= p <= 1. */
export function incompleteBetaInverse(p: number, a: number, b: number): number {
  return betaQuantile(p, a, b).x
}

/** The point above which a share `q` of Beta(a, b) lies: for tiny q more accurate than the quantile of 1 - q. */
export function betaUpperQuantile(q: number, a: number, b: number): number {
  return betaQuantile(q, b, a).y
}

function betaQuantile(p: number, a: number, b: number): UnitPoint {
  if (!(a > 0 && b > 0 && p >= 0 && p <= 1)) return { x: NaN, y: NaN }
  if (p === 0) return { x: 0, y: 1 }
  if (p === 1) return { x: 1, y: 0 }
  const median = betaTails(a / (a + b), b / (a + b), a, b)
  if (p <= median.lower) return lowerQuantile(p, a, b)
  const { x, y } = lowerQuantile(1 - p, b, a)
  return { x: y, y: x }
}

/**
 * Newton's method for ln I over u = ln x, which is nearly a straight line in the lower tail. A bracket keeps it from
 * leaving the interval.
 */
function lowerQuantile(p: number, a: number, b: number): UnitPoint {
  const target = Math.log(p)
  let high = 0
  // I_x(a, b) <= x^a / (a B(a, b)) where b >= 1, and that times (1 - x)^(b - 1) where b < 1.
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b)
  let low = Math.min(-1, (target + Math.log(a) + logBeta) / a - 1) - 1
  while (logLower(low, a, b) > target) low *= 2
  let u = Math.max(low, Math.min(-1e-3, Math.log(a / (a + b))))
  for (let round = 0; round < 200; round++) {
    const x = Math.exp(u)
    const y = -Math.expm1(u)
    const { lower } = betaTails(x, y, a, b)
    const error = Math.log(lower) - target
    if (error === 0) break
    if (error > 0) high = u
    else low = u
    const slope = betaPower(x, y, a, b) / (y * lower)
    const step = error / slope
    let next = u - step
    if (!(next > low && next < high)) next = (low + high) / 2
    if (Math.abs(next - u) <= 1e-16 * Math.max(Math.abs(u), 1e-300)) break
    u = next
  }
  return { x: Math.exp(u), y: -Math.expm1(u) }
}

function logLower(u: number, a: number, b: number): number {
  return Math.log(betaTails(Math.exp(u), -Math.expm1(u), a, b).lower)
}
