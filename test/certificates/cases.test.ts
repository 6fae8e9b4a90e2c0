import { expect, test } from 'vitest'
import {
  byte,
  count,
  imageBytes,
  level,
  linearModel,
  size,
  voteList,
} from '../../src/certificates/case-schemas'
import { runCases } from '../../src/certificates/cases'
import { badInputs, edgeInputs } from './support/bad-inputs'

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
  expect(message).toMatch(/cannot be run: more successes than trials$/)
  const wrong = { id: 'h', kind: 'normal_cdf', input: { z: 'far' } }
  const [named] = runCases({ method: 'numerics', cases: [wrong] })
  expect(named).toHaveProperty('error.message', expect.stringContaining('cannot be run: z: '))
})

test('answers keep truth values, texts and what is nothing', () => {
  const cases = [{ id: 'a', kind: 'predict_or_abstain', input: { counts: [3, 2], alpha: 0.05 } }]
  expect(runCases({ method: 'randomized-ablation', cases })).toEqual([
    { id: 'a', result: { p_value: 1, predicted: null } },
  ])
  const half = { samples: 1, top_count: 1, sigma: 1, alpha_one_sided: 0.5 }
  const kind = 'first_order_certificate'
  expect(
    runCases({ method: 'second-order-smoothing', cases: [{ id: 'b', kind, input: half }] }),
  ).toEqual([{ id: 'b', result: { lower: 0.5, radius_l2: 0, abstain: false } }])
})

test.each([
  ['a level', level, [0.001, 0.999], [0, 1, 1.5]],
  ['a count', count, [0, 7], [-1, 0.5]],
  ['a size', size, [1, 7], [0, 1.5]],
  ['a byte', byte, [0, 255], [-1, 256, 0.5]],
  ['votes', voteList, [[0]], [[], [-1]]],
  ['an image', imageBytes, [[[[0]]]], [[], [[]], [[[]]], [[[256]]]]],
  [
    'a linear model',
    linearModel,
    [{ weights: [[0.5]], bias: [1] }],
    [
      { weights: [], bias: [1] },
      { weights: [[1]], bias: [] },
    ],
  ],
])('the ends of %s', (_, schema, accepted, refused) => {
  for (const one of accepted) expect(schema.safeParse(one).success).toBe(true)
  for (const one of refused) expect(schema.safeParse(one).success).toBe(false)
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

test.each(edgeInputs)('%s/%s answers what only just fits: %o', (method, kind, input, result) => {
  expect(runCases({ method, cases: [{ id: 'x', kind, input }] })).toEqual([{ id: 'x', result }])
})
