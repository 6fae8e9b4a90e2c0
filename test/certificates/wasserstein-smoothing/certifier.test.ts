import { expect, test } from 'vitest'
import certifier from '../../../src/certificates/wasserstein-smoothing/certifier'
import {
  applyFlow,
  flowLength,
  horizontalEdges,
  verticalEdges,
} from '../../../src/certificates/wasserstein-smoothing/flow'
import { laplaceFlow } from '../../../src/certificates/wasserstein-smoothing/flow-noise'
import { minimumFlow } from '../../../src/certificates/wasserstein-smoothing/distances'
import { wassersteinRadii } from '../../../src/certificates/wasserstein-smoothing/radius'
import { seededRandom } from '../../../src/shared/random'
import { certifyRun, finalState, jobOf, row } from '../support/in-process-run'
import type { TestModel } from '../support/in-process-run'

const picture = row(200, 100)
const mass = 300 / 255

/** Class 1 while the left pixel leads by more than a threshold `distance` of moved mass away: the true W1 radius. */
const lead =
  (distance: number): TestModel =>
  ([left = 0, right = 0]) => [0, (left - right) / mass - (1 / 3 - 2 * distance)]

test.each([true, false])(
  'tight %s: the radius exceeds the truth as rarely as alpha says',
  (tight) => {
    const distance = 0.01
    const runs = 100
    let wrong = 0
    let sum = 0
    for (let seed = 0; seed < runs; seed++) {
      const params = { tight, ground: 'l1', selection: 20, estimation: 400, alpha: 0.05, seed }
      const { radius } = certifyRun(certifier, { picture, params, model: lead(distance) })
      if (radius > distance) wrong++
      sum += radius
    }
    // 5 are expected at worst; more than 13 come with a probability of 0.0005.
    expect(wrong).toBeLessThanOrEqual(13)
    expect(sum / runs).toBeGreaterThan(tight ? 0.8 * distance : 0.5 * distance)
    expect(sum / runs).toBeLessThan(distance)
  },
)

test('the tight radius of exact votes is the truth, the published one is below it', () => {
  for (const distance of [0.001, 0.1, 1, 3]) {
    const share = 1 - Math.exp(-distance) / 2
    expect(wassersteinRadii(share, 1, true).l1Ground).toBeCloseTo(distance, 10)
    expect(wassersteinRadii(share, 1, false).l1Ground).toBeLessThan(distance)
    expect(wassersteinRadii(share, 1, true).l2Ground).toBeCloseTo(distance / Math.SQRT2, 10)
  }
})

test('flows keep the mass of every channel', () => {
  const wide = {
    channels: 3,
    height: 4,
    width: 5,
    data: Uint8Array.from({ length: 60 }, (_, i) => 4 * i),
  }
  const job = jobOf(certifier, {
    picture: wide,
    params: { standardDeviation: 0.2 },
    model: () => [0],
  })
  const samples = certifier.samples(wide, job, 0, 3)
  for (let plane = 0; plane < 9; plane++) {
    const channel = wide.data.subarray((plane % 3) * 20, (plane % 3) * 20 + 20)
    const expected = channel.reduce((sum, byte) => sum + byte / 255, 0)
    const got = samples.subarray(plane * 20, plane * 20 + 20).reduce((sum, value) => sum + value, 0)
    expect(got).toBeCloseTo(expected, 4)
  }
  expect(samples.some((value) => value < 0)).toBe(true)
  expect(certifier.samples(wide, job, 2, 3)).toEqual(samples.subarray(120))
})

test('a flow bridges a distance of at most its length, and its noise has the wanted scale', () => {
  const shape = { channels: 1, height: 3, width: 3 }
  const image = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9).map((value) => value / 45)
  for (let seed = 0; seed < 20; seed++) {
    const flow = laplaceFlow(seededRandom(seed), shape, 0.001)
    const moved = applyFlow(image, shape, flow)
    const asMasses = (data: Float64Array) => ({ width: 3, height: 3, data })
    expect(minimumFlow(asMasses(image), asMasses(moved))).toBeLessThanOrEqual(
      flowLength(flow) + 1e-9,
    )
  }
  const many = laplaceFlow(seededRandom(5), { channels: 1, height: 100, width: 100 }, 2)
  const sizes = many.vertical.map(Math.abs)
  const mean = (values: Float64Array): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  expect(Math.abs(mean(sizes) - 2)).toBeLessThan(4 * 2 * Math.sqrt(1 / 9900))
  expect(Math.abs(mean(many.horizontal))).toBeLessThan(4 * 2 * Math.sqrt(2 / 9900))
})

