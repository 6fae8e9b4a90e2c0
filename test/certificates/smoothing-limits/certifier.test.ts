import { expect, test } from 'vitest'
import certifier from '../../../src/certificates/smoothing-limits/certifier'
import { limitTable, roundedUp } from '../../../src/certificates/smoothing-limits/explain'
import { smoothingLimits } from '../../../src/certificates/smoothing-limits/limits'
import { parseSettings } from '../../../src/shared/plugin'
import { clopperPearsonLower } from '../../../src/shared/statistics'

const shape = { channels: 3, height: 224, width: 224 }
const answer = (...texts: string[]) => {
  const job = { params: parseSettings(certifier.id, certifier.params, texts), shape, classes: 10 }
  expect(certifier.plan(job).total).toBe(0)
  const state = certifier.begin(job)
  return certifier.certify(certifier.tally(state, new Float32Array(0), job, 0, 0), job)
}

test('says in one sentence why there is no certificate', () => {
  // 0.25 / sqrt(2 (1 - 0.001^(1/100000))) / sqrt(224 * 224 * 3) * 255 = 13.98
  expect(answer().statement).toBe(
    'In Linf no smoothing with independent noise can certify more than 14 grey levels on a 224x224x3 picture, ' +
      'whatever the model; Gaussian noise certifies at most 0.627 grey levels.',
  )
})

test('takes norm, noise and votes, and puts other norms beside', () => {
  const finding = answer('norm=5', 'voteFraction=0.9', 'sigma=0.5')
  expect(finding.statement).toMatch(/^In L5 /)
  expect(finding.bounds?.['lower']).toBeCloseTo(0.8970364962238291, 10) // of 90,000
  const rows = finding.details?.['limits'] as readonly { norm: string; iidGreyLevels: number }[] // its own
  expect(rows.map(({ norm }) => norm)).toEqual(['L2', 'L3', 'L4', 'L5', 'Linf'])
  rows.slice(1).forEach(({ iidGreyLevels }, i) => {
    expect(iidGreyLevels).toBeLessThan(rows[i]?.iidGreyLevels ?? 0)
  })
  expect(finding).toMatchObject({ class: null, radius: 0, threat: { norm: 'none' } })
})

test('too few votes certify nothing in any norm', () => {
  const finding = answer('voteFraction=0.5')
  expect(finding.statement).toMatch(/nothing in any norm/)
  expect(finding.details).toEqual({ limits: [] })
})

test('norms below 2 are outside what is proven', () => {
  expect(() => answer('norm=1')).toThrow(
    expect.objectContaining({ code: 'E_SETTING_INVALID' }) as Error,
  )
})

test('settings: what is meant where nothing is said, and the ends of what is accepted', () => {
  expect(certifier.params.parse({})).toEqual({
    norm: 'inf',
    sigma: 0.25,
    estimation: 100_000,
    voteFraction: 1,
    alpha: 0.001,
  })
  for (const accepted of [
    { norm: 2, sigma: 100, estimation: 1, voteFraction: 0 },
    { voteFraction: 1 },
  ]) {
    expect(certifier.params.safeParse(accepted).success).toBe(true)
  }
  for (const refused of [
    { norm: 1.9 },
    { sigma: 0 },
    { sigma: 100.5 },
    { estimation: 0 },
    { voteFraction: -0.1 },
    { voteFraction: 1.1 },
    { alpha: 0 },
    { alpha: 1 },
  ]) {
    expect(certifier.params.safeParse(refused).success).toBe(false)
  }
})

test('needs no sample and never settles anything', () => {
  const job = { params: certifier.params.parse({}), shape, classes: 10 }
  const state = certifier.begin(job)
  expect(state).toEqual({ next: 0 })
  expect(certifier.describe(job.params)).toEqual({
    threat: { norm: 'none', unit: 'grey levels' },
    guarantee: 'deterministic',
    channelFactor: 1,
    output: 'logits',
  })
  expect(certifier.plan(job)).toEqual({ total: 0, selection: 0, sample: shape, resumable: true })
  expect(certifier.samples({ ...shape, data: new Uint8Array() }, job, 0, 0)).toHaveLength(0)
  expect(certifier.settled(state, 0, job)).toBeNull()
})

test('limits are told in grey levels, with what they take for granted', () => {
  const finding = answer('norm=2', 'sigma=0.5', 'estimation=10', 'voteFraction=0.99', 'alpha=0.05')
  // Nine of ten votes: a share of a vote is none.
  const lower = clopperPearsonLower(9, 10, 0.05)
  expect(finding).toMatchObject({ total: 0, votes: [], bounds: { lower } })
  const limits = smoothingLimits(
    { p: 2, dimension: 3 * 224 * 224, sigma: 0.5 },
    { p1: lower, p2: 1 - lower },
  )
  const rows = finding.details?.['limits'] as readonly Record<string, unknown>[] // its own
  expect(rows[0]).toEqual({
    norm: 'L2',
    iidGreyLevels: limits.iid * 255,
    generalizedGaussianGreyLevels: limits.generalizedGaussian * 255,
    gaussianGreyLevels: limits.gaussianAchieved * 255,
  })
  expect(finding.assumptions[0]).toContain('0.5 (128 grey levels)')
  expect(finding.assumptions[1]).toBe('A share of 0.99 of 10 samples votes for the winner.')
  expect(answer('estimation=10').assumptions[1]).toBe(
    'All of 10 samples vote for one class, the best that any model can do.',
  )
})

test('a bound of exactly one half has limits, of nothing', () => {
  const half = { dimension: 4, sigma: 1, samples: 1, votes: 1, alpha: 0.5 }
  expect(limitTable(half, [2]).rows[0]?.gaussianAchieved).toBe(0)
  expect(limitTable({ ...half, alpha: 0.49 }, [2]).rows).toEqual([])
})

test('a limit is rounded up', () => {
  expect(roundedUp(1.2301)).toBe('1.24')
  expect(roundedUp(1.23)).toBe('1.23')
  expect(roundedUp(0.000123)).toBe('0.000123')
  expect(roundedUp(9.999)).toBe('10')
  expect(roundedUp(63.75)).toBe('63.8')
  expect(roundedUp(0)).toBe('0')
  expect(roundedUp(Infinity)).toBe('any number of')
})
