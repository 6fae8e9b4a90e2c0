import { expect, test } from 'vitest'
import certifier from '../../../src/certificates/certified-saliency/certifier'
import { keptCount, sparsify } from '../../../src/certificates/certified-saliency/sparsify'
import { normalRandom, seededRandom } from '../../../src/shared/random'
import { certifyRun, finalState, jobOf, row } from '../support/in-process-run'
import type { TestModel } from '../support/in-process-run'

const picture = row(10, 60, 250, 30, 200, 90, 5, 140, 220, 20)
/** The gradient of half the sum of squares: each value's own size. */
const ownValue: TestModel = (sample) => Array.from(sample)
const params = { rho: 0.03, sigma: 0.2, tau: 0.4, topFraction: 0.3, estimation: 3000, alpha: 0.05 }

/** Smoothed scores of a picture of any values, estimated with noise that the certifier did not use. */
function smoothedScores(values: readonly number[], copies: number, seed: number): number[] {
  const draw = normalRandom(seededRandom(seed))
  const kept = keptCount(values.length, params.tau)
  const marks = values.map(() => 0)
  for (let copy = 0; copy < copies; copy++) {
    const noisy = values.map((value) => value + params.sigma * draw())
    sparsify(noisy, kept).forEach((mark, i) => {
      marks[i] = (marks[i] ?? 0) + mark
    })
  }
  return marks.map((mark) => mark / copies)
}

const topOf = (values: readonly number[], k: number): Set<number> =>
  new Set([...values.keys()].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0)).slice(0, k))

test('the overlap of the explanation of moved pictures is never below the certified one', () => {
  const finding = certifyRun(certifier, { picture, params, model: ownValue })
  const { overlap, k, certifiedEntries } = finding.details ?? {}
  expect(k).toBe(3)
  expect(overlap).toBeGreaterThanOrEqual(1)
  expect(finding.radius).toBe(0.03)
  const values = Array.from(picture.data, (byte) => byte / 255)
  const before = topOf(smoothedScores(values, 4000, 99), 3)
  const draw = normalRandom(seededRandom(1))
  for (let attack = 0; attack < 15; attack++) {
    const direction = values.map(() => draw())
    const size = Math.hypot(...direction)
    const moved = values.map((value, i) => value + (params.rho * (direction[i] ?? 0)) / size)
    const after = topOf(smoothedScores(moved, 4000, attack), 3)
    expect([...before].filter((i) => after.has(i)).length).toBeGreaterThanOrEqual(Number(overlap))
    for (const entry of certifiedEntries as readonly number[]) expect(after).toContain(entry)
  }
})

test('an explanation that no noise changes is certified whole', () => {
  const constant: TestModel = () => [0, 0, 9, 0, 8, 0, 0, 0, 7, 0]
  const steady = { ...params, tau: 0.3, estimation: 500, rho: 0.1 }
  const finding = certifyRun(certifier, { picture, params: steady, model: constant })
  expect(finding.details).toEqual({ k: 3, overlap: 3, certifiedEntries: [2, 4, 8] })
  expect(finding.statement).toMatch(/^At least 3 of the 3 .* at most 0.1 in L2/)
})

test('nothing is certified before all copies are counted, nor for a large change', () => {
  const run = { picture, params, model: ownValue }
  expect(certifyRun(certifier, run, 2999)).toMatchObject({
    radius: 0,
    details: { overlap: 0, certifiedEntries: [] },
  })
  const far = certifyRun(certifier, { ...run, params: { ...params, rho: 2 } })
  expect(far).toMatchObject({ radius: 0, details: { overlap: 0 } })
  expect(far.statement).toMatch(/^Nothing is certified/)
})

test('neither batches nor a break change the answer', () => {
  const few = { ...params, estimation: 50 }
  const whole = certifyRun(certifier, { picture, params: few, model: ownValue })
  expect(certifyRun(certifier, { picture, params: few, model: ownValue, batch: 7 })).toEqual(whole)
})

test('what is told beside the overlap', () => {
  const constant: TestModel = () => [0, 0, 9, 0, 8, 0, 0, 0, 7, 0]
  // Six of ten values are shown, where three are: nothing about halves or thirds is left to chance.
  const few = { ...params, tau: 0.3, topFraction: 0.3, estimation: 400, rho: 0.05, alpha: 0.1 }
  const run = { picture, params: few, model: constant }
  const state = finalState(certifier, run)
  expect(state).toEqual({ next: 400, marks: [0, 0, 400, 0, 400, 0, 0, 0, 400, 0] })
  const finding = certifier.certify(state, jobOf(certifier, run))
  expect(finding).toMatchObject({ total: 400, votes: [], alpha: 0.1, class: null })
  expect(finding.bounds?.['slack']).toBeCloseTo(Math.sqrt(Math.log(200) / 800), 12)
  expect(certifier.settled(state, 0.05, jobOf(certifier, run))).toBeNull()
  // One that just one copy leaves out has a score below 1, by that copy.
  let calls = 0
  const flickering: TestModel = () =>
    ++calls === 1 ? [9, 8, 7, 0, 0, 0, 0, 0, 0, 0] : constant(new Float32Array())
  const counted = finalState(certifier, { ...run, model: flickering })
  expect(counted.marks).toEqual([1, 1, 400, 0, 399, 0, 0, 0, 399, 0])
})

test('of two pictures large enough for one value each, one is', () => {
  const planOf = (topFraction: number) =>
    certifier.plan(
      jobOf(certifier, { picture: row(1, 2, 3, 4), params: { topFraction }, model: ownValue }),
    )
  expect(planOf(0.25).total).toBe(8192)
  expect(() => planOf(0.24)).toThrow('of 4 values none')
  expect(() => planOf(0.24)).toThrow(
    expect.objectContaining({ hint: 'Give at least 0.25.' }) as Error,
  )
})

test('a picture too small to show anything is refused', () => {
  const job = jobOf(certifier, { picture: row(1, 2), params, model: ownValue })
  expect(() => certifier.plan(job)).toThrow(
    expect.objectContaining({ code: 'E_SETTING_INVALID' }) as Error,
  )
  expect(certifier.plan(jobOf(certifier, { picture, params, model: ownValue })).total).toBe(3000)
})
