import { erf, scaledErfc } from './error-function'

const ROOT_TWO = Math.SQRT2
const ROOT_TWO_PI = Math.sqrt(2 * Math.PI)
const LOG_ROOT_TWO_PI = 0.918_938_533_204_672_7

/** Density of the standard normal distribution at `z`. */
export function normalPdf(z: number): number {
  return expOfHalfSquare(z) / ROOT_TWO_PI
}

/** Share of the standard normal distribution below `z`, to full relative accuracy in the lower tail as well. */
export function normalCdf(z: number): number {
  if (Math.abs(z) < 0.6) return 0.5 + 0.5 * erf(z / ROOT_TWO)
  const tail = 0.5 * expOfHalfSquare(z) * scaledErfc(Math.abs(z) / ROOT_TWO)
  return z < 0 ? tail : 1 - tail
}

/**
 * The `z` with normalCdf(z) = p; -Infinity at 0, Infinity at 1, NaN outside. Accurate down to the smallest number; near
 * 1 use the symmetry, -normalQuantile(1 - p), with 1 - p as it is known.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN
  if (p > 0.5) return -normalQuantile(1 - p)
  if (p === 0) return -Infinity
  return p > 0.3 ? centralQuantile(p - 0.5) : lowerQuantile(p)
}

/** For `excess` = p - 1/2, which is small: the answer keeps its relative accuracy down to 0. */
function centralQuantile(excess: number): number {
  let z = excess * ROOT_TWO_PI
  for (let round = 0; round < 4; round++) {
    const u = (0.5 * erf(z / ROOT_TWO) - excess) / normalPdf(z)
    z -= u / (1 + (z * u) / 2)
  }
  return z
}

/** Newton's method for the logarithm of the tail, whose slope is the reciprocal of Mills' ratio. */
function lowerQuantile(p: number): number {
  const target = Math.log(p)
  // Hastings (1955), sheet 67: within 4.5e-4 everywhere.
  const t = Math.sqrt(-2 * target)
  let z =
    (2.515517 + t * (0.802853 + t * 0.010328)) /
      (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -
    t
  for (let round = 0; round < 3; round++) {
    const mills = 0.5 * ROOT_TWO_PI * scaledErfc(-z / ROOT_TWO)
    const error = -0.5 * z * z - LOG_ROOT_TWO_PI + Math.log(mills) - target
    z -= error * mills
  }
  return z
}

/** exp(-z^2 / 2) with the rounding of z^2 made good: for |z| = 38 it would cost four digits. */
function expOfHalfSquare(z: number): number {
  if (!(Math.abs(z) < 40)) return Math.exp(-0.5 * z * z) // 0, also at infinity, where z - coarse is none
  const coarse = Math.trunc(z * 16) / 16
  return Math.exp(-0.5 * coarse * coarse) * Math.exp(-0.5 * (z - coarse) * (z + coarse))
}
