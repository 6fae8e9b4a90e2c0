import fc from 'fast-check'
import { expect, test } from 'vitest'
import certifier from '../../../src/certificates/certified-confidence/certifier'
import { lastTrue } from '../../../src/shared/statistics/last-true'
import { normalCdf, normalPdf, normalQuantile, samplingSlack } from '../../../src/shared/statistics'
import { certifyRun, finalState, jobOf, row } from '../support/in-process-run'
import type { TestModel } from '../support/in-process-run'

const picture = row(128)
const sigma = 0.25
/** A smooth step: the logit of class 1 rises with the value, and is 0 `distance` below the picture's. */
const step =
  (distance: number, steepness: number): TestModel =>
  ([x = 0]) => [0, steepness * (x - 128 / 255 + distance)]

/** The expectation of `score` of the logit under the noise when the picture was moved down by `moved`. */
function expectation(
  score: (logit: number) => number,
  distance: number,
  steepness: number,
  moved: number,
) {
  let sum = 0
  const width = 0.01
  for (let z = -8; z <= 8; z += width) {
    sum += normalPdf(z) * width * score(steepness * (distance - moved + sigma * z))
  }
  return sum
}

const scores = {
  score: (logit: number) => 1 / (1 + Math.exp(-logit)),
  margin: (logit: number) => Math.tanh(logit / 2),
}

test.each([
  ['score', 'distribution', 0.6],
  ['score', 'mean', 0.6],
  ['margin', 'distribution', 0.2],
  ['margin', 'mean', 0.2],
] as const)(
  '%s, %s: the radius exceeds the truth as rarely as alpha says',
  (measure, bound, threshold) => {
    const [distance, steepness] = [0.4, 12]
    const truth = lastTrue(
      (r) => expectation(scores[measure], distance, steepness, r) > threshold,
      0,
      2,
      1e-6,
    )
    let wrong = 0
    let sum = 0
    for (let seed = 0; seed < 60; seed++) {
      const params = {
        measure,
        bound,
        threshold,
        sigma,
        selection: 10,
        estimation: 300,
        alpha: 0.05,
        seed,
      }
      const finding = certifyRun(certifier, { picture, params, model: step(distance, steepness) })
      expect(finding.class).toBe(1)
      if (finding.radius > truth) wrong++
      sum += finding.radius
    }
    // 3 are expected at worst; more than 10 come with a probability of 0.0003.
    expect(wrong).toBeLessThanOrEqual(10)
    expect(sum / 60).toBeGreaterThan(0.3 * truth)
  },
)

test('neither batches nor a break change the answer', () => {
  const params = { selection: 5, estimation: 41, alpha: 0.1 }
  const run = { picture, params, model: step(1, 20) }
  const whole = certifyRun(certifier, run)
  for (const batch of [1, 3, 10]) expect(certifyRun(certifier, { ...run, batch })).toEqual(whole)
  expect(whole.class).toBe(1)
})

test('the class is the one with the largest average score, not the most votes', () => {
  // Class 0 wins two of three samples by little, class 1 the third by much.
  let calls = 0
  const model: TestModel = () => (++calls % 3 ? [0.1, 0, -9] : [-9, 9, -9])
  const params = { selection: 3, estimation: 300, alpha: 0.05, threshold: 0.5 }
  expect(certifyRun(certifier, { picture, params, classes: 3, model }).class).toBe(1)
})

test('fresh samples alone bound the score, and a class below half is abstained from', () => {
  let calls = 0
  const model: TestModel = () => (++calls <= 3 ? [9, 0] : [0, 9])
  const params = { selection: 3, estimation: 300 }
  const finding = certifyRun(certifier, { picture, params, model })
  expect(finding).toMatchObject({ class: null, radius: 0 })
  expect(finding.bounds?.['lower']).toBeLessThan(0.01)
})

