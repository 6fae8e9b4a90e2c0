import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runCases } from '../../../src/certificates/cases'
import { marginsOf } from '../../../src/certificates/certified-confidence/margins'
import {
  distributionCurve,
  meanCurve,
  radiusAbove,
  scoreAt,
} from '../../../src/certificates/certified-confidence/score-curve'
import { normalCdf, normalQuantile, samplingSlack } from '../../../src/shared/statistics'
import { errorOf, expectCases } from '../support/expect-cases'

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const scoreLists = fc
  .array(real(0, 1), { minLength: 20, maxLength: 200 })
  .map((list) => Float64Array.from(list).sort())
const unit = { min: 0, max: 1 }
const alpha = 0.01

test('every reference case is answered, closer than its tolerance asks', () => {
  expectCases('certifying-confidence', { absolute: 1e-10, relative: 1e-10 })
})

const boundsCase = {
  measure: 'prediction_score',
  sigma: 1,
  alpha: 0.1,
  range_min: 0,
  range_max: 1,
  sorted_scores: [0.1, 0.2],
}

test.each([
  ['confidence_lower_bounds', { ...boundsCase, sorted_scores: [0.2, 0.1] }, /ascending/],
  ['confidence_lower_bounds', { ...boundsCase, sorted_scores: [] }, /sorted_scores/],
  ['confidence_lower_bounds', { ...boundsCase, sorted_scores: [0.2, 1.1] }, /outside range_min/],
  ['confidence_lower_bounds', { ...boundsCase, range_min: 1 }, /range_min is not below/],
  ['confidence_lower_bounds', { ...boundsCase, measure: 'entropy' }, /measure/],
  ['confidence_lower_bounds', { ...boundsCase, sigma: 0 }, /sigma/],
  ['subsampled_thresholds', { sigma: 1, alpha: 0.1, gap: 0, sorted_scores: [0.1] }, /gap/],
  [
    'subsampled_thresholds',
    { sigma: 1, alpha: 0.1, gap: 1, sorted_scores: [-0.1] },
    /outside 0 to 1/,
  ],
  [
    'subsampled_thresholds',
    { sigma: 1, alpha: 0.1, gap: 1, sorted_scores: [0.5, 1.5] },
    /outside 0 to 1/,
  ],
  ['margins', { probabilities: [[1]] }, /two classes/],
  ['margins', { probabilities: [[0.5, 1.5]] }, /probabilities.0.1/],
])('%s names what is wrong with %j', (kind, input, reason) => {
  const { code, message } = errorOf('certifying-confidence', kind, input)
  expect(code).toBe('E_CASE_INPUT')
  expect(message).toMatch(reason)
})

test('inputs at the very end of what is accepted are answered', () => {
  const answerTo = (kind: string, input: object) =>
    runCases({ method: 'certifying-confidence', cases: [{ id: 'a', kind, input }] })[0]
  const ends = { ...boundsCase, sorted_scores: [0, 0, 1, 1] }
  expect(answerTo('confidence_lower_bounds', ends)).toMatchObject({ result: { mean_score: 0.5 } })
  const coarse = { sigma: 1, alpha: 0.1, gap: 1, sorted_scores: [0, 0.5, 1] }
  expect(answerTo('subsampled_thresholds', coarse)).toHaveProperty('result.lower_cdf_by_l2')
  expect(answerTo('margins', { probabilities: [[0, 1]] })).toMatchObject({
    result: { margins: [[-1, 1]] },
  })
})

test('a mean at either end of its range, and beyond what samples can tell', () => {
  const slack = samplingSlack(100, alpha)
  expect(scoreAt(meanCurve(1, 100, unit, alpha), 0, 1)).toBeCloseTo(1 - slack, 12)
  const wide = meanCurve(3, 100, { min: -1, max: 3 }, alpha)
  expect(scoreAt(wide, 0, 1)).toBeCloseTo(-1 + 4 * (1 - slack), 12)
  expect(scoreAt(meanCurve(slack / 2, 100, unit, alpha), 0, 1)).toBe(0)
  expect(scoreAt(meanCurve(2, 100, unit, alpha), 5, 1)).toBe(1)
})

test('the curve is the sum over all scores, equal ones included', () => {
  fc.assert(
    fc.property(scoreLists, real(0, 3), (scores, distance) => {
      const n = scores.length
      const slack = samplingSlack(n, alpha)
      let sum = 0
      let below = 0
      scores.forEach((score, i) => {
        const chance = Math.max((n - i) / n - slack, 0)
        sum += (score - below) * normalCdf(normalQuantile(chance) - distance)
        below = score
      })
      const curve = distributionCurve(scores, unit, alpha)
      expect(scoreAt(curve, distance, 1)).toBeCloseTo(sum, 12)
    }),
    { seed: 1 },
  )
})

