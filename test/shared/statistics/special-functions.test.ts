import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  betaTails,
  betaUpperQuantile,
  erf,
  incompleteBeta,
  incompleteBetaInverse,
  logGamma,
  normalCdf,
  normalPdf,
  normalQuantile,
} from '../../../src/shared/statistics'
import { scaledErfc } from '../../../src/shared/statistics/error-function'
import { stirlingError } from '../../../src/shared/statistics/log-gamma'
import {
  betaShares,
  errorFunctions,
  logGammas,
  normalQuantiles,
  normalShares,
  scaledComplements,
  stirlingErrors,
} from './precise-values'

const off = (got: number, expected: number): number => Math.abs(got - expected) / Math.abs(expected)

describe('log-gamma', () => {
  test.each(logGammas)('of %d', (x, expected) => {
    expect(Math.abs(logGamma(x) - expected)).toBeLessThan(1e-14 * Math.max(1, Math.abs(expected)))
  })
  test('of whole numbers is the logarithm of the factorial', () => {
    let factorial = 1n
    for (let n = 1; n <= 170; n++) {
      factorial *= BigInt(n)
      const expected = Math.log(Number(factorial))
      expect(Math.abs(logGamma(n + 1) - expected)).toBeLessThan(4e-15 * Math.max(1, expected))
    }
  })
  test.each(stirlingErrors)("what Stirling's formula leaves at %d", (n, expected) => {
    expect(off(stirlingError(n), expected)).toBeLessThan(5e-16)
  })
  test('is 0 at 1 and 2 and undefined from 0 down', () => {
    expect([logGamma(1), logGamma(2), logGamma(0), logGamma(-1.5)]).toEqual([0, 0, NaN, NaN])
  })
})

describe('error function', () => {
  test.each(errorFunctions)('of %d', (x, expected) => {
    expect(off(erf(x), expected)).toBeLessThan(1e-15)
    expect(erf(-x)).toBe(-erf(x))
  })
  test.each(scaledComplements)('its scaled complement at %d', (x, expected) => {
    expect(off(scaledErfc(x), expected)).toBeLessThan(1e-15)
  })
})

describe('normal distribution', () => {
  test.each(normalShares)('below %d', (z, expected) => {
    expect(off(normalCdf(z), expected)).toBeLessThan(1e-15)
  })
  test.each(normalQuantiles)('quantile of %d', (p, expected) => {
    expect(off(normalQuantile(p), expected)).toBeLessThan(1e-15)
  })
  test('ends', () => {
    expect([0, 1, 0.5].map(normalQuantile)).toEqual([-Infinity, Infinity, 0])
    expect([-0.1, 1.1, NaN].map(normalQuantile)).toEqual([NaN, NaN, NaN])
    expect([normalCdf(-Infinity), normalCdf(Infinity), normalCdf(0)]).toEqual([0, 1, 0.5])
    expect(normalPdf(0)).toBeCloseTo(0.398_942_280_401_432_7, 16)
    expect([erf(0), erf(Infinity), erf(-Infinity)]).toEqual([0, 1, -1])
  })
  test('the quantile inverts the distribution in both tails', () => {
    fc.assert(
      fc.property(fc.double({ min: -36, max: 5, noNaN: true }), (z) => {
        // Above 0 the last bit of the share is worth more and more of z.
        const slack = z < 0 ? 1e-13 * (1 + Math.abs(z)) : 1e-15 / normalPdf(z) + 1e-14
        expect(Math.abs(normalQuantile(normalCdf(z)) - z)).toBeLessThan(slack)
        expect(normalCdf(z) + normalCdf(-z)).toBeCloseTo(1, 15)
      }),
    )
  })
  test('distribution and quantile rise', () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 8, noNaN: true }), (z) => {
        expect(normalCdf(z + 1e-6)).toBeGreaterThanOrEqual(normalCdf(z))
        const p = normalCdf(z)
        if (p < 0.999)
          expect(normalQuantile(p * (1 + 1e-9))).toBeGreaterThanOrEqual(normalQuantile(p))
      }),
    )
    // Where one formula gives way to the next.
    for (const z of [-5.656854249492381, -0.6629126073623884, -0.6, 0.6, 0.6629126073623884]) {
      const around = [-3, -2, -1, 0, 1, 2, 3].map((step) => normalCdf(z + step * 1e-12))
      expect(around).toEqual([...around].sort((a, b) => a - b))
    }
  })
  test('the density is the slope', () => {
    for (const z of [-3, -0.5, 0, 0.7, 2]) {
      expect((normalCdf(z + 1e-5) - normalCdf(z - 1e-5)) / 2e-5).toBeCloseTo(normalPdf(z), 9)
    }
  })
})

