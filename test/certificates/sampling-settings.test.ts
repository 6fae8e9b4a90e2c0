import { expect, test } from 'vitest'
import { z } from 'zod'
import { chanceOf, noiseSetting, samplingSettings } from '../../src/certificates/sampling-settings'

const schema = z.object({ ...samplingSettings(100, 5000, 0.01), sigma: noiseSetting })

test('settings that are not given are those of the method', () => {
  expect(schema.parse({})).toEqual({
    selection: 100,
    estimation: 5000,
    alpha: 0.01,
    seed: 0,
    sigma: 0.25,
  })
})

test('the ends of what is accepted', () => {
  const least = { selection: 1, estimation: 2, alpha: 1e-9, seed: 0, sigma: 1e-9 }
  const most = { seed: 4_294_967_295, sigma: 100, alpha: 1 - 1e-9 }
  for (const accepted of [least, most]) expect(schema.safeParse(accepted).success).toBe(true)
  const refused = [
    { selection: 0 },
    { estimation: 1 },
    { alpha: 0 },
    { alpha: 1 },
    { seed: -1 },
    { seed: 4_294_967_296 },
    { sigma: 0 },
    { sigma: 100.5 },
  ]
  for (const one of refused) expect(schema.safeParse(one).success).toBe(false)
})

test('what is left to chance is told with the chance and the seed', () => {
  expect(chanceOf({ alpha: 0.001, seed: 7 })).toMatch(
    /each certificate .* at most 0\.001, .* seed 7\.$/,
  )
})
