import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/shared/random'
import {
  binomialTestHalf,
  clopperPearsonLower,
  clopperPearsonUpper,
  incompleteBeta,
  samplingSlack,
} from '../../../src/shared/statistics'

const counts = fc
  .integer({ min: 1, max: 100_000 })
  .chain((trials) => fc.record({ trials: fc.constant(trials), successes: fc.nat({ max: trials }) }))
const alphas = fc.constantFrom(0.5, 0.05, 0.001, 1e-9)

test('at the lower bound the count, or a larger one, has probability alpha', () => {
  fc.assert(
    fc.property(counts, alphas, ({ trials, successes }, alpha) => {
      const lower = clopperPearsonLower(successes, trials, alpha)
      const upper = clopperPearsonUpper(successes, trials, alpha)
      if (successes > 0) {
        const tail = incompleteBeta(lower, successes, trials - successes + 1)
        expect(Math.abs(tail / alpha - 1)).toBeLessThan(1e-7)
      } else expect(lower).toBe(0)
      if (successes === trials) expect(upper).toBe(1)
      expect(lower).toBeLessThanOrEqual(successes / trials)
      expect(upper).toBeGreaterThanOrEqual(successes / trials)
      expect(upper).toBeCloseTo(1 - clopperPearsonLower(trials - successes, trials, alpha), 12)
    }),
  )
})

test('bounds rise with the count and fall with the confidence', () => {
  fc.assert(
    fc.property(counts, ({ trials, successes }) => {
      const lower = clopperPearsonLower(successes, trials, 0.05)
      if (successes < trials) {
        expect(clopperPearsonLower(successes + 1, trials, 0.05)).toBeGreaterThan(lower)
      }
      if (successes > 0) expect(clopperPearsonLower(successes, trials, 0.001)).toBeLessThan(lower)
    }),
  )
})

test('the lower bound fails as rarely as it says', () => {
  const random = seededRandom(11)
  let failures = 0
  for (let run = 0; run < 2000; run++) {
    let successes = 0
    for (let i = 0; i < 50; i++) if (random() < 0.7) successes++
    if (clopperPearsonLower(successes, 50, 0.05) > 0.7) failures++
  }
  expect(failures / 2000).toBeLessThan(0.065)
  expect(failures / 2000).toBeGreaterThan(0.02)
})

test('the test of a fair coin sums the tails in whole numbers', () => {
  for (const [top, second] of [
    [5, 0],
    [8, 2],
    [31, 20],
    [60, 40],
    [300, 250],
    [3, 9],
  ] as const) {
    expect(binomialTestHalf(top, second)).toBeCloseTo(exactTest(top, second), 13)
    expect(binomialTestHalf(second, top)).toBe(binomialTestHalf(top, second))
  }
  // Exactly a power of two: the comparison with alpha is not a matter of rounding.
  expect(binomialTestHalf(5, 0)).toBe(1 / 16)
  expect(binomialTestHalf(50, 0)).toBe(2 ** -49)
  expect([binomialTestHalf(0, 0), binomialTestHalf(7, 7), binomialTestHalf(3, 2)]).toEqual([
    1, 1, 1,
  ])
})

test('where all or none succeed the bounds are powers, to the last digit', () => {
  for (const trials of [1, 2, 3, 7, 100, 3000]) {
    const all = clopperPearsonLower(trials, trials, 0.05)
    expect(all).toBe(0.05 ** (1 / trials))
    expect(Math.abs(1 - clopperPearsonUpper(0, trials, 0.05) - all)).toBeLessThan(1e-15)
  }
})

test('slack of a mean', () => {
  expect(samplingSlack(100, Math.exp(-2))).toBeCloseTo(0.1, 15)
  // The bound of a whole distribution is proven for chances up to one half.
  expect(samplingSlack(100, 0.9)).toBe(samplingSlack(100, 0.5))
})

test('no chance of a wrong statement makes a share certain', () => {
  for (const alpha of [5e-324, 1e-17, 0.5, 1 - 2 ** -53]) {
    for (const trials of [1, 100, 100_000]) {
      expect(clopperPearsonLower(trials, trials, alpha)).toBeLessThan(1)
      expect(clopperPearsonLower(trials, trials, alpha)).toBeGreaterThan(0)
    }
  }
})

function exactTest(top: number, second: number): number {
  const n = top + second
  let coefficient = 1n
  let tail = 0n
  for (let i = 0; i <= n; i++) {
    if (i >= Math.max(top, second)) tail += coefficient
    coefficient = (coefficient * BigInt(n - i)) / BigInt(i + 1)
  }
  return Number((2n * tail * 10n ** 30n) / 2n ** BigInt(n)) / 1e30
}
