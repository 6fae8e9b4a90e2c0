import { expect } from 'vitest'
import type { SmoothingJob, SmoothingPicture } from '../../../src/shared/plugin'
import { seededRandom } from '../../../src/shared/random'
import { type AnyCertifier, linearModel, randomPicture, runAll } from '../support/run-certifier'
import type { Check, Load } from './check'

interface Setup {
  readonly name: string
  readonly folder: string
  readonly params: Readonly<Record<string, unknown>>
  readonly shape: { readonly channels: number; readonly height: number; readonly width: number }
  readonly total: number
  readonly channels: number
  /** Sizes to ask for, in the method's unit. */
  readonly wanted: readonly number[]
  /** A change that the certificate must withstand, in place. Null: the certificate may be wrong with probability. */
  readonly attack:
    ((data: Uint8Array, radius: number, random: () => number, shape: Setup['shape']) => void) | null
}

const below = (random: () => number, n: number): number => Math.floor(random() * n)

const stripAttack: Setup['attack'] = (data, radius, random, { channels, height, width }) => {
  const left = below(random, width - radius + 1)
  for (let i = 0; i < channels * height * width; i++) {
    const x = i % width
    if (x >= left && x < left + radius)
      data[i] = random() < 0.5 ? 255 * below(random, 2) : below(random, 256)
  }
}
const rowAttack: Setup['attack'] = (data, radius, random, { channels, height, width }) => {
  const top = below(random, height - radius + 1)
  for (let i = 0; i < channels * height * width; i++) {
    const y = Math.floor(i / width) % height
    if (y >= top && y < top + radius) data[i] = 255 * below(random, 2)
  }
}
const squareAttack: Setup['attack'] = (data, radius, random, { channels, height, width }) => {
  const left = below(random, Math.max(1, width - radius + 1))
  const top = below(random, Math.max(1, height - radius + 1))
  for (let i = 0; i < channels * height * width; i++) {
    const x = i % width
    const y = Math.floor(i / width) % height
    if (x >= left && x < left + radius && y >= top && y < top + radius)
      data[i] = 255 * below(random, 2)
  }
}
/** Spends the whole budget of grey levels. */
const greyAttack: Setup['attack'] = (data, radius, random) => {
  let left = Math.round(radius * 255)
  while (left > 0) {
    const i = below(random, data.length)
    const step = Math.min(left, 1 + below(random, 40), random() < 0.5 ? 255 - data[i]! : data[i]!)
    data[i] =
      data[i]! + step <= 255 && random() < 0.5 ? data[i]! + step : Math.max(0, data[i]! - step)
    left -= Math.max(1, step)
  }
}
const pixelAttack: Setup['attack'] = (data, radius, random, { channels, height, width }) => {
  for (let n = 0; n < radius; n++) {
    const pixel = below(random, height * width)
    for (let c = 0; c < channels; c++) data[c * height * width + pixel] = below(random, 256)
  }
}
const rootAttack =
  (reciprocal: number): NonNullable<Setup['attack']> =>
  (data, radius, random) => {
    let left = radius ** (1 / reciprocal)
    for (let n = 0; n < 50; n++) {
      const i = below(random, data.length)
      const step = Math.min(255, Math.floor(255 * (left * random()) ** reciprocal))
      if (step < 1) continue
      const to = data[i]! + step <= 255 ? data[i]! + step : data[i]! - step
      if (to < 0) continue
      // A value that moves twice moves by the distance from its first place at most, which costs no more.
      data[i] = to
      left -= (step / 255) ** (1 / reciprocal)
    }
  }

const small = { channels: 1, height: 3, width: 12 }
const tiny = { channels: 2, height: 2, width: 3 }
const exact = [0, 1, 2, 3, 4, 6, 12, 13]

