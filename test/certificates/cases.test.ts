import { expect, test } from 'vitest'
import { runCases } from '../../src/certificates/cases'
import { badInputs } from './support/bad-inputs'

const good = { id: 'b', kind: 'normal_cdf', input: { z: 0 } }

test('a case that cannot be run is told, and the rest are run', () => {
  const answers = runCases({
    method: 'numerics',
    cases: [
      { id: 'a', kind: 'no_such_kind', input: {} },
      good,
      {
        id: 'c',
        kind: 'clopper_pearson',
        input: { successes: 3, trials: 2, alpha_one_sided: 0.1 },
      },
      { id: 'd', kind: 'normal_cdf', input: { z: 'Infinity' } },
      { id: 'e', kind: 'normal_cdf' },
      7,
      { id: 'g', kind: 'constructor', input: {} },
    ],
  })
  expect(answers.map((answer) => ('error' in answer ? answer.error.code : answer.result))).toEqual([
    'E_CASE_KIND',
    { p: 0.5 },
    'E_CASE_INPUT',
    { p: 1 },
    'E_CASE_INPUT',
    'E_CASE_INPUT',
    'E_CASE_KIND',
  ])
  expect(answers.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e', 'case 6', 'g'])
  const message = 'error' in answers[2]! ? answers[2].error.message : ''
  expect(message).toContain('case c (method numerics, kind clopper_pearson)')
  expect(message).toContain('more successes than trials')
})

test('numbers that JSON has no word for are written as text', () => {
  const cases = [{ id: 'a', kind: 'normal_quantile', input: { p: 0 } }]
  expect(runCases({ method: 'numerics', cases })).toEqual([{ id: 'a', result: { z: '-Infinity' } }])
})

test('an unknown method is told for every case', () => {
  const [answer] = runCases({ method: 'astrology', cases: [good] })
  expect(answer).toMatchObject({ id: 'b', error: { code: 'E_CASE_KIND' } })
})

test('what is no document of cases is refused', () => {
  expect(() => runCases({ cases: [] })).toThrow(
    expect.objectContaining({ code: 'E_CASES_INVALID' }),
  )
  expect(() => runCases(null)).toThrow(expect.objectContaining({ code: 'E_CASES_INVALID' }))
})

test.each(badInputs)('%s/%s refuses what does not fit together: %o', (method, kind, input) => {
  const [answer] = runCases({ method, cases: [{ id: 'x', kind, input }] })
  expect(answer).toMatchObject({ id: 'x', error: { code: 'E_CASE_INPUT' } })
})
