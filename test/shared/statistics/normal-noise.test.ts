import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normalRandom, seededRandom } from '../../../src/shared/random'
import { normalNoise } from '../../../src/shared/statistics/normal-noise'

test('draws what the generator draws one by one', () => {
  const words = fc.integer({ min: 0, max: 4_294_967_295 })
  fc.assert(
    fc.property(words, words, fc.integer({ min: 0, max: 101 }), (seed, index, length) => {
      const draw = normalRandom(seededRandom(seed, index))
      expect([...normalNoise(seed, index, length)]).toEqual(Array.from({ length }, draw))
    }),
  )
})
