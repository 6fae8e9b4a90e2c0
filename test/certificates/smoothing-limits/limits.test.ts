import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runCases } from '../../../src/certificates/cases'
import { firstOrderRadius } from '../../../src/certificates/gaussian-smoothing/first-order'
import { smoothingLimits } from '../../../src/certificates/smoothing-limits/limits'
import { normalQuantile } from '../../../src/shared/statistics'
import { errorOf, expectCases } from '../support/expect-cases'

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const winning = real(0.5, 0.99999)
const dimensions = fc.integer({ min: 1, max: 200_000 })
const norms = fc.oneof(real(2, 40), fc.constant(Infinity))

test('every reference case is answered to its tolerance', () => {
  expectCases('curse-of-dimensionality')
})

const counts = {
  norm_p: 2,
  dimension: 10,
  samples: 10,
  top_count: 9,
  sigma: 1,
  alpha_one_sided: 0.1,
}
const shares = { norm_p: 2, dimension: 10, sigma: 1, p1: 0.7, p2: 0.2 }

test.each([
  ['bounds_from_counts', { ...counts, top_count: 11 }, /more votes/],
  ['bounds_from_counts', { ...counts, norm_p: 0.5 }, /norm_p/],
  ['bounds_from_counts', { ...counts, norm_p: 'NaN' }, /norm_p/],
  ['bounds_from_counts', { ...counts, dimension: 0 }, /dimension/],
  ['bounds_from_probabilities', { ...shares, p2: 0.8 }, /p2 is above p1/],
  ['bounds_from_probabilities', { ...shares, p2: 0.4 }, /more than 1/],
  ['bounds_from_probabilities', { ...shares, sigma: -1 }, /sigma/],
])('%s names what is wrong with %j', (kind, input, reason) => {
  const { code, message } = errorOf('curse-of-dimensionality', kind, input)
  expect(code).toBe('E_CASE_INPUT')
  expect(message).toMatch(reason)
})

test('inputs at the very end of what is accepted are answered', () => {
  const answerTo = (kind: string, input: object) =>
    runCases({ method: 'curse-of-dimensionality', cases: [{ id: 'a', kind, input }] })[0]
  const certain = { ...counts, norm_p: 1, samples: 1, top_count: 1, alpha_one_sided: 0.5 }
  expect(answerTo('bounds_from_counts', certain)).toMatchObject({
    result: { lower: 0.5, abstain: false, gaussian_achieved_radius: 0 },
  })
  expect(answerTo('bounds_from_probabilities', { ...shares, p1: 0.5, p2: 0.5 })).toMatchObject({
    result: { gaussian_achieved_radius: 0 },
  })
  // What rounding may add is let through.
  expect(answerTo('bounds_from_probabilities', { ...shares, p1: 1, p2: 1e-9 })).toMatchObject({
    result: { iid_upper_bound: 'Infinity' },
  })
})

test('at p = 2 the dimension does not matter and two classes certify the first-order radius', () => {
  fc.assert(
    fc.property(winning, dimensions, real(0.1, 2), (p1, dimension, sigma) => {
      const limits = smoothingLimits({ p: 2, dimension, sigma }, { p1, p2: 1 - p1 })
      expect(limits).toEqual(smoothingLimits({ p: 2, dimension: 1, sigma }, { p1, p2: 1 - p1 }))
      expect(limits.gaussianAchieved).toBeCloseTo(firstOrderRadius(p1, sigma), 10)
      expect(limits.iid).toBeCloseTo(sigma / Math.sqrt(2 * (1 - p1)), 10)
      expect(limits.generalizedGaussian).toBeCloseTo(4 * sigma * Math.sqrt(-Math.log(1 - p1)), 8)
    }),
    { seed: 1 },
  )
})

test('Gaussian noise certifies no more than either limit allows', () => {
  fc.assert(
    fc.property(winning, real(0, 1), norms, dimensions, (p1, rest, p, dimension) => {
      const p2 = Math.max(1e-9, (1 - p1) * rest)
      const limits = smoothingLimits({ p, dimension, sigma: 0.5 }, { p1, p2 })
      expect(limits.gaussianAchieved).toBeLessThanOrEqual(limits.iid * (1 + 1e-12))
      expect(limits.gaussianAchieved).toBeLessThanOrEqual(limits.generalizedGaussian * (1 + 1e-12))
    }),
    { seed: 2 },
  )
})

test('limits fall with dimension and p, and grow with votes and noise', () => {
  fc.assert(
    fc.property(winning, norms, norms, dimensions, dimensions, (p1, p, q, d, e) => {
      const at = (norm: number, dimension: number, share = p1, sigma = 0.5) =>
        smoothingLimits({ p: norm, dimension, sigma }, { p1: share, p2: 1 - share })
      const here = at(Math.min(p, q), Math.min(d, e))
      const others = [at(Math.max(p, q), Math.min(d, e)), at(Math.min(p, q), Math.max(d, e))]
      others.push(at(Math.min(p, q), Math.min(d, e), 0.5 + (p1 - 0.5) / 2))
      others.push(at(Math.min(p, q), Math.min(d, e), p1, 0.25))
      for (const other of others) {
        expect(other.iid).toBeLessThanOrEqual(here.iid * (1 + 1e-9))
        expect(other.generalizedGaussian).toBeLessThanOrEqual(here.generalizedGaussian * (1 + 1e-9))
        expect(other.gaussianAchieved).toBeLessThanOrEqual(here.gaussianAchieved + 1e-9)
      }
    }),
    { seed: 3 },
  )
})

test('below p = 2 the certified ball fits into the L2 ball as it is', () => {
  const limits = smoothingLimits({ p: 1.5, dimension: 100, sigma: 2 }, { p1: 0.9, p2: 0.05 })
  expect(limits.gaussianAchieved).toBeCloseTo(normalQuantile(0.9) - normalQuantile(0.05), 12)
})

test('without a rival there is no limit', () => {
  const limits = smoothingLimits({ p: 2, dimension: 10, sigma: 1 }, { p1: 1, p2: 0 })
  expect(limits).toEqual({
    iid: Infinity,
    generalizedGaussian: Infinity,
    gaussianAchieved: Infinity,
  })
})
