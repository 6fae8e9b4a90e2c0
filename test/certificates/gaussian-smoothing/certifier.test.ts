import fc from 'fast-check'
import { expect, test } from 'vitest'
import certifier from '../../../src/certificates/gaussian-smoothing/certifier'
import { gradientBound } from '../../../src/certificates/gaussian-smoothing/gradient-bound'
import { dipoleRadius } from '../../../src/certificates/gaussian-smoothing/dipole'
import { firstOrderRadius } from '../../../src/certificates/gaussian-smoothing/first-order'
import { secondOrder } from '../../../src/certificates/gaussian-smoothing/second-order'
import { lastTrue } from '../../../src/shared/statistics/last-true'
import { normalNoise } from '../../../src/shared/statistics/normal-noise'
import { shareAt } from './interval-model'
import { certifyRun, finalState, jobOf, row } from '../support/in-process-run'
import type { TestModel, TestRun } from '../support/in-process-run'

const bounds = ['first-order', 'second-order', 'dipole'] as const
const picture = row(120, 40, 200, 90)
const weights = [1, -0.5, 0.25, 2]
const length = Math.hypot(...weights)
const middle = picture.data.reduce((sum, byte, i) => sum + (weights[i] ?? 0) * (byte / 255), 0)

/** Votes for class 1 on the side of a plane on which the picture lies, `distance` away from it. */
const plane =
  (distance: number): TestModel =>
  (sample) => {
    const value = sample.reduce((sum, x, i) => sum + (weights[i] ?? 0) * x, 0)
    return [0, value - middle + distance * length]
  }

test.each(bounds)(
  '%s: the radius exceeds the distance of a plane as rarely as alpha says',
  (bound) => {
    const distance = 0.2
    const runs = 150
    const alpha = 0.05
    let wrong = 0
    let sum = 0
    for (let seed = 0; seed < runs; seed++) {
      const params = { bound, sigma: 0.25, selection: 60, estimation: 300, alpha, seed }
      const { radius, class: winner } = certifyRun(certifier, {
        picture,
        params,
        model: plane(distance),
      })
      expect(winner).toBe(1)
      if (radius > distance) wrong++
      sum += radius
    }
    // 7.5 are expected at worst; more than 17 come with a probability of 0.0005.
    expect(wrong).toBeLessThanOrEqual(17)
    expect(sum / runs).toBeGreaterThan(0.6 * distance)
  },
)

test('second order: on a flat top it proves more than votes alone, and less than the truth', () => {
  const half = 1 // in units of sigma
  const model: TestModel = ([x = 0]) => [0, Math.abs(x - 128 / 255) <= 0.5 * half ? 1 : -1]
  const params = { bound: 'second-order', sigma: 0.5, estimation: 100_000, alpha: 0.01, seed: 3 }
  const finding = certifyRun(certifier, { picture: row(128), params, model })
  const slab = [[-half, half] as const]
  const truth = 0.5 * lastTrue((r) => shareAt(slab, r) >= 0.5, 0, 5, 1e-12)
  const { lower = 0 } = finding.bounds ?? {}
  expect(finding.radius).toBeLessThan(truth)
  expect(finding.radius).toBeGreaterThan(1.15 * firstOrderRadius(lower, 0.5))
  expect(finding.bounds?.['gradientNormUpper']).toBeGreaterThan(0)
})

test('second order: with few samples the gradient bound is not informative and votes alone count', () => {
  const params = { bound: 'second-order', estimation: 400 }
  const { bounds: found, radius } = certifyRun(certifier, { picture, params, model: plane(0.3) })
  expect(Object.keys(found ?? {})).toEqual(['lower'])
  expect(radius).toBe(firstOrderRadius(found?.['lower'] ?? 0, 0.25))
})

test.each(bounds)('%s: neither batches nor a break change the answer', (bound) => {
  const params = { bound, selection: 5, estimation: 41, alpha: 0.1 }
  const whole = certifyRun(certifier, { picture, params, model: plane(0.3) })
  for (const batch of [1, 2, 7, 10]) {
    expect(certifyRun(certifier, { picture, params, model: plane(0.3), batch })).toEqual(whole)
  }
  expect(whole.votes.reduce((sum, votes) => sum + votes, 0)).toBe(bound === 'first-order' ? 41 : 40)
})

