import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runCases } from '../../../src/certificates/cases'
import {
  certifiedOverlap,
  certifiedRanks,
  saliencySlack,
  staysAbove,
} from '../../../src/certificates/certified-saliency/certified-overlap'
import type { SaliencySetting } from '../../../src/certificates/certified-saliency/certified-overlap'
import { keptCount, sparsify } from '../../../src/certificates/certified-saliency/sparsify'
import { normalCdf, normalQuantile } from '../../../src/shared/statistics'
import { errorOf, expectCases } from '../support/expect-cases'

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const scores = (minLength: number, maxLength: number) =>
  fc.array(
    fc.integer({ min: 0, max: 40 }).map((n) => n / 40),
    { minLength, maxLength },
  )
const settings = fc.record({
  rho: real(0, 0.3),
  sigma: real(0.1, 1),
  slack: fc.constantFrom(0, 0.01, 0.05),
})

test('every reference case is answered to its tolerance', () => {
  expectCases('robust-interpretation')
})

const overlapCase = { smoothed_scores: [0.1, 0.9, 0.5], samples: 10, top_k: 1, confidence: 0.9 }

test.each([
  ['topk_overlap', { ...overlapCase, top_k: 2 }, /top_k is more than half/],
  ['topk_overlap', { ...overlapCase, top_k: 0 }, /top_k/],
  ['topk_overlap', { ...overlapCase, smoothed_scores: [0.1, 1.2] }, /smoothed_scores.1/],
  ['topk_overlap', { ...overlapCase, confidence: 1 }, /confidence/],
  ['certified_rank', { ...overlapCase, rho: -1, sigma: 1 }, /rho/],
  ['certified_rank', { ...overlapCase, rho: 1, sigma: 0 }, /sigma/],
  ['sparsify', { gradient: [], tau: 0.5 }, /gradient/],
  ['sparsify', { gradient: [1], tau: 1.5 }, /tau/],
])('%s names what is wrong with %j', (kind, input, reason) => {
  const { code, message } = errorOf('robust-interpretation', kind, input)
  expect(code).toBe('E_CASE_INPUT')
  expect(message).toMatch(reason)
})

/** Every picture of scores whose entries each took their lowest or highest possible value. */
function* attacked(values: readonly number[], { rho, sigma, slack }: SaliencySetting) {
  const shift = (value: number, by: number): number => {
    const clipped = Math.min(1, Math.max(0, value))
    return normalCdf(normalQuantile(clipped) + by)
  }
  const lowest = values.map((value) => shift(value - slack, -rho / sigma))
  const highest = values.map((value) => shift(value + slack, rho / sigma))
  for (let choice = 0; choice < 1 << values.length; choice++) {
    yield values.map((_, i) => ((choice >> i) & 1 ? highest[i] : lowest[i]) ?? 0)
  }
}

/** Ties go against the entry: an attacker may break them as he likes. */
const worstRank = (values: readonly number[], entry: number): number =>
  values.filter((value) => value >= (values[entry] ?? 0)).length

/** How many of `top` are among as many highest values, if of equal values the others come first. */
function keptAtWorst(values: readonly number[], top: readonly number[]): number {
  const order = [...values.keys()].sort(
    (a, b) =>
      (values[b] ?? 0) - (values[a] ?? 0) || Number(top.includes(a)) - Number(top.includes(b)),
  )
  return order.slice(0, top.length).filter((entry) => top.includes(entry)).length
}

test('no attack within the bounds moves an entry below its certified rank or empties the overlap', () => {
  fc.assert(
    fc.property(scores(4, 8), settings, (values, setting) => {
      const k = Math.floor(values.length / 2)
      const overlap = certifiedOverlap(values, k, setting)
      const ranks = certifiedRanks(values, setting)
      const byScore = [...values.keys()].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0))
      const top = byScore.slice(0, k)
      for (const moved of attacked(values, setting)) {
        const kept = keptAtWorst(moved, top)
        expect(kept).toBeGreaterThanOrEqual(overlap)
        values.forEach((_, entry) => {
          expect(worstRank(moved, entry)).toBeLessThanOrEqual(ranks[entry] ?? 0)
        })
      }
    }),
    { numRuns: 150, seed: 1 },
  )
})

test('the overlap is the largest index that holds, and all below it hold', () => {
  fc.assert(
    fc.property(scores(2, 40), settings, (values, setting) => {
      const k = Math.floor(values.length / 2)
      const sorted = [...values].sort((a, b) => b - a)
      const overlap = certifiedOverlap(values, k, setting)
      for (let r = 1; r <= k; r++) {
        const holds = staysAbove(sorted[r - 1] ?? 0, sorted[2 * k - r] ?? 0, setting)
        expect(holds).toBe(r <= overlap)
      }
    }),
    { seed: 2 },
  )
})

