import { expect, test } from 'vitest'
import { errorOf, expectCases } from '../support/expect-cases'

test('every reference case is answered to its tolerance', () => {
  expectCases('wasserstein-smoothing', { absolute: 1e-9, relative: 1e-9 })
})

const flowCase = {
  channels: 1,
  height: 2,
  width: 1,
  image_uint8: [[[1], [2]]],
  flow_vertical: [[[0.1]]],
  flow_horizontal: [[[], []]],
}

test.each([
  ['certificate', { samples: 10, top_count: 11, stdev: 1, alpha_one_sided: 0.1 }, /more votes/],
  ['certificate', { samples: 10, top_count: 5, stdev: 0, alpha_one_sided: 0.1 }, /stdev/],
  ['certificate', { samples: 10, top_count: 5, stdev: 1, alpha_one_sided: 1 }, /alpha_one_sided/],
  ['flow_operator', { ...flowCase, width: 2 }, /image_uint8 has not the shape/],
  ['flow_operator', { ...flowCase, flow_vertical: [[]] }, /flow_vertical has not/],
  ['flow_operator', { ...flowCase, flow_horizontal: [[[1], []]] }, /flow_horizontal has not/],
  ['flow_operator', { ...flowCase, image_uint8: [[[0], [0]]] }, /mass of the picture is 0/],
  ['flow_operator', { ...flowCase, image_uint8: [[[256], [0]]] }, /image_uint8/],
  ['distances', { first: [[1, 2]], second: [[1], [2]] }, /2x1/],
  ['distances', { first: [[1, 2], [1]], second: [[1]] }, /first: rows differ/],
  ['distances', { first: [[-1, 2]], second: [[1, 1]] }, /first.0.0/],
  ['distances', { first: [[0, 0]], second: [[1, 1]] }, /mass of a picture is 0/],
  ['distances', { first: [new Array<number>(1025).fill(1)], second: [[1]] }, /more than 1024/],
])('%s names what is wrong with %j', (kind, input, reason) => {
  const { code, message } = errorOf('wasserstein-smoothing', kind, input)
  expect(code).toBe('E_CASE_INPUT')
  expect(message).toMatch(reason)
})

test('a picture one pixel wide has no horizontal flow', () => {
  const input = { ...flowCase, image_uint8: [[[51], [51]]] }
  expect(() => errorOf('wasserstein-smoothing', 'flow_operator', input)).toThrow('0.24')
})