test('a sample depends on its index and the seed alone', () => {
  const job = jobOf(certifier, { picture, params: { seed: 7 }, model: plane(1) })
  const all = certifier.samples(picture, job, 0, 6)
  expect(certifier.samples(picture, job, 4, 6)).toEqual(all.subarray(16))
  const other = jobOf(certifier, { picture, params: { seed: 8 }, model: plane(1) })
  expect(certifier.samples(picture, other, 0, 6)).not.toEqual(all)
})

test('noise has the right mean and spread, is added before normalisation and not clipped', () => {
  const dark = {
    ...row(...new Array<number>(1000).fill(0)),
    normalization: { mean: [0.5], std: [0.2] },
  }
  const job = jobOf(certifier, { picture: dark, params: { sigma: 0.3 }, model: plane(1) })
  const noise = Array.from(certifier.samples(dark, job, 0, 20), (value) => value * 0.2 + 0.5)
  const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length
  const spread = Math.sqrt(
    noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length,
  )
  expect(Math.abs(mean)).toBeLessThan((4 * 0.3) / Math.sqrt(20_000))
  expect(Math.abs(spread - 0.3)).toBeLessThan((4 * 0.3) / Math.sqrt(40_000))
  expect(Math.min(...noise)).toBeLessThan(-0.9)
})

test('a dipole mirrors its further samples, but not those that choose', () => {
  const params = { bound: 'dipole', selection: 4, estimation: 6 }
  const job = jobOf(certifier, { picture, params, model: plane(1) })
  const samples = certifier.samples(picture, job, 0, 10)
  const centre = (a: number, i: number) =>
    ((samples[4 * a + i] ?? 0) + (samples[4 * a + 4 + i] ?? 0)) / 2
  for (const pair of [4, 6, 8]) {
    picture.data.forEach((byte, i) => {
      expect(centre(pair, i)).toBeCloseTo(byte / 255, 6)
    })
  }
  for (const pair of [0, 2, 5]) expect(centre(pair, 0)).not.toBeCloseTo(120 / 255, 6)
})

test.each(bounds)(
  '%s: the class is chosen by the first samples only, and abstained from if others win',
  (bound) => {
    const params = { bound, selection: 3, estimation: 60 }
    let calls = 0
    const turncoat: TestModel = () => (++calls <= 3 ? [1, 0] : [0, 1])
    const finding = certifyRun(certifier, { picture, params, model: turncoat })
    expect(finding).toMatchObject({ class: null, radius: 0, votes: [0, 60] })
    expect(finding.statement).toMatch(/^Nothing is certified/)
  },
)

const votes = fc.array(fc.boolean(), { minLength: 50, maxLength: 50 })

test.each(bounds)(
  '%s: what is counted so far proves no more, and what is settled stays',
  (bound) => {
    fc.assert(
      fc.property(
        votes,
        fc.boolean(),
        fc.double({ min: 0, max: 0.4, noNaN: true }),
        (list, mostly, wanted) => {
          const params = { bound, selection: 5, estimation: 45, alpha: 0.2 }
          const answers = list.map((vote, i) =>
            i < 5 || vote || (mostly && i % 7 > 0) ? [1, 0] : [0, 1],
          )
          const run: TestRun = { picture: row(9), params, model: () => [0] }
          const job = jobOf(certifier, run)
          let state = certifier.begin(job)
          const seen: { radius: number; settled: boolean | null }[] = []
          const { total } = certifier.plan(job)
          for (let from = 0; from < total; from += 5) {
            const to = Math.min(total, from + 5)
            state = certifier.tally(
              state,
              Float32Array.from(answers.slice(from, to).flat()),
              job,
              from,
              to,
            )
            seen.push({
              radius: certifier.certify(state, job).radius,
              settled: certifier.settled(state, wanted, job),
            })
          }
          const last = certifier.certify(state, job)
          const isCertified = last.class !== null && last.radius >= wanted
          for (const { radius, settled } of seen) {
            expect(radius).toBeLessThanOrEqual(last.radius + 1e-12)
            if (settled !== null) expect(settled).toBe(isCertified)
          }
          expect(seen.at(-1)?.settled).toBe(isCertified)
        },
      ),
      { numRuns: 60, seed: 1 },
    )
  },
)