test('a class whose average score is not sure to be above one half is abstained from', () => {
  const params = { selection: 3, estimation: 500, threshold: 0.3, alpha: 0.05 }
  const model = (share: number): TestModel => {
    const rest = Math.log((1 - share) / 2)
    return () => [Math.log(share), rest, rest]
  }
  const run = { picture, params, classes: 3 }
  expect(certifyRun(certifier, { ...run, model: model(0.45) })).toMatchObject({
    class: null,
    radius: 0,
  })
  expect(certifyRun(certifier, { ...run, model: model(0.6) }).class).toBe(0)
  const margins = { ...params, measure: 'margin', threshold: 0.05 }
  expect(certifyRun(certifier, { ...run, params: margins, model: model(0.45) }).class).toBe(0)
  expect(certifyRun(certifier, { ...run, params: margins, model: model(0.35) }).class).toBeNull()
})

test('the first samples only choose, all others only certify', () => {
  const params = { selection: 3, estimation: 7 }
  const state = finalState(certifier, { picture, params, model: () => [0, 0] })
  expect(state).toEqual({ next: 10, selection: [1.5, 1.5], scores: new Array<number>(7).fill(0.5) })
})

test('a logit that is no number counts as the lowest score', () => {
  const params = { selection: 3, estimation: 100 }
  const finding = certifyRun(certifier, { picture, params, model: () => [NaN, NaN] })
  expect(finding).toMatchObject({ class: null, radius: 0, bounds: { lower: 0 } })
})

test('the curve falls from the bound on the picture itself', () => {
  const params = { selection: 3, estimation: 200 }
  const { details, bounds } = certifyRun(certifier, { picture, params, model: step(0.4, 12) })
  const curve = details?.['curve'] as readonly { distance: number; lower: number }[] // the certifier's own
  expect(curve[0]).toEqual({ distance: 0, lower: bounds?.['lower'] })
  curve.slice(1).forEach(({ lower }, i) => {
    expect(lower).toBeLessThanOrEqual(curve[i]?.lower ?? 0)
  })
})

test('what is counted so far proves no more, and what is settled stays', () => {
  const lists = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), {
    minLength: 45,
    maxLength: 45,
  })
  fc.assert(
    fc.property(
      lists,
      fc.double({ min: 0, max: 0.3, noNaN: true }),
      fc.double({ min: 0, max: 4, noNaN: true }),
      (list, wanted, lift) => {
        let calls = 0
        const model: TestModel = () => [(list[calls++ % 45] ?? 0) + lift, 0]
        const params = { selection: 5, estimation: 40, alpha: 0.3, threshold: 0.55 }
        const run = { picture, params, model }
        const job = jobOf(certifier, run)
        const seen = [0, 10, 25, 40].map((upTo) => {
          calls = 0
          const state = finalState(certifier, run, upTo)
          return {
            radius: certifier.certify(state, job).radius,
            settled: certifier.settled(state, wanted, job),
          }
        })
        calls = 0
        const last = certifyRun(certifier, run)
        for (const { radius, settled } of seen) {
          expect(radius).toBeLessThanOrEqual(last.radius + 1e-9)
          // Right at the wanted radius the two ways of asking may differ by rounding.
          if (settled !== null && Math.abs(last.radius - wanted) > 1e-9) {
            expect(settled).toBe(last.class !== null && last.radius >= wanted && last.radius > 0)
          }
        }
      },
    ),
    { numRuns: 60, seed: 1 },
  )
})