export const setups: readonly Setup[] = [
  {
    name: 'columns',
    folder: 'derandomized-smoothing',
    params: { band: 2 },
    shape: small,
    total: 12,
    channels: 2,
    wanted: exact,
    attack: stripAttack,
  },
  {
    name: 'columns, best class',
    folder: 'derandomized-smoothing',
    params: { band: 3, vote: 'top-one', encoding: 'zero-fill' },
    shape: small,
    total: 12,
    channels: 1,
    wanted: exact,
    attack: stripAttack,
  },
  {
    name: 'columns, stride',
    folder: 'derandomized-smoothing',
    params: { band: 1, stride: 1, encoding: 'mask-channel', theta: 0.4 },
    shape: small,
    total: 12,
    channels: 2,
    wanted: exact,
    attack: stripAttack,
  },
  {
    name: 'rows',
    folder: 'derandomized-smoothing',
    params: { ablation: 'rows', band: 2 },
    shape: { channels: 1, height: 11, width: 2 },
    total: 11,
    channels: 2,
    wanted: exact,
    attack: rowAttack,
  },
  {
    name: 'blocks',
    folder: 'derandomized-smoothing',
    params: { ablation: 'blocks', band: 2 },
    shape: { channels: 1, height: 6, width: 7 },
    total: 42,
    channels: 2,
    wanted: exact,
    attack: squareAttack,
  },
  {
    name: 'bands',
    folder: 'derandomized-smoothing',
    params: { ablation: 'multi-columns', band: 1, retained: 2 },
    shape: small,
    total: 66,
    channels: 2,
    wanted: exact,
    attack: stripAttack,
  },
  {
    name: 'columns drawn',
    folder: 'derandomized-smoothing',
    params: { band: 2, sampling: 'random', selection: 5, estimation: 60 },
    shape: small,
    total: 65,
    channels: 2,
    wanted: exact,
    attack: null,
  },
  {
    name: 'ablation',
    folder: 'randomized-ablation',
    params: { retained: 4, selection: 5, estimation: 60 },
    shape: small,
    total: 65,
    channels: 2,
    wanted: exact,
    attack: null,
  },
  {
    name: 'ablation, mean',
    folder: 'randomized-ablation',
    params: { retained: 2, selection: 5, estimation: 60, encoding: 'mean', mean: [0.4] },
    shape: small,
    total: 65,
    channels: 1,
    wanted: exact,
    attack: null,
  },
  {
    name: 'shifts',
    folder: 'splitting-noise',
    params: { levels: 90 },
    shape: tiny,
    total: 90,
    channels: 2,
    wanted: [0, 1 / 255, 7 / 255, 20 / 255, 30.5 / 255, 45 / 255, 46 / 255],
    attack: greyAttack,
  },
  {
    name: 'shifts of sigma',
    folder: 'splitting-noise',
    params: { sigma: 0.15 },
    shape: tiny,
    total: 132,
    channels: 2,
    wanted: [0, 1 / 255, 7 / 255, 66 / 255, 67 / 255],
    attack: greyAttack,
  },
  {
    name: 'random cuts',
    folder: 'splitting-noise',
    params: { cuts: 'random', selection: 5, estimation: 60 },
    shape: tiny,
    total: 65,
    channels: 2,
    wanted: [0, 0.05, 0.2, 0.3, 0.5],
    attack: null,
  },
  {
    name: 'uniform noise',
    folder: 'splitting-noise',
    params: { cuts: 'uniform', levels: 102, selection: 5, estimation: 60 },
    shape: tiny,
    total: 65,
    channels: 2,
    wanted: [0, 0.05, 0.2, 0.3, 0.5],
    attack: null,
  },
  {
    name: 'p = 1/2',
    folder: 'fractional-lp',
    params: {},
    shape: tiny,
    total: 1000,
    channels: 2,
    wanted: [0, 1e-6, 0.05, 0.2, 0.25, 0.26],
    attack: rootAttack(2),
  },
  {
    name: 'p = 1/3',
    folder: 'fractional-lp',
    params: { norm: 'l1/3', dilution: 1.3, encoding: 'upper_lower' },
    shape: tiny,
    total: 1300,
    channels: 4,
    wanted: [0, 1e-6, 0.05, 0.2, 0.28],
    attack: rootAttack(3),
  },
  {
    name: 'pixels',
    folder: 'fractional-lp',
    params: { norm: 'l0', samples: 9 },
    shape: tiny,
    total: 9,
    channels: 2,
    wanted: exact,
    attack: pixelAttack,
  },
]

/** The slowest one, whose samples are many. */
export const globalSetup: Setup = {
  name: 'one cell a sample',
  folder: 'fractional-lp',
  params: { norm: 'l1/2-global' },
  shape: { channels: 1, height: 1, width: 2 },
  total: 32_640,
  channels: 1,
  wanted: [0, 1e-6, 0.05, 0.2, 0.26],
  attack: null,
}

const open = (load: Load, folder: string): AnyCertifier =>
  load<{ readonly default: AnyCertifier }>(`${folder}/certifier`).default

function jobOf(
  plugin: AnyCertifier,
  { params, shape }: Setup,
  classes = 3,
): SmoothingJob<Record<string, unknown>> {
  return { params: plugin.params.parse(params), shape, classes }
}