test('the order of the entries does not matter', () => {
  fc.assert(
    fc.property(scores(2, 30), settings, fc.integer(), (values, setting, mix) => {
      const order = [...values.keys()].sort(
        (a, b) => ((a * 7919 + mix) % 31) - ((b * 7919 + mix) % 31) || a - b,
      )
      const mixed = order.map((i) => values[i] ?? 0)
      const k = Math.floor(values.length / 2)
      expect(certifiedOverlap(mixed, k, setting)).toBe(certifiedOverlap(values, k, setting))
      const ranks = certifiedRanks(values, setting)
      expect([...certifiedRanks(mixed, setting)]).toEqual(order.map((i) => ranks[i]))
    }),
    { seed: 3 },
  )
})

test('a certified rank counts one by one the entries that are not beaten', () => {
  fc.assert(
    fc.property(scores(1, 30), settings, (values, setting) => {
      const expected = values.map(
        (score, i) =>
          1 + values.filter((other, j) => j !== i && !staysAbove(score, other, setting)).length,
      )
      expect([...certifiedRanks(values, setting)]).toEqual(expected)
    }),
    { seed: 4 },
  )
})

test('a larger change, less noise or more slack never certifies more', () => {
  fc.assert(
    fc.property(scores(2, 30), settings, real(0, 0.1), (values, setting, more) => {
      const k = Math.floor(values.length / 2)
      const overlap = certifiedOverlap(values, k, setting)
      const harder = [
        { ...setting, rho: setting.rho + more },
        { ...setting, sigma: setting.sigma / (1 + more) },
        { ...setting, slack: setting.slack + more },
      ]
      for (const other of harder) {
        expect(certifiedOverlap(values, k, other)).toBeLessThanOrEqual(overlap)
      }
    }),
    { seed: 5 },
  )
})

test('inputs at the very end of what is accepted are answered', () => {
  const answerTo = (kind: string, input: object) =>
    runCases({ method: 'robust-interpretation', cases: [{ id: 'a', kind, input }] })[0]
  const half = { ...overlapCase, smoothed_scores: [0.9, 0.1], samples: 1 }
  expect(answerTo('topk_overlap', half)).toHaveProperty('result')
  const certain = { ...half, smoothed_scores: [1, 0], samples: 1000, rho: 0, sigma: 1 }
  expect(answerTo('certified_rank', certain)).toMatchObject({ result: { certified_rank: [1, 2] } })
  const single = { ...certain, smoothed_scores: [0.5] }
  expect(answerTo('certified_rank', single)).toMatchObject({ result: { certified_rank: [1] } })
  expect(answerTo('sparsify', { gradient: [3, -5], tau: 1 })).toMatchObject({
    result: { kept: 2, mask: [1, 1] },
  })
})

test('a bound that reaches 0 or 1 stays nowhere, though the other one is far from it', () => {
  const setting = { rho: 0, sigma: 1, slack: 0.25 }
  expect(staysAbove(0.25, 0, setting)).toBe(false)
  expect(staysAbove(1, 0.75, setting)).toBe(false)
  expect(staysAbove(0.2, 0, { ...setting, slack: 0 })).toBe(true)
  expect(staysAbove(1, 0.2, { ...setting, slack: 0 })).toBe(true)
  expect(staysAbove(1, 1, { ...setting, slack: 0 })).toBe(false)
})

test('the slack falls with samples and grows with entries and confidence', () => {
  expect(saliencySlack(100, 2000, 0.95)).toBeLessThan(saliencySlack(100, 1000, 0.95))
  expect(saliencySlack(200, 1000, 0.95)).toBeGreaterThan(saliencySlack(100, 1000, 0.95))
  expect(saliencySlack(100, 1000, 0.99)).toBeGreaterThan(saliencySlack(100, 1000, 0.95))
  expect(saliencySlack(1, 1, 1 - 2 * Math.exp(-2))).toBeCloseTo(1, 12)
})

test('scores at the ends of their range stay nowhere', () => {
  const setting = { rho: 0, sigma: 1, slack: 0.1 }
  expect(staysAbove(0.1, 0, setting)).toBe(false)
  expect(staysAbove(1, 0.9, setting)).toBe(false)
  expect(staysAbove(1, 0.5, setting)).toBe(true)
  expect(staysAbove(0.7, 0.5, { ...setting, slack: 0.1000001 })).toBe(false)
})

test('sparsifying keeps the largest magnitudes, of equal ones the first', () => {
  const gradients = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(gradients, real(0, 1), (gradient, tau) => {
      const kept = keptCount(gradient.length, tau)
      const order = [...gradient.keys()].sort(
        (a, b) => Math.abs(gradient[b] ?? 0) - Math.abs(gradient[a] ?? 0) || a - b,
      )
      const expected = gradient.map(() => 0)
      for (const i of order.slice(0, kept)) expected[i] = 1
      expect([...sparsify(gradient, kept)]).toEqual(expected)
    }),
    { seed: 6 },
  )
})
