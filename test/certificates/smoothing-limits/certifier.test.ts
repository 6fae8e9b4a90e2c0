import { expect, test } from 'vitest'
import certifier from '../../../src/certificates/smoothing-limits/certifier'
import { roundedUp } from '../../../src/certificates/smoothing-limits/explain'
import { parseSettings } from '../../../src/shared/plugin'

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

test('a limit is rounded up', () => {
  expect(roundedUp(1.2301)).toBe('1.24')
  expect(roundedUp(1.23)).toBe('1.23')
  expect(roundedUp(0.000123)).toBe('0.000123')
  expect(roundedUp(9.999)).toBe('10')
  expect(roundedUp(63.75)).toBe('63.8')
  expect(roundedUp(0)).toBe('0')
  expect(roundedUp(Infinity)).toBe('any number of')
})
