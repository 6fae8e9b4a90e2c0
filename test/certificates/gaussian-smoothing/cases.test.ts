import { expect, test } from 'vitest'
import { runCases } from '../../../src/certificates/cases'
import { errorOf, expectCases } from '../support/expect-cases'

test('every reference case is answered, closer than its tolerance asks', () => {
  expectCases('second-order-smoothing', { absolute: 1e-10, relative: 1e-10 })
})

const dipole = {
  samples: 20,
  pairs: 10,
  symmetric_count: 5,
  asymmetric_count: 1,
  sigma: 1,
  alpha: 0.1,
}
const gradient = {
  estimate: 1,
  samples: 10,
  dimension: 3,
  sigma: 1,
  alpha_one_sided: 0.1,
  lower: 0.9,
}

test.each([
  [
    'first_order_certificate',
    { samples: 5, top_count: 6, sigma: 1, alpha_one_sided: 0.1 },
    /more votes/,
  ],
  [
    'first_order_certificate',
    { samples: 5, top_count: 5, sigma: 0, alpha_one_sided: 0.1 },
    /sigma/,
  ],
  [
    'first_order_certificate',
    { samples: 5, top_count: 2.5, sigma: 1, alpha_one_sided: 0.1 },
    /top_count/,
  ],
  ['dipole_radius', { sigma: 1, lower_symmetric: 0.8, lower_asymmetric: 0.3 }, /more than 1/],
  ['dipole_radius', { sigma: 1, lower_symmetric: -0.1, lower_asymmetric: 0.3 }, /lower_symmetric/],
  ['dipole_from_counts', { ...dipole, pairs: 11 }, /more pairs than half/],
  ['dipole_from_counts', { ...dipole, asymmetric_count: 6 }, /symmetric and asymmetric/],
  ['dipole_from_counts', { ...dipole, alpha: 0 }, /alpha/],
  ['second_order_radius', { sigma: 1, lower: 0.9, gradient_norm_upper: -1 }, /negative/],
  ['second_order_radius', { sigma: 1, lower: 1.1, gradient_norm_upper: 1 }, /lower/],
  ['gradient_norm_bound', { ...gradient, samples: 1 }, /samples/],
  ['gradient_norm_bound', { ...gradient, dimension: 0 }, /dimension/],
  ['gradient_norm_bound', { ...gradient, estimate: 'NaN' }, /estimate/],
])('%s names what is wrong with %j', (kind, input, reason) => {
  const { code, message } = errorOf('second-order-smoothing', kind, input)
  expect(code).toBe('E_CASE_INPUT')
  expect(message).toMatch(reason)
})

test('a certain winner has no finite radius', () => {
  const cases = [
    {
      id: 'a',
      kind: 'dipole_radius',
      input: { sigma: 1, lower_symmetric: 1, lower_asymmetric: 0 },
    },
    {
      id: 'b',
      kind: 'second_order_radius',
      input: { sigma: 1, lower: 1, gradient_norm_upper: 'Infinity' },
    },
  ]
  const results = runCases({ method: 'second-order-smoothing', cases })
  expect(results).toMatchObject([
    {
      result: {
        radius_l2: 'Infinity',
        first_order_radius_at_same_total: 'Infinity',
        certified: true,
      },
    },
    { result: { radius_l2: 'Infinity', a_prime: 0, max_gradient_norm: 0 } },
  ])
})

test('inputs at the very end of what is accepted are answered', () => {
  const answerTo = (kind: string, input: object) =>
    runCases({ method: 'second-order-smoothing', cases: [{ id: 'a', kind, input }] })[0]
  const half = { samples: 1, top_count: 1, sigma: 1, alpha_one_sided: 0.5 }
  expect(answerTo('first_order_certificate', half)).toMatchObject({
    result: { lower: 0.5, radius_l2: 0, abstain: false },
  })
  const certain = { sigma: 1, lower_symmetric: 1, lower_asymmetric: 1e-12 }
  expect(answerTo('dipole_radius', certain)).toMatchObject({
    result: { radius_l2: 'Infinity', first_order_radius_at_same_total: 'Infinity' },
  })
  // Five samples are two pairs.
  const odd = { ...gradient, estimate: -7.4, samples: 5, lower: 0.51 }
  const answer = answerTo('gradient_norm_bound', odd)
  const upper = 4 * Math.sqrt((3 * Math.log(10)) / 2) - 7.4
  expect(answer).toMatchObject({
    result: { upper_squared: expect.closeTo(upper, 12) as number, capped: false },
  })
})