function checkRun(load: Load, setup: Setup, effort: number): void {
  const plugin = open(load, setup.folder)
  const job = jobOf(plugin, setup)
  const plan = plugin.plan(job)
  const sample = { ...setup.shape, channels: setup.channels }
  expect(plan).toMatchObject({ total: setup.total, sample, resumable: true })
  const description = plugin.describe(job.params)
  const values = sample.channels * sample.height * sample.width
  const rounds = effort < 1 ? 4 : 8
  for (let round = 0; round < rounds; round++) {
    const picture: SmoothingPicture = randomPicture(setup.shape, round)
    // From a class that wins nearly always to one that hardly does.
    const bias = [30, 3, 1.5, 0][round % 4]!
    const model = linearModel(values, job.classes, round, bias)
    const states = runAll(plugin, picture, job, model, Math.ceil(plan.total / 9))
    const last = states.at(-1)!
    expect(last.next).toBe(plan.total)
    const end = plugin.certify(last, job)
    expect(end).toMatchObject({
      method: setup.folder,
      guarantee: description.guarantee,
      threat: description.threat,
    })
    expect(end.alpha).toBe(
      description.guarantee === 'deterministic' ? undefined : job.params['alpha'],
    )
    expect(end.params).toEqual(job.params)
    expect(end.statement.startsWith('Nothing is certified')).toBe(end.radius === 0)
    if (end.largestInteger !== undefined && end.largestInteger > 0) {
      expect(end.statement).toContain(`${end.largestInteger}`)
    }
    if (bias === 30) expect(end.class).toBe(0)
    if (bias === 30) expect(end.radius).toBeGreaterThan(0)
    for (const state of states) {
      const early = plugin.certify(state, job)
      expect(early.radius).toBeLessThanOrEqual(end.radius)
      if (early.radius > 0) expect(early.class).toBe(end.class)
      for (const wanted of setup.wanted) {
        const settled = plugin.settled(state, wanted, job)
        const isReached = end.radius >= wanted - 1e-12
        if (state === last && wanted > 0) expect(settled).toBe(isReached)
        if (settled !== null && wanted > 0) expect(settled).toBe(isReached)
        if (settled === true && wanted > 0)
          expect(early.radius).toBeGreaterThanOrEqual(wanted - 1e-12)
      }
    }
    // Where every sample agrees, the answer is settled before the last one.
    if (bias === 30 && plan.total > 20) {
      const { wanted } = setup
      expect(
        states.slice(0, -1).some((state) => plugin.settled(state, wanted[1]!, job) === true),
      ).toBe(true)
      expect(plugin.settled(states[0]!, wanted.at(-1)!, job)).toBe(false)
    }
    if (setup.attack !== null && round < (effort < 1 ? 2 : 8)) {
      const random = seededRandom(round, 5)
      for (let attempt = 0; attempt < (effort < 1 ? 2 : 12); attempt++) {
        const data = Uint8Array.from(picture.data)
        setup.attack(data, end.radius, random, setup.shape)
        const attacked = runAll(plugin, { ...picture, data }, job, model, plan.total).at(-1)!
        if (end.radius > 0) expect(plugin.certify(attacked, job).class).toBe(end.class)
      }
    }
  }
  const picture = randomPicture(setup.shape, 3)
  const whole = plugin.samples(picture, job, 0, Math.min(plan.total, 12))
  expect(whole).toHaveLength(Math.min(plan.total, 12) * values)
  const part = plugin.samples(picture, job, 4, 7)
  expect(part).toEqual(whole.subarray(4 * values, 7 * values))
  expect(() => plugin.tally(plugin.begin(job), new Float32Array(3), job, 1, 2)).toThrow(RangeError)
}

/** Defaults as published, and the ends of what is accepted. */
const settingsChecks: Readonly<Record<string, Check>> = {
  'splitting-noise': {
    name: 'splitting-noise: settings',
    run: (load) => {
      const { params } = open(load, 'splitting-noise')
      expect(params.parse({})).toEqual({
        cuts: 'all',
        sigma: 0.25,
        levels: 0,
        template: [],
        selection: 64,
        estimation: 100_000,
        alpha: 0.0005,
        seed: 0,
      })
      const accepted = {
        sigma: 1000,
        levels: 0,
        template: [0],
        selection: 1,
        estimation: 1,
        seed: 0,
      }
      expect(params.safeParse({ ...accepted, seed: 4_294_967_295 }).success).toBe(true)
      const refused = [
        { sigma: 1000.5 },
        { sigma: 0 },
        { levels: -1 },
        { template: [-1] },
        { selection: 0 },
        { estimation: 0 },
        { alpha: 0 },
        { alpha: 1 },
        { seed: -1 },
        { seed: 4_294_967_296 },
      ]
      for (const one of refused) expect(params.safeParse(one).success).toBe(false)
    },
  },
  'randomized-ablation': {
    name: 'randomized-ablation: settings',
    run: (load) => {
      const plugin = open(load, 'randomized-ablation')
      expect(plugin.params.parse({})).toEqual({
        retained: 45,
        encoding: 'pair',
        mean: [],
        selection: 1000,
        estimation: 10_000,
        alpha: 0.05,
        seed: 0,
      })
      const least = { retained: 1, selection: 1, estimation: 1, seed: 4_294_967_295 }
      expect(plugin.params.safeParse(least).success).toBe(true)
      const refused = [
        { retained: 0 },
        { selection: 0 },
        { estimation: 0 },
        { alpha: 0 },
        { alpha: 1 },
        { seed: -1 },
        { seed: 4_294_967_296 },
      ]
      for (const one of refused) expect(plugin.params.safeParse(one).success).toBe(false)
      const shape = { channels: 1, height: 2, width: 3 }
      const plan = (retained: number, encoding: string) => {
        const params = plugin.params.parse({ retained, encoding })
        expect(plugin.describe(params).channelFactor).toBe(encoding === 'pair' ? 2 : 1)
        return plugin.plan({ params, shape, classes: 2 })
      }
      expect(plan(6, 'pair').selection).toBe(1000)
      expect(plan(6, 'mean').sample.channels).toBe(1)
      expect(() => plan(7, 'pair')).toThrow(expect.objectContaining({ code: 'E_SETTING_INVALID' }))
    },
  },
}