test('an unreachable radius is known once the class is chosen', () => {
  const run = { picture, params: {}, model: plane(1) }
  const job = jobOf(certifier, run)
  const chosen = finalState(certifier, run, 100)
  expect(certifier.settled(certifier.begin(job), 2, job)).toBeNull()
  // All of 100,000 votes prove 0.9529.
  expect(certifier.settled(chosen, 0.953, job)).toBe(false)
  expect(certifier.settled(chosen, 0.952, job)).toBeNull()
})

test('answers out of order or of the wrong number are refused', () => {
  const job = jobOf(certifier, { picture, params: {}, model: plane(1) })
  const state = certifier.begin(job)
  expect(() => certifier.tally(state, new Float32Array(4), job, 1, 3)).toThrow(RangeError)
  expect(() => certifier.tally(state, new Float32Array(3), job, 0, 2)).toThrow(RangeError)
})

test('the statement never claims more than the radius', () => {
  for (let seed = 0; seed < 10; seed++) {
    const params = { selection: 5, estimation: 100, seed, sigma: 0.1 + seed / 7 }
    const { statement, radius } = certifyRun(certifier, { picture, params, model: plane(1) })
    const claimed = Number(/at most ([\d.e-]+) in L2/.exec(statement)?.[1])
    expect(claimed).toBeLessThanOrEqual(radius)
    expect(claimed).toBeGreaterThan(0.999 * radius)
  }
})

test('an early end certifies from what was counted', () => {
  const params = { selection: 10, estimation: 200, alpha: 0.05 }
  const run = { picture, params, model: plane(3) }
  const early = certifier.certify(finalState(certifier, run, 150), jobOf(certifier, run))
  expect(early.class).toBe(1)
  expect(early.votes).toEqual([0, 140])
  expect(early.radius).toBeLessThan(certifyRun(certifier, run).radius)
})

test('bounds share alpha where two are used together', () => {
  const run = (bound: string) => ({
    picture,
    params: { bound, selection: 5, estimation: 40, alpha: 0.1 },
    model: plane(30),
  })
  const boundsOf = (bound: string) => certifyRun(certifier, run(bound)).bounds
  expect(boundsOf('first-order')).toEqual({ lower: 0.1 ** (1 / 40) })
  expect(boundsOf('second-order')).toEqual({ lower: 0.05 ** (1 / 40) })
  expect(boundsOf('dipole')).toEqual({ lowerSymmetric: 0.05 ** (1 / 20), lowerAsymmetric: 0 })
})

test('a pair of which only the second votes counts for neither share', () => {
  // The choosing sample, then the pairs: both, first only, second only, none.
  const answers = [1, 1, 1, 1, 0, 0, 1, 0, 0].map((vote) => [1 - vote, vote])
  const params = { bound: 'dipole', selection: 1, estimation: 8 }
  let calls = 0
  const state = finalState(certifier, { picture, params, model: () => answers[calls++] ?? [] })
  expect(state).toMatchObject({ both: 1, firstOnly: 1, firstVotes: null, estimation: [4, 4] })
})

test('the gradient is estimated from the noise of the pairs that both vote', () => {
  const isInside = (x: number): boolean => Math.abs(x) < 0.5
  const params = { bound: 'second-order', sigma: 0.5, selection: 1, estimation: 20_000, alpha: 0.1 }
  const run = {
    picture: row(128),
    params,
    model: ([x = 0]: Float32Array) => [0, isInside(x - 128 / 255) ? 1 : -1],
  }
  const job = jobOf(certifier, run)
  const state = finalState(certifier, run)
  const at = (sample: number): number => {
    const [x = 0] = certifier.samples(run.picture, job, sample, sample + 1)
    return x - 128 / 255
  }
  let products = 0
  for (let first = 1; first < 20_001; first += 2) {
    if (isInside(at(first)) && isInside(at(first + 1))) products += at(first) * at(first + 1)
  }
  expect(state.products * 0.5 ** 2).toBeCloseTo(products, 1)
  const { lower = 0, gradientNormUpper = 0 } = certifier.certify(state, job).bounds ?? {}
  const estimate = { squaredNorm: products / 10_000 / 0.5 ** 4, pairs: 10_000, dimension: 1 }
  const { upperSquared } = gradientBound(estimate, 0.5, 0.05, lower)
  expect(gradientNormUpper ** 2).toBeCloseTo(upperSquared, 4)
  // The picture is in the middle of the slab, where the share has no slope.
  expect(estimate.squaredNorm).toBeCloseTo(0, 1)
})