describe('incomplete beta function', () => {
  test.each(betaShares)('of shapes %d and %d at %d', (a, b, x, expected) => {
    expect(off(incompleteBeta(x, a, b), expected)).toBeLessThan(1e-13)
    expect(off(incompleteBetaInverse(expected, a, b), x)).toBeLessThan(1e-13)
  })

  test('of whole shapes is a binomial tail, summed in whole numbers', () => {
    const cases = fc
      .tuple(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 255 }))
      .chain(([n, share]) =>
        fc.record({
          n: fc.constant(n),
          share: fc.constant(share),
          k: fc.integer({ min: 1, max: n }),
        }),
      )
    fc.assert(
      fc.property(cases, ({ n, share, k }) => {
        const { lower, upper } = exactTails(n, k, share)
        const got = betaTails(share / 256, 1 - share / 256, k, n - k + 1)
        // The larger tail is 1 less the smaller.
        if (lower < 0.5) expect(off(got.lower, lower)).toBeLessThan(1e-12)
        else expect(off(got.upper, upper)).toBeLessThan(1e-12)
        expect(got.lower + got.upper).toBeCloseTo(1, 14)
      }),
    )
  })

  const shapes = fc.double({ min: 0.05, max: 3000, noNaN: true })
  test('the inverse inverts in both tails', () => {
    fc.assert(
      fc.property(shapes, shapes, fc.double({ min: 1e-6, max: 0.5, noNaN: true }), (a, b, p) => {
        // Asked for the end that is nearer to 0, where a double can tell the answer.
        const x = incompleteBetaInverse(p, a, b)
        if (x < 0.9) expect(off(incompleteBeta(x, a, b), p)).toBeLessThan(1e-9)
        const mirrored = 1 - betaUpperQuantile(p, b, a)
        expect(Math.abs(mirrored - x)).toBeLessThan(1e-14)
      }),
    )
  })
  test('mirrors, ends and what is no question', () => {
    expect(incompleteBetaInverse(0.3, 2, 5)).toBeCloseTo(1 - incompleteBetaInverse(0.7, 5, 2), 14)
    expect(betaUpperQuantile(0.3, 2, 5)).toBeCloseTo(incompleteBetaInverse(0.7, 2, 5), 14)
    expect(incompleteBetaInverse(1e-200, 2, 5)).toBeCloseTo(0, 90)
    // Where the search has far to go, and steps of the wrong length do not arrive.
    const far = incompleteBetaInverse(0.7, 0.0577, 5735)
    expect(off(incompleteBeta(far, 0.0577, 5735), 0.7)).toBeLessThan(1e-12)
    expect([incompleteBetaInverse(0, 2, 5), incompleteBetaInverse(1, 2, 5)]).toEqual([0, 1])
    expect([incompleteBeta(0, 2, 5), incompleteBeta(1, 2, 5)]).toEqual([0, 1])
    expect([incompleteBeta(0.5, 0, 1), incompleteBetaInverse(-1, 1, 1)]).toEqual([NaN, NaN])
    // 1 - 0.3^(1/1e6), next to 1, where a point itself could not tell it.
    expect(off(betaUpperQuantile(0.3, 1, 1e6), 1.20397207955097e-6)).toBeLessThan(1e-14)
    expect(betaTails(0, 1, 2, 5)).toEqual({ lower: 0, upper: 1 })
    expect(betaTails(1, 0, 2, 5)).toEqual({ lower: 1, upper: 0 })
    for (const [x, y, a, b] of [
      [0.5, 0.5, 0, 1],
      [0.5, 0.5, 1, 0],
      [0.5, 0.5, -1, 1],
      [-0.1, 1.1, 1, 1],
      [1.1, -0.1, 1, 1],
    ] as const) {
      expect(betaTails(x, y, a, b)).toEqual({ lower: NaN, upper: NaN })
    }
    for (const [p, a, b] of [
      [0.5, 0, 1],
      [0.5, 1, 0],
      [-0.1, 1, 1],
      [1.1, 1, 1],
    ] as const) {
      expect(incompleteBetaInverse(p, a, b)).toBeNaN()
      expect(betaUpperQuantile(p, a, b)).toBeNaN()
    }
    // The ends have no answer either where there is no distribution.
    for (const p of [0, 1]) {
      expect([incompleteBetaInverse(p, 0, 1), incompleteBetaInverse(p, 1, 0)]).toEqual([NaN, NaN])
    }
    const tail = 2 ** -20
    for (const [a, b] of [
      [3, 7],
      [7, 3],
    ] as const) {
      const expected = incompleteBetaInverse(tail, a, b)
      expect(off(betaUpperQuantile(1 - tail, a, b), expected)).toBeLessThan(1e-13)
    }
    expect([betaUpperQuantile(0, 2, 5), betaUpperQuantile(1, 2, 5)]).toEqual([1, 0])
  })
  test('rises', () => {
    fc.assert(
      fc.property(shapes, shapes, fc.double({ min: 0, max: 0.99, noNaN: true }), (a, b, x) => {
        const [here, there] = [incompleteBeta(x, a, b), incompleteBeta(x + 0.01, a, b)]
        expect(there - here).toBeGreaterThan(-1e-14)
      }),
    )
  })
})

/** Tails of Binomial(n, share / 256): k or more, and fewer, as quotients of whole numbers. */
function exactTails(n: number, k: number, share: number) {
  let coefficient = 1n
  let [atLeast, below] = [0n, 0n]
  for (let i = 0; i <= n; i++) {
    const term = coefficient * BigInt(share) ** BigInt(i) * BigInt(256 - share) ** BigInt(n - i)
    if (i >= k) atLeast += term
    else below += term
    coefficient = (coefficient * BigInt(n - i)) / BigInt(i + 1)
  }
  const quotient = (part: bigint): number =>
    Number((part * 2n ** 1000n) / 256n ** BigInt(n)) / 2 ** 1000
  return { lower: quotient(atLeast), upper: quotient(below) }
}