test('bounds fall with distance, and the mean alone and coarse thresholds prove no more', () => {
  fc.assert(
    fc.property(
      scoreLists,
      real(0, 2),
      real(0, 2),
      fc.integer({ min: 2, max: 30 }),
      (scores, a, b, gap) => {
        const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
        const curve = distributionCurve(scores, unit, alpha)
        const byMean = meanCurve(mean, scores.length, unit, alpha)
        const coarse = distributionCurve(scores, unit, alpha, gap)
        const [near, far] = [Math.min(a, b), Math.max(a, b)]
        for (const each of [curve, byMean, coarse]) {
          expect(scoreAt(each, far, 1)).toBeLessThanOrEqual(scoreAt(each, near, 1))
        }
        expect(scoreAt(byMean, near, 1)).toBeLessThanOrEqual(scoreAt(curve, near, 1) + 1e-12)
        expect(scoreAt(coarse, near, 1)).toBeLessThanOrEqual(scoreAt(curve, near, 1) + 1e-12)
      },
    ),
    { seed: 2 },
  )
})

test('at the radius the bound still exceeds the threshold, just beyond it no longer', () => {
  fc.assert(
    fc.property(scoreLists, real(0.05, 0.9), real(0.1, 2), (scores, threshold, sigma) => {
      const curve = distributionCurve(scores, unit, alpha)
      const radius = radiusAbove(curve, threshold, sigma)
      if (radius === null) {
        expect(scoreAt(curve, 0, sigma)).toBeLessThanOrEqual(threshold)
        return
      }
      expect(scoreAt(curve, radius, sigma)).toBeGreaterThan(threshold)
      expect(scoreAt(curve, radius * (1 + 1e-9) + 1e-9, sigma)).toBeLessThanOrEqual(
        threshold + 1e-10,
      )
    }),
    { seed: 3 },
  )
})

test('the expected score of a known staircase never falls below the curve of its exact chances', () => {
  // Scores rise at each step of a staircase of numbers; all expectations have closed forms.
  const steps = fc.uniqueArray(fc.integer({ min: -300, max: 300 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(steps, fc.boolean(), real(0, 2.5), (cuts, zigzag, distance) => {
      const ends = cuts.sort((a, b) => a - b).map((cut) => cut / 100)
      const score = (x: number): number => {
        const passed = ends.filter((end) => x >= end).length
        return zigzag ? ((passed * 5) % 7) / 7 : passed / ends.length
      }
      const borders = [-40, ...ends, 40]
      const pieces = borders.slice(1).map((to, i) => [borders[i] ?? 0, to] as const)
      const expected = (x: number): number =>
        pieces.reduce(
          (sum, [from, to]) =>
            sum + score((from + to) / 2) * (normalCdf(to - x) - normalCdf(from - x)),
          0,
        )
      const levels = [...new Set(pieces.map(([from, to]) => score((from + to) / 2)))].sort(
        (a, b) => a - b,
      )
      const chanceOf = (level: number): number =>
        pieces
          .filter(([from, to]) => score((from + to) / 2) >= level)
          .reduce((sum, [from, to]) => sum + normalCdf(to) - normalCdf(from), 0)
      const curve = {
        floor: 0,
        rises: Float64Array.from(levels, (level, i) => level - (levels[i - 1] ?? 0)),
        quantiles: Float64Array.from(levels, (level) =>
          normalQuantile(Math.min(1, chanceOf(level))),
        ),
      }
      const bound = scoreAt(curve, distance, 1)
      expect(bound).toBeLessThanOrEqual(expected(distance) + 1e-9)
      expect(bound).toBeLessThanOrEqual(expected(-distance) + 1e-9)
      expect(scoreAt(curve, 0, 1)).toBeCloseTo(expected(0), 9)
    }),
    { numRuns: 300, seed: 4 },
  )
})

test('a score that cannot fall as low as the threshold has no end', () => {
  const scores = new Float64Array(100).fill(0.8)
  const curve = distributionCurve(scores, { min: 0.2, max: 1 }, alpha)
  expect(radiusAbove(curve, 0.1, 1)).toBe(Infinity)
  expect(radiusAbove(curve, 0.2, 1)).toBe(Infinity)
  expect(radiusAbove(curve, 0.9, 1)).toBeNull()
  expect(radiusAbove(meanCurve(0.01, 100, unit, alpha), 0, 1)).toBeNull()
})

test('margins lie between -1 and 1, and at most one is positive', () => {
  const rows = fc.array(real(0, 1), { minLength: 2, maxLength: 8 })
  fc.assert(
    fc.property(rows, (row) => {
      const margins = [...marginsOf(row)]
      expect(margins).toEqual(
        row.map((p, c) => p - Math.max(...row.filter((_, other) => other !== c))),
      )
      expect(margins.filter((margin) => margin > 0).length).toBeLessThanOrEqual(1)
    }),
    { seed: 5 },
  )
  // Of one class alone there is no other.
  expect([...marginsOf([1])]).toEqual([1])
})