export const certifierChecks = (folder: string): readonly Check[] => [
  ...(settingsChecks[folder] === undefined ? [] : [settingsChecks[folder]]),
  ...setups
    .filter((setup) => setup.folder === folder)
    .map((setup) => ({
      name: `${setup.folder}, ${setup.name}: resumes, stops early rightly, withstands attacks`,
      loads: [`${setup.folder}/certifier`],
      run: (load: Load, effort: number) => {
        checkRun(load, setup, effort)
      },
    })),
  ...(folder === 'fractional-lp' ? [globalCheck] : []),
]

const globalCheck: Check = {
  name: 'fractional-lp, one cell size a sample',
  loads: ['fractional-lp/certifier'],
  run: (load) => {
    const plugin = open(load, 'fractional-lp')
    const job = jobOf(plugin, globalSetup, 2)
    expect(plugin.plan(job)).toMatchObject({ total: 32_640, selection: 0 })
    const answers = (from: number, to: number, split: number): Float32Array =>
      Float32Array.from({ length: 2 * (to - from) }, (_, i) =>
        from + Math.floor(i / 2) < split === (i % 2 === 0) ? 1 : 0,
      )
    const tallied = (split: number, to: number) =>
      plugin.tally(plugin.begin(job), answers(0, to, split), job, 0, to)
    const all = plugin.certify(tallied(32_640, 32_640), job)
    expect(all).toMatchObject({ class: 0, total: 32_640, votes: [32_640, 0] })
    expect(all.radius).toBeCloseTo(0.25, 9)
    // The first samples have small cells: a third of them weighs more than half.
    const some = plugin.certify(tallied(8000, 32_640), job)
    const share = weightBelow(8000)
    expect(some.class).toBe(share > 0.5 ? 0 : 1)
    expect(some.radius).toBeCloseTo((Math.abs(2 * share - 1) / 2) ** 2, 5)
    const most = tallied(32_600, 32_600)
    const sure = (2 * weightBelow(32_600) - 1) / 2
    expect(plugin.certify(most, job).radius).toBeCloseTo(sure ** 2, 8)
    expect(plugin.settled(most, sure ** 2 - 1e-6, job)).toBe(true)
    expect(plugin.settled(most, sure ** 2 + 1e-6, job)).toBeNull()
    expect(plugin.settled(most, 0.26, job)).toBe(false)
    expect(plugin.settled(tallied(32_640, 32_640), 0.249, job)).toBe(true)
    expect(plugin.settled(tallied(32_640, 32_640), 0.251, job)).toBe(false)
    const picture = randomPicture(globalSetup.shape, 1)
    const [first, later] = [
      plugin.samples(picture, job, 0, 1),
      plugin.samples(picture, job, 32_500, 32_640),
    ]
    expect(first).toEqual(Float32Array.from(picture.data, (byte) => clippedMiddle(byte)))
    expect(new Set(later).size).toBeGreaterThan(20)
    // Each value goes through every offset of the cell size once: the same values in another order.
    const seen = plugin.samples(picture, job, (40 * 39) / 2, (41 * 40) / 2)
    expect(new Set(seen.filter((_, i) => i % 2 === 0)).size).toBe(40)
  },
}

const clippedMiddle = (byte: number): number =>
  (Math.max(0, byte - 0.5) + Math.min(255, byte + 0.5)) / 510

/** Weight of the samples below `end`: cell sizes ascending. */
function weightBelow(end: number): number {
  const root = (z: number): number => Math.sqrt(Math.min(z, 255) / 255)
  let sum = 0
  let sample = 0
  for (let size = 1; size <= 255; size++) {
    const weight = root(size) - root(size - 1) - (root(size + 1) - root(size))
    const own = Math.max(0, Math.min(size, end - sample))
    sum += own * weight
    sample += size
  }
  return sum
}
