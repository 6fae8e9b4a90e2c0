import { expect } from 'vitest'
import type { CertifierPlugin, TallyState } from '../../../src/shared/plugin'
import type { Check, Load } from './check'

type Samples = typeof import('../../../src/certificates/splitting-noise/samples')

const open = (load: Load): CertifierPlugin =>
  load<{ readonly default: CertifierPlugin }>('splitting-noise/certifier').default

const shape = { channels: 1, height: 1, width: 4 }
const picture = { ...shape, data: Uint8Array.of(0, 90, 128, 255) }

const jobOf = (plugin: CertifierPlugin, params: Readonly<Record<string, unknown>>) => ({
  ...{ params: plugin.params.parse(params), shape, classes: 2 },
})

/** The state after these votes, class by class, in this order. */
function counted(
  plugin: CertifierPlugin,
  job: ReturnType<typeof jobOf>,
  votes: readonly number[],
): TallyState {
  const answers = Float32Array.from(votes.flatMap((vote) => [1 - vote, vote]))
  return plugin.tally(plugin.begin(job), answers, job, 0, votes.length)
}

/** Splitting noise, what its certifier tells and takes: beside the checks that all certifiers share. */
export const splittingCertifierChecks: readonly Check[] = [
  {
    name: 'splitting noise: ends of settings, and a template that does not fit where it is used',
    run: (load) => {
      const plugin = open(load)
      for (const one of [{ alpha: 0.5 }, { seed: 0 }, { levels: 0 }]) {
        expect(plugin.params.safeParse(one).success).toBe(true)
      }
      expect(plugin.describe(plugin.params.parse({}))).toEqual({
        ...{ threat: { norm: 'L1', unit: 'L1 distance of pictures of 0..1' }, output: 'logits' },
        ...{ guarantee: 'deterministic', channelFactor: 1 },
      })
      const random = plugin.params.parse({ cuts: 'random' })
      expect(plugin.describe(random).guarantee).toBe('probabilistic')
      // A cell narrower than a grey level is one level wide.
      expect(plugin.plan(jobOf(plugin, { sigma: 0.0001 })).total).toBe(1)
      const misfit = { template: [1], selection: 3, estimation: 4 }
      expect(() => plugin.plan(jobOf(plugin, misfit))).toThrow(
        expect.objectContaining({ code: 'E_SETTING_INVALID' }) as Error,
      )
      expect(plugin.plan(jobOf(plugin, { ...misfit, cuts: 'random' })).total).toBe(7)
    },
  },
  {
    name: 'splitting noise: samples are those of the noise that is asked for',
    run: (load) => {
      const plugin = open(load)
      const { splitBatch, writeRandomSplit } = load<Samples>('splitting-noise/samples')
      const template = [0, 1, 2, 3]
      const all = plugin.samples(picture, jobOf(plugin, { levels: 5, template }), 1, 4)
      expect(all).toEqual(splitBatch(picture, 5, template, 1, 4))
      for (const [cuts, noise] of [
        ['random', 'splitting'],
        ['uniform', 'uniform'],
      ] as const) {
        const expected = new Float32Array(12)
        for (const sample of [2, 3, 4]) {
          const own = { lambda: 102 / 510, noise, seed: 7 }
          writeRandomSplit(expected, 4 * (sample - 2), picture, own, sample)
        }
        const job = jobOf(plugin, { cuts, levels: 102, seed: 7 })
        expect(plugin.samples(picture, job, 2, 5)).toEqual(expected)
      }
    },
  },
  {
    name: 'splitting noise: random cuts certify what the bound of the votes proves, and settle it',
    run: (load) => {
      const plugin = open(load)
      const params = { cuts: 'random', levels: 102, selection: 1, estimation: 20, alpha: 0.05 }
      const job = jobOf(plugin, params)
      const state = counted(plugin, job, new Array<number>(21).fill(1))
      const finding = plugin.certify(state, job)
      // 2 lambda (p - 1/2), where 20 of 20 votes prove p, and 2 lambda is the width of 102 grey levels.
      const radius = (102 / 255) * (0.05 ** (1 / 20) - 0.5)
      expect(finding.radius).toBeCloseTo(radius, 14)
      expect(finding).toMatchObject({ class: 1, total: 20, votes: [0, 20], alpha: 0.05 })
      expect(plugin.settled(state, finding.radius, job)).toBe(true)
      expect(plugin.settled(state, finding.radius + 1e-12, job)).toBe(false)
      const claimed = Number(/L1 distance of (\S+) \(white/.exec(finding.statement)?.[1])
      expect(claimed).toBeLessThanOrEqual(radius)
      expect(claimed).toBeGreaterThan(0.999 * radius)
    },
  },
  {
    name: 'splitting noise: a bound of exactly one half is no majority',
    run: (load) => {
      const plugin = open(load)
      const job = jobOf(plugin, { cuts: 'random', selection: 1, estimation: 1, alpha: 0.5 })
      const state = counted(plugin, job, [1, 1])
      expect(plugin.certify(state, job)).toMatchObject({ class: null, bounds: { lower: 0.5 } })
      expect(plugin.settled(state, 0, job)).toBe(false)
    },
  },
  {
    name: 'splitting noise: a margin of one grey level is told as such',
    run: (load) => {
      const plugin = open(load)
      const job = jobOf(plugin, { levels: 3 })
      const told = (votes: readonly number[]) => plugin.certify(counted(plugin, job, votes), job)
      expect(told([0, 0, 0])).toMatchObject({ largestInteger: 1, radius: 1 / 255, total: 3 })
      expect(told([0, 0, 0]).statement).toContain('at most 1 grey level')
      expect(told([0, 0, 1]).statement).toMatch(/^Nothing is certified/)
    },
  },
]
