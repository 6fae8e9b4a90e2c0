import { expect } from 'vitest'
import type { CertifierPlugin, SmoothingJob } from '../../../src/shared/plugin'
import type { Check, Load } from './check'

type Cases = typeof import('../../../src/certificates/fractional-lp/cases')
type Job = SmoothingJob<Record<string, unknown>>

const open = (load: Load): CertifierPlugin =>
  load<{ readonly default: CertifierPlugin }>('fractional-lp/certifier').default

const shape = { channels: 2, height: 1, width: 3 }

const jobOf = (plugin: CertifierPlugin, params: Record<string, unknown>, channels = 2): Job => ({
  params: plugin.params.parse(params),
  shape: { ...shape, channels },
  classes: 2,
})

/** The state after `first` samples for the first class and `second` for the other. */
function counted(plugin: CertifierPlugin, job: Job, first: number, second: number) {
  const answers = Float32Array.from({ length: 2 * (first + second) }, (_, i) =>
    (i % 2 === 0) === Math.floor(i / 2) < first ? 1 : 0,
  )
  return plugin.tally(plugin.begin(job), answers, job, 0, first + second)
}

/** Each sample a class of its own choosing, from the first on. */
function voted(plugin: CertifierPlugin, job: Job, samples: number, classOf: (at: number) => 0 | 1) {
  const answers = new Float32Array(2 * samples)
  for (let at = 0; at < samples; at++) answers[2 * at + classOf(at)] = 1
  return plugin.tally(plugin.begin(job), answers, job, 0, samples)
}

/** With one cell size a sample: sizes 1..255, each with all its offsets, and what a sample of each weighs. */
const SAMPLES = (255 * 256) / 2
const sizeOf = (sample: number): number => {
  let size = 1
  while ((size * (size + 1)) / 2 <= sample) size++
  return size
}
const weightOf = (size: number): number =>
  (2 * Math.sqrt(size) -
    Math.sqrt(size - 1) -
    (size === 255 ? Math.sqrt(size) : Math.sqrt(size + 1))) /
  Math.sqrt(255)