test('a flow of each edge moves its share of all mass, channel by channel', () => {
  const shape = { channels: 2, height: 2, width: 2 }
  expect([verticalEdges(shape), horizontalEdges(shape)]).toEqual([4, 4])
  expect([
    verticalEdges({ channels: 2, height: 5, width: 3 }),
    horizontalEdges({ channels: 2, height: 5, width: 3 }),
  ]).toEqual([24, 20])
  const image = [1, 2, 3, 4, 5, 6, 7, 12]
  const flow = {
    vertical: Float64Array.of(0.1, 0.2, 0.3, 0.4),
    horizontal: Float64Array.of(0.01, 0.02, 0.03, 0.04),
  }
  const shares = [0.11, 0.19, -0.08, -0.22, 0.33, 0.37, -0.26, -0.44]
  const moved = applyFlow(image, shape, flow)
  expect(moved).toHaveLength(8)
  moved.forEach((value, i) => {
    expect(value).toBeCloseTo(image[i]! + 40 * shares[i]!, 10)
  })
})

test('of two uniform numbers one is the size of a flow, the other its sign', () => {
  const shape = { channels: 1, height: 1, width: 2 }
  const drawn = (...words: number[]): number =>
    laplaceFlow(() => words.shift() ?? NaN, shape, 3).horizontal[0]!
  // Each number takes two of the generator.
  expect(drawn(0.5, 0, 0.5, 0)).toBeCloseTo(3 * Math.LN2, 8)
  expect(drawn(0.5, 0, 0.25, 0)).toBeCloseTo(-3 * Math.LN2, 8)
})

test('samples are normalised channel by channel', () => {
  const wide = { channels: 2, height: 1, width: 2, data: Uint8Array.of(50, 100, 150, 200) }
  const normalization = { mean: [0.5, 0.25], std: [2, 4] }
  const job = jobOf(certifier, { picture: wide, params: {}, model: () => [0] })
  const plain = certifier.samples(wide, job, 0, 2)
  const scaled = certifier.samples({ ...wide, normalization }, job, 0, 2)
  expect(plain).toHaveLength(8)
  scaled.forEach((value, i) => {
    const [mean, std] = i % 4 < 2 ? [0.5, 2] : [0.25, 4]
    expect(value).toBeCloseTo((plain[i]! - mean) / std, 5)
  })
})

test('a class with all votes is told with its radius, one with half of them is not', () => {
  const params = {
    selection: 2,
    estimation: 100,
    alpha: 0.05,
    standardDeviation: 0.1,
    ground: 'l1',
  }
  const run = { picture, params, model: lead(50) }
  const state = finalState(certifier, run)
  const finding = certifier.certify(state, jobOf(certifier, run))
  const lower = 0.05 ** 0.01
  const radius = (0.1 / Math.SQRT2 / 2) * Math.log(lower / (1 - lower))
  expect(finding).toMatchObject({ class: 1, total: 100, votes: [0, 100] })
  expect(finding.radius).toBeCloseTo(radius, 12)
  expect(finding.statement).toMatch(/^The class cannot change/)
  expect(certifier.settled(state, finding.radius, jobOf(certifier, run))).toBe(true)
  expect(certifier.settled(state, finding.radius + 1e-9, jobOf(certifier, run))).toBe(false)
  const straight = { ...run, params: { ...params, ground: 'l2' } }
  expect(certifier.certify(state, jobOf(certifier, straight)).radius).toBeCloseTo(
    radius / Math.SQRT2,
    12,
  )
  const half = { ...run, params: { ...params, selection: 1, estimation: 2, alpha: 0.25 } }
  const even = certifyRun(certifier, half)
  // Two of two votes prove one half, and no more.
  expect(even).toMatchObject({ class: null, radius: 0, bounds: { lower: 0.5 } })
  expect(even.statement).toMatch(/^Nothing is certified/)
  expect(certifier.settled(finalState(certifier, half), 0, jobOf(certifier, half))).toBe(false)
})

test('a black picture has nothing to move', () => {
  const job = jobOf(certifier, { picture: row(0, 0), params: {}, model: lead(1) })
  expect(() => certifier.samples(row(0, 0), job, 0, 1)).toThrow(
    expect.objectContaining({ code: 'E_PICTURE_BLACK' }) as Error,
  )
})

test('abstains where no class wins, and settles early', () => {
  const params = { selection: 5, estimation: 50 }
  let calls = 0
  const coin: TestModel = () => (++calls % 2 ? [1, 0] : [0, 1])
  expect(certifyRun(certifier, { picture, params, model: coin })).toMatchObject({
    class: null,
    radius: 0,
  })
  const job = jobOf(certifier, { picture, params, model: coin })
  expect(certifier.settled(certifier.begin(job), 1, job)).toBeNull()
  // Even a change of nothing needs a winner.
  expect(certifier.settled(certifier.begin(job), 0, job)).toBeNull()
  const lost = certifier.tally(
    certifier.begin(job),
    new Float32Array(30).map((_, i) => (i < 10 ? (i + 1) % 2 : i % 2)),
    job,
    0,
    15,
  )
  expect(certifier.settled(lost, 0.02, job)).toBe(false)
})