test('a bound of exactly one half has a class and certifies nothing', () => {
  // Two of two votes at a chance of a quarter.
  const params = { selection: 1, estimation: 2, alpha: 0.25 }
  const finding = certifyRun(certifier, { picture, params, model: plane(30) })
  expect(finding).toMatchObject({ class: 1, radius: 0, bounds: { lower: 0.5 } })
  expect(finding.statement).toMatch(/^Nothing is certified/)
})

test.each(bounds)('%s: the very radius that is certified is settled, no more', (bound) => {
  const params = { bound, selection: 5, estimation: 400, alpha: 0.1 }
  const run = { picture, params, model: plane(30) }
  const job = jobOf(certifier, run)
  const state = finalState(certifier, run)
  const { radius } = certifier.certify(state, job)
  expect(radius).toBeGreaterThan(0.3)
  expect(certifier.settled(state, radius, job)).toBe(true)
  expect(certifier.settled(state, radius + 1e-9, job)).toBe(false)
})

test('second order: before the last pair votes alone count, and all may still become flat', () => {
  const params = { bound: 'second-order', selection: 10, estimation: 200, alpha: 0.1, sigma: 0.5 }
  const run = { picture, params, model: plane(30) }
  const job = jobOf(certifier, run)
  const early = finalState(certifier, run, 150)
  const { bounds: found } = certifier.certify(early, job)
  expect(Object.keys(found ?? {})).toEqual(['lower'])
  const best = secondOrder(0.05 ** (1 / 200), 0, 0.5).radius
  expect(certifier.settled(early, 0.999 * best, job)).toBeNull()
  expect(certifier.settled(early, 1.001 * best, job)).toBe(false)
})

test.each([0, 7, 8])('dipole: after %d samples all pairs may still vote for the class', (upTo) => {
  const params = { bound: 'dipole', selection: 7, estimation: 20, alpha: 0.1, sigma: 0.5 }
  // The first further sample alone does not tell what its pair will.
  const run = { picture, params, model: plane(30) }
  const job = jobOf(certifier, run)
  const all = 0.05 ** (1 / 10)
  const best = dipoleRadius({ symmetric: all, asymmetric: all }, 0.5)
  const state = finalState(certifier, run, upTo)
  expect(certifier.settled(state, best - 1e-6, job)).toBeNull()
  expect(certifier.settled(state, best + 1e-6, job)).toBe(false)
})

test('second order: all values of all channels and rows count', () => {
  const cube = { channels: 2, height: 2, width: 2, data: new Uint8Array(8).fill(128) }
  const isFlat = (x: number): boolean => Math.abs(x - 128 / 255) < 0.5
  const params = { bound: 'second-order', sigma: 0.6, selection: 1, estimation: 30_000, alpha: 0.5 }
  const run = {
    picture: cube,
    params,
    model: ([x = 0]: Float32Array) => [0, isFlat(x) ? 1 : -1],
  }
  const job = jobOf(certifier, run)
  const state = finalState(certifier, run)
  let products = 0
  for (let first = 1; first < 30_001; first += 2) {
    const [a, b] = [normalNoise(0, first, 8), normalNoise(0, first + 1, 8)]
    if (![a, b].every(([x = 0]) => isFlat(Math.fround(128 / 255 + 0.6 * x)))) continue
    products += a.reduce((sum, x, i) => sum + x * b[i]!, 0)
  }
  expect(state.products).toBeCloseTo(products, 6)
  const { lower = 0, gradientNormUpper = 0 } = certifier.certify(state, job).bounds ?? {}
  const estimate = { squaredNorm: products / 15_000 / 0.36, pairs: 15_000, dimension: 8 }
  const bound = gradientBound(estimate, 0.6, 0.25, lower)
  expect(bound.isCapped).toBe(false)
  expect(gradientNormUpper).toBeCloseTo(Math.sqrt(bound.upperSquared), 9)
})