export const fractionalCertifierChecks: readonly Check[] = [
  {
    name: 'fractional-lp: settings',
    run: (load) => {
      const { params } = open(load)
      expect(params.parse({})).toEqual({
        norm: 'l1/2',
        dilution: 1,
        samples: 100,
        encoding: 'center',
        sharedTemplate: true,
        template: [],
        seed: 0,
      })
      const accepted = [
        { dilution: 1, samples: 2, template: [0], seed: 0 },
        { dilution: 100, samples: 1_000_000, seed: 4_294_967_295 },
      ]
      for (const one of accepted) expect(params.safeParse(one).success).toBe(true)
      const refused = [
        { dilution: 0.5 },
        { dilution: 100.5 },
        { samples: 1 },
        { samples: 1_000_001 },
        { template: [-1] },
        { seed: -1 },
        { seed: 4_294_967_296 },
      ]
      for (const one of refused) expect(params.safeParse(one).success).toBe(false)
    },
  },
  {
    name: 'fractional-lp: findings',
    run: (load) => {
      const plugin = open(load)
      const half = jobOf(plugin, {})
      const finding = plugin.certify(counted(plugin, half, 800, 200), half)
      expect(finding).toMatchObject({
        class: 0,
        votes: [800, 200],
        total: 1000,
        details: { budget: 300 },
        statement:
          'The class cannot change within a distance of 0.09, measured as (sum of |d|^(1/2))^2 of pictures of 0..1.',
        threat: { norm: 'Lp', p: 0.5, unit: '(sum of |d|^(1/2))^2 of pictures of 0..1' },
      })
      expect(finding.radius).toBeCloseTo(0.09, 12)
      const third = jobOf(plugin, { norm: 'l1/3', dilution: 2 })
      expect(plugin.plan(third)).toMatchObject({ total: 2000, selection: 0 })
      const cubed = plugin.certify(counted(plugin, third, 1500, 500), third)
      expect(cubed.radius).toBeCloseTo((2 * (500 / 2000)) ** 3, 12)
      expect(cubed.threat).toMatchObject({ p: 1 / 3 })
      const few = jobOf(plugin, { norm: 'l0', samples: 9 })
      expect(plugin.certify(counted(plugin, few, 8, 1), few)).toMatchObject({
        radius: 3,
        largestInteger: 3,
        total: 9,
        statement: 'The class cannot change while at most 3 pixels change.',
        threat: { norm: 'L0', unit: 'px' },
      })
      const none = plugin.certify(counted(plugin, few, 4, 5), few)
      expect(none).toMatchObject({ class: 1, radius: 0 })
      expect(none.statement).toContain('Nothing is certified')
    },
  },
  {
    name: 'fractional-lp: pixels count once only where their channels are shown together',
    run: (load) => {
      const plugin = open(load)
      const unitOf = (params: Record<string, unknown>, channels = 2): string => {
        const job = jobOf(plugin, { norm: 'l0', samples: 9, ...params }, channels)
        const finding = plugin.certify(counted(plugin, job, 9, 0), job)
        const isPixels = finding.statement.includes('pixels')
        expect(finding.threat.unit).toBe(isPixels ? 'px' : 'values')
        return finding.threat.unit
      }
      expect(unitOf({})).toBe('px')
      expect(unitOf({ sharedTemplate: false })).toBe('values')
      expect(unitOf({ sharedTemplate: false }, 1)).toBe('px')
      expect(unitOf({ template: [0, 1, 2, 0, 1, 2] })).toBe('px')
      expect(unitOf({ template: [0, 1, 2, 0, 1, 3] })).toBe('values')
      expect(unitOf({ template: [0, 1, 2, 1, 1, 2] })).toBe('values')
      const picture = { ...shape, data: Uint8Array.of(10, 20, 30, 40, 50, 60) }
      const shown = (params: Record<string, unknown>) => {
        const job = jobOf(plugin, { norm: 'l0', samples: 9, ...params })
        const batch = plugin.samples(picture, job, 0, 9)
        return [0, 1, 2, 3, 4, 5].map((value) =>
          Array.from({ length: 9 }, (_, sample) => batch[sample * 6 + value]!).findIndex(
            (seen) => seen !== 0.5,
          ),
        )
      }
      const together = shown({})
      expect(together.slice(3)).toEqual(together.slice(0, 3))
      expect(shown({ sharedTemplate: false, seed: 1 })).not.toEqual(shown({ seed: 1 }))
      expect(shown({ template: [0, 1, 2, 3, 8, 7] })).toEqual([0, 8, 7, 6, 1, 2])
      const misfit = () => plugin.plan(jobOf(plugin, { norm: 'l0', samples: 9, template: [9] }))
      expect(misfit).toThrow(expect.objectContaining({ code: 'E_SETTING_INVALID' }) as Error)
    },
  },
  {
    name: 'fractional-lp: asked about a size',
    run: (load) => {
      const plugin = open(load)
      const job = jobOf(plugin, {})
      const ask = (first: number, second: number, wanted: number) =>
        plugin.settled(counted(plugin, job, first, second), wanted, job)
      // 800 to 200 at the end is a budget of 300, a radius of 0.09.
      expect(ask(800, 200, 0.09)).toBe(true)
      expect(ask(800, 200, 0.0901)).toBe(false)
      expect(ask(800, 0, 0.09)).toBe(true)
      expect(ask(799, 0, 0.09)).toBeNull()
      expect(ask(0, 0, 0.25)).toBeNull()
      expect(ask(0, 0, 0.2501)).toBe(false)
      const few = jobOf(plugin, { norm: 'l0', samples: 9 })
      const asked = (first: number, second: number, wanted: number) =>
        plugin.settled(counted(plugin, few, first, second), wanted, few)
      expect([3, 2.5, 3.5].map((wanted) => asked(8, 1, wanted))).toEqual([true, true, false])
      expect(asked(7, 0, 2)).toBe(true)
      expect(asked(7, 0, 3)).toBeNull()
    },
  },
  {
    name: 'fractional-lp: what a model is told of a cell',
    run: (load) => {
      const plugin = open(load)
      for (const norm of ['l1/2', 'l0', 'l1/2-global']) {
        const factor = (encoding: string) =>
          plugin.describe(plugin.params.parse({ norm, encoding })).channelFactor
        expect(factor('center')).toBe(1)
        for (const encoding of ['center_error', 'upper_lower', 'center_center']) {
          expect(factor(encoding)).toBe(2)
        }
      }
      expect(plugin.plan(jobOf(plugin, { norm: 'l1/3' })).total).toBe(1000)
      const thirds = (norm: string) => {
        const job = jobOf(plugin, { norm, template: [0, 0, 0] }, 1)
        return plugin.samples({ ...shape, channels: 1, data: Uint8Array.of(0, 9, 99) }, job, 0, 200)
      }
      expect(thirds('l1/3')).not.toEqual(thirds('l1/2'))
    },
  },
  {
    name: 'fractional-lp: one cell size a sample, with offsets of its own for each value',
    run: (load) => {
      const plugin = open(load)
      const jobWith = (template: readonly number[]) =>
        jobOf(plugin, { norm: 'l1/2-global', template }, 1)
      const picture = { ...shape, channels: 1, data: Uint8Array.of(100, 100, 100) }
      // Sizes 1 to 8: all their offsets, in order.
      const batch = plugin.samples(picture, jobWith([0, 1, 5]), 0, 36)
      const seen = (sample: number, value: number): number => batch[3 * sample + value]!
      for (let size = 1, from = 0; size <= 8; from += size, size++) {
        for (let offset = 0; offset < size; offset++) {
          expect(seen(from + offset, 1)).toBe(seen(from + ((offset + 1) % size), 0))
          expect(seen(from + offset, 2)).toBe(seen(from + ((offset + 5) % size), 0))
        }
      }
      expect(plugin.plan(jobWith([0, 255, SAMPLES - 1])).total).toBe(SAMPLES)
      const beyond = () => plugin.plan(jobWith([0, 0, SAMPLES]))
      expect(beyond).toThrow(expect.objectContaining({ code: 'E_SETTING_INVALID' }) as Error)
    },
  },
  {
    name: 'fractional-lp: samples that weigh differently',
    run: (load) => {
      const plugin = open(load)
      const job = jobOf(plugin, { norm: 'l1/2-global' })
      const sizes = Array.from({ length: SAMPLES }, (_, sample) => sizeOf(sample))
      // Samples of small cells, which weigh most, for the first class, the others for the second.
      const state = voted(plugin, job, SAMPLES, (at) => ((sizes[at] ?? 0) <= 60 ? 0 : 1))
      let [small, large] = [0, 0]
      for (const size of sizes) {
        if (size <= 60) small += weightOf(size)
        else large += weightOf(size)
      }
      expect(small + large).toBeCloseTo(1, 9)
      const shares = (state as unknown as { shares: readonly number[]; weight: number }).shares // as it is tallied
      expect(shares[0]).toBeCloseTo(small, 9)
      expect(shares[1]).toBeCloseTo(large, 9)
      const finding = plugin.certify(state, job)
      const winner = small >= large ? 0 : 1
      const tie = winner === 1 ? weightOf(254) : 0
      const radius = ((Math.abs(small - large) - tie) / 2) ** 2
      expect(finding).toMatchObject({ class: winner, total: SAMPLES })
      expect(finding.radius).toBeCloseTo(radius, 6)
      const settled = (wanted: number) => plugin.settled(state, wanted, job)
      expect(settled(finding.radius)).toBe(true)
      expect(settled(finding.radius * 1.000001)).toBe(false)

      // Before the end: no more than what the missing samples cannot take away.
      const asked = (samples: number, wanted: number) =>
        plugin.settled(
          voted(plugin, job, samples, () => 0),
          wanted,
          job,
        )
      expect(asked(0, 0.2499)).toBeNull()
      expect(asked(0, 0.2501)).toBe(false)
      const most = 32_600
      let seen = 0
      for (let at = 0; at < most; at++) seen += weightOf(sizes[at] ?? 0)
      const certain = ((2 * seen - 1) / 2) ** 2
      expect(seen).toBeGreaterThan(0.5)
      expect(
        plugin.certify(
          voted(plugin, job, most, () => 0),
          job,
        ).radius,
      ).toBeCloseTo(certain, 9)
      expect(asked(most, certain - 1e-9)).toBe(true)
      expect(asked(most, certain + 1e-6)).toBeNull()
      expect(asked(100, 0)).toBeNull()
      // The other class cannot catch up, and a radius of nothing is certified.
      expect(asked(most, 0)).toBe(true)
    },
  },
  {
    name: 'fractional-lp: cases at the ends of what is accepted',
    run: (load) => {
      const { kinds } = load<Cases>('fractional-lp/cases')
      const budget = (alpha: number) => kinds['budget']?.({ p: '1/2', alpha })
      expect(budget(1000)).toMatchObject({ samples: 1_000_000 })
      expect(() => budget(1000.5)).toThrow()
      const affected = (cells: readonly number[]) =>
        kinds['affected_votes_by_difference']?.({ p: '1/2', cells, base_budget: 1000 })
      expect(affected([65_536])).toMatchObject({ max_gap: expect.any(Number) as number })
      for (const cells of [[65_537], [0], []]) expect(() => affected(cells)).toThrow()
      // A picture of one value, and a model of one class.
      const single = { encoding: 'center', cells: [1], ablated_slots: 0, samples: 1 }
      const seen = { ...single, template: [0], image_uint8: [51], shifts: [0] }
      expect(kinds['splitting_operator']?.(seen)).toEqual({ outputs: { 0: [0.2] } })
      const alone = { p: '1/2', weighted_votes: [1] }
      expect(kinds['global_cell_weighted']?.(alone)).toMatchObject({ predicted: 0 })
    },
  },
]
