import { expect } from 'vitest'
import type { CertifierPlugin, PictureShape, SmoothingJob } from '../../../src/shared/plugin'
import type { Check, Load } from './check'

type Cases = typeof import('../../../src/certificates/derandomized-smoothing/cases')
type Job = SmoothingJob<Record<string, unknown>>

const open = (load: Load): CertifierPlugin =>
  load<{ readonly default: CertifierPlugin }>('derandomized-smoothing/certifier').default

const strip = { channels: 1, height: 3, width: 12 }

const jobOf = (
  plugin: CertifierPlugin,
  params: Record<string, unknown>,
  shape: PictureShape = strip,
): Job => ({ params: plugin.params.parse(params), shape, classes: 2 })

/** Logits of positions that are sure: of the second class where `isSecond`, else of the first. */
const sure = (positions: number, isSecond: (position: number) => boolean): Float32Array =>
  Float32Array.from({ length: 2 * positions }, (_, i) =>
    (i % 2 === 1) === isSecond(Math.floor(i / 2)) ? 9 : 0,
  )

const tallied = (plugin: CertifierPlugin, job: Job, answers: Float32Array) =>
  plugin.tally(plugin.begin(job), answers, job, 0, answers.length / 2)

export const derandomizedCertifierChecks: readonly Check[] = [
  {
    name: 'derandomized-smoothing: settings',
    run: (load) => {
      const plugin = open(load)
      expect(plugin.params.parse({})).toEqual({
        ablation: 'columns',
        band: 4,
        retained: 1,
        stride: 1,
        encoding: 'pair',
        vote: 'threshold',
        theta: 0.2,
        sampling: 'all',
        selection: 100,
        estimation: 1000,
        alpha: 0.05,
        seed: 0,
        mapPatch: 0,
      })
      const ends = { band: 1, retained: 1, stride: 1, theta: 1, selection: 1, estimation: 1 }
      const more = { alpha: 0.999, seed: 4_294_967_295, mapPatch: 0 }
      expect(plugin.params.safeParse({ ...ends, ...more }).success).toBe(true)
      expect(plugin.params.safeParse({ seed: 0 }).success).toBe(true)
      const refused = [
        { band: 0 },
        { retained: 0 },
        { stride: 0 },
        { theta: 0 },
        { theta: 1.5 },
        { selection: 0 },
        { estimation: 0 },
        { alpha: 0 },
        { alpha: 1 },
        { seed: -1 },
        { seed: 4_294_967_296 },
        { mapPatch: -1 },
      ]
      for (const one of refused) expect(plugin.params.safeParse(one).success).toBe(false)
    },
  },
  {
    name: 'derandomized-smoothing: what does not fit the picture is refused, what just fits is not',
    run: (load) => {
      const plugin = open(load)
      const total = (params: Record<string, unknown>, shape = strip): number =>
        plugin.plan(jobOf(plugin, params, shape)).total
      const flat = (height: number, width: number) => ({ channels: 1, height, width })
      const refusal = (params: Record<string, unknown>, shape = strip): string => {
        try {
          total(params, shape)
        } catch (error) {
          expect(error).toMatchObject({ code: 'E_SETTING_INVALID' })
          return error instanceof Error ? error.message : ''
        }
        return 'none'
      }
      expect(total({ band: 12 })).toBe(12)
      expect(refusal({ band: 13 })).toContain('band = 13 is not usable: the picture has only 12')
      expect(total({ stride: 12 })).toBe(1)
      expect(refusal({ stride: 13 })).toContain('stride = 13 is not usable')
      expect(refusal({ ablation: 'rows' })).toContain('only 3 pixels')
      expect(total({ ablation: 'rows', band: 3 })).toBe(3)
      expect(total({ ablation: 'blocks', band: 2 })).toBe(36)
      expect(total({ ablation: 'blocks' }, flat(1000, 1000))).toBe(1_000_000)
      expect(refusal({ ablation: 'blocks' }, flat(101, 9901))).toContain(
        '1000001 positions; 1000000',
      )
      const bands = { ablation: 'multi-columns', band: 4, retained: 3 }
      expect(total(bands)).toBe(1)
      expect(total({ ...bands, retained: 2 }, flat(1, 15))).toBe(3)
      expect(refusal({ ...bands, retained: 4 }, flat(1, 15))).toContain('only 3 whole bands')
      expect(total({ ...bands, band: 1, retained: 1 }, flat(1, 1_000_000))).toBe(1_000_000)
      expect(refusal({ ...bands, band: 1, retained: 1 }, flat(1, 1_000_001))).toContain('1000001')
    },
  },
  {
    name: 'derandomized-smoothing: findings',
    run: (load) => {
      const plugin = open(load)
      const job = jobOf(plugin, { band: 2 })
      const votes = sure(12, (position) => position === 3 || position === 4)
      const finding = plugin.certify(tallied(plugin, job, votes), job)
      expect(finding).toMatchObject({
        class: 0,
        votes: [10, 2],
        total: 12,
        radius: 3,
        largestInteger: 3,
        statement:
          'The class cannot change under any one change inside a strip of up to 3 px of width and any height.',
      })
      expect(finding.details).toEqual({
        budget: 4,
        affected: 4,
        certifiedPatchOne: true,
        margin: 4,
        // A patch that covers one of those that vote for the other class has fewer to turn.
        map: { patch: 4, places: [true, true, true, true, true, true, false, false, false] },
      })
      expect(plugin.plan(job)).toMatchObject({ total: 12, selection: 0 })
      const close = plugin.certify(
        tallied(
          plugin,
          job,
          sure(12, (at) => at < 4),
        ),
        job,
      )
      expect(close).toMatchObject({ votes: [8, 4], radius: 1 })
      expect(close.details).toMatchObject({ budget: 2, affected: 2, certifiedPatchOne: true })
      const widest = jobOf(plugin, { band: 2, mapPatch: 12 })
      expect(plugin.certify(tallied(plugin, widest, votes), widest).details).toMatchObject({
        map: { patch: 12, places: [false] },
      })
      const last = plugin.certify(tallied(plugin, job, votes.subarray(0, 22)), job)
      expect(last.details).toMatchObject({ missing: 1, budget: 3 })
      const asked = jobOf(plugin, { band: 2, mapPatch: 2 })
      const map = plugin.certify(tallied(plugin, asked, votes), asked).details?.['map']
      expect(map).toMatchObject({ patch: 2, places: new Array<boolean>(11).fill(true) })
      const part = plugin.certify(tallied(plugin, job, votes.subarray(0, 18)), job)
      expect(part).toMatchObject({ class: 0, votes: [7, 2], radius: 0 })
      expect(part.details).toEqual({
        budget: 1,
        affected: 2,
        certifiedPatchOne: false,
        missing: 3,
      })
      const shy = jobOf(plugin, { band: 2, theta: 0.6 })
      const nobody = plugin.certify(tallied(plugin, shy, new Float32Array(24)), shy)
      expect(nobody).toMatchObject({ class: null, votes: [0, 0], radius: 0 })
      expect(nobody.details).not.toHaveProperty('map')
      const half = plugin.certify(tallied(plugin, job, new Float32Array(24)), job)
      expect(half).toMatchObject({ class: 0, votes: [12, 12], radius: 0 })
      const best = jobOf(plugin, { band: 2, vote: 'top-one' })
      const one = plugin.certify(tallied(plugin, best, new Float32Array(24)), best)
      expect(one).toMatchObject({ votes: [12, 0], radius: 5 })
      expect(
        plugin.certify(
          tallied(
            plugin,
            job,
            sure(12, () => true),
          ),
          job,
        ).class,
      ).toBe(1)
    },
  },
  {
    name: 'derandomized-smoothing: asked about a size, and drawn positions',
    run: (load) => {
      const plugin = open(load)
      const job = jobOf(plugin, { band: 2 })
      const some = tallied(
        plugin,
        job,
        sure(6, () => false),
      )
      const ask = (state: typeof some, wanted: number) => plugin.settled(state, wanted, job)
      expect([-1, 0, 13, 12.5].map((wanted) => ask(some, wanted))).toEqual([
        true,
        true,
        false,
        false,
      ])
      const all = tallied(
        plugin,
        job,
        sure(12, () => false),
      )
      expect([4.5, 5, 5.5].map((wanted) => ask(all, wanted))).toEqual([true, true, false])
      expect(ask(plugin.begin(job), 1)).toBeNull()
      const drawn = jobOf(plugin, { band: 2, sampling: 'random', selection: 3, estimation: 40 })
      expect(plugin.plan(drawn)).toMatchObject({ total: 43, selection: 3 })
      // The first three choose the second class; what bounds it is fresh.
      const state = tallied(
        plugin,
        drawn,
        sure(43, (sample) => sample !== 3),
      )
      const finding = plugin.certify(state, drawn)
      expect(finding).toMatchObject({ class: 1, votes: [1, 39], total: 40, alpha: 0.05 })
      const lower = finding.bounds?.['lower'] ?? 0
      expect(lower).toBeGreaterThan(0.85)
      expect(lower).toBeLessThan(0.95)
      expect(finding.radius).toBe(3) // 0.5 + 4 / 12 is below the bound, 0.5 + 5 / 12 above
      expect(plugin.settled(state, 3, drawn)).toBe(true)
      expect(plugin.settled(state, 4, drawn)).toBe(false)
      const open2 = tallied(
        plugin,
        drawn,
        sure(20, () => true),
      )
      expect(plugin.settled(open2, 3, drawn)).toBeNull()
      const unsure = tallied(
        plugin,
        drawn,
        sure(43, (sample) => sample % 2 === 0),
      )
      expect(plugin.certify(unsure, drawn)).toMatchObject({ class: null, radius: 0 })
      const picture = { ...strip, data: Uint8Array.from({ length: 36 }, (_, i) => 1 + i) }
      const shown = plugin.samples(picture, drawn, 0, 43)
      const firstColumns = Array.from({ length: 43 }, (_, sample) => {
        const row = [...shown.subarray(sample * 72, sample * 72 + 12)]
        const kept = row.flatMap((value, x) => (value > 0 ? [x] : []))
        expect(kept).toHaveLength(2)
        return kept.join()
      })
      expect(new Set(firstColumns).size).toBeGreaterThan(8)
      expect(plugin.samples(picture, drawn, 7, 9)).toEqual(shown.subarray(7 * 72, 9 * 72))
    },
  },
  {
    name: 'derandomized-smoothing: threat, guarantee and channels follow from the settings',
    run: (load) => {
      const plugin = open(load)
      const told = (params: Record<string, unknown>) => plugin.describe(plugin.params.parse(params))
      expect(told({})).toEqual({
        threat: { norm: 'patch', unit: 'px' },
        guarantee: 'deterministic',
        channelFactor: 2,
        output: 'logits',
      })
      expect(told({ sampling: 'random', encoding: 'zero-fill' })).toMatchObject({
        guarantee: 'probabilistic',
        channelFactor: 1,
      })
      const rows = jobOf(plugin, { ablation: 'rows', band: 1 })
      const high = plugin.certify(
        tallied(
          plugin,
          rows,
          sure(3, () => false),
        ),
        rows,
      )
      expect(high.statement).toContain('up to 1 px of height and any width')
      const blocks = jobOf(plugin, { ablation: 'blocks', band: 1 })
      const square = plugin.certify(
        tallied(
          plugin,
          blocks,
          sure(36, () => false),
        ),
        blocks,
      )
      expect(square.statement).toContain('a square of up to 6 x 6 px')
      expect(square.assumptions[0]).toContain('12 x 3')
    },
  },
  {
    name: 'derandomized-smoothing: cases of rows, of wide strides, and sizes that are asked about',
    run: (load) => {
      const { kinds } = load<Cases>('derandomized-smoothing/cases')
      const votesOf = (input: object) => kinds['column_votes']?.(input as never)
      expect(
        votesOf({ ablation: 'row', height: 6, width: 99, band_size: 2, votes: [6, 0] }),
      ).toEqual({
        predicted: 0,
        certified_by_patch_size: { 1: true, 2: true, 3: false, 5: false },
        largest_certified_patch_size: 2,
      })
      expect(votesOf({ width: 6, band_size: 6, stride: 6, votes: [1, 0] })).toMatchObject({
        largest_certified_patch_size: 0,
      })
      const bad = [
        { width: 6, band_size: 2, stride: 7, votes: [1, 0] },
        { width: 6, band_size: 7, votes: [1, 0] },
        { width: 6, band_size: 2, theta: 1.5, votes: [1, 0] },
        { width: 6, band_size: 2, votes: [7, 0] },
      ]
      for (const input of bad) expect(() => votesOf(input)).toThrow()
    },
  },
]