test.each(['score', 'margin'] as const)('%s: what is told beside the radius', (measure) => {
  const params = { measure, threshold: 0.2, sigma: 0.5, selection: 2, estimation: 400, alpha: 0.05 }
  const run = { picture, params, model: step(3, 40) }
  const state = finalState(certifier, run)
  const job = jobOf(certifier, run)
  const finding = certifier.certify(state, job)
  expect(finding).toMatchObject({ class: 1, votes: [], total: 400, alpha: 0.05 })
  expect(finding.radius).toBeGreaterThan(0)
  expect(finding.statement).toContain(
    `The average ${measure} of the class under this noise stays above 0.2 while`,
  )
  // All samples have the highest score: the curve is one step, lowered by what 400 samples may miss.
  const min = measure === 'score' ? 0 : -1
  const chance = 1 - samplingSlack(400, 0.05)
  const lowerAt = (distance: number): number =>
    min + (1 - min) * normalCdf(normalQuantile(chance) - distance / 0.5)
  const curve = finding.details?.['curve'] as readonly { distance: number; lower: number }[] // its own
  expect(curve.map(({ distance }) => distance)).toEqual(
    Array.from({ length: 25 }, (_, i) => (i / 8) * 0.5),
  )
  for (const { distance, lower } of curve) expect(lower).toBeCloseTo(lowerAt(distance), 6)
  expect(finding.bounds?.['lower']).toBe(curve[0]?.lower)
  expect(lowerAt(finding.radius)).toBeCloseTo(0.2, 5)
  expect(certifier.settled(state, finding.radius - 1e-9, job)).toBe(true)
  expect(certifier.settled(state, finding.radius + 1e-9, job)).toBe(false)
})

test('an average right at the threshold, or at one half, does not exceed it', () => {
  // Two logits that are equal are one half each, whatever the noise.
  const params = { selection: 1, estimation: 100, threshold: 0, measure: 'margin', alpha: 0.05 }
  const run = { picture, params, model: () => [5, 5] }
  const state = finalState(certifier, run)
  const job = jobOf(certifier, run)
  expect(certifier.certify(state, job)).toMatchObject({ class: null, radius: 0 })
  expect(certifier.certify(state, job).statement).toBe(
    'Nothing is certified: no class is sure to have the largest average margin.',
  )
  expect(certifier.settled(state, 0, job)).toBe(false)
})

test.each([
  ['score', 'mean', (slack: number) => 0.8 - slack],
  ['score', 'distribution', (slack: number) => 0.8 * (1 - slack)],
  ['margin', 'mean', (slack: number) => 0.6 - 2 * slack],
  ['margin', 'distribution', (slack: number) => -1 + 1.6 * (1 - slack)],
] as const)('%s, %s: what a score that never changes proves', (measure, bound, lowerOf) => {
  const params = { measure, bound, threshold: 0.1, selection: 2, estimation: 200, alpha: 0.05 }
  const model = () => [Math.log(0.2), Math.log(0.8)]
  const finding = certifyRun(certifier, { picture, params, model })
  expect(finding.bounds?.['lower']).toBeCloseTo(lowerOf(samplingSlack(200, 0.05)), 6)
})

test('logits too large for their powers have scores all the same', () => {
  const params = { selection: 1, estimation: 2, bound: 'mean', threshold: 0.4, alpha: Math.exp(-1) }
  const run = { picture, params, model: () => [0, 1000] }
  expect(finalState(certifier, run)).toEqual({ next: 3, selection: [0, 1], scores: [1, 1] })
  // Two samples at this level may miss one half: no other class can be above the half that is left.
  const finding = certifyRun(certifier, run)
  expect(finding).toMatchObject({ class: 1, bounds: { lower: 0.5 } })
  expect(finding.radius).toBeGreaterThan(0)
})

test('a threshold that is the very bound is not exceeded', () => {
  const params = { selection: 2, estimation: 400, alpha: 0.05 }
  const run = { picture, params, model: step(1, 20) }
  const state = finalState(certifier, run)
  const lower = certifier.certify(state, jobOf(certifier, run)).bounds?.['lower'] ?? NaN
  const job = jobOf(certifier, { ...run, params: { ...params, threshold: lower } })
  expect(certifier.settled(state, 0, job)).toBe(false)
  expect(certifier.certify(state, job).radius).toBe(0)
})
