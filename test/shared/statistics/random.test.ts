import { expect, test } from 'vitest'
import {
  fineRandom,
  normalRandom,
  randomBelow,
  randomSubset,
  seededRandom,
} from '../../../src/shared/random'
import { normalCdf, samplingSlack } from '../../../src/shared/statistics'

const COUNT = 20_000

/** Largest distance of the sample's distribution from the one it should have. */
function distance(values: readonly number[], cdf: (x: number) => number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted.reduce(
    (most, x, i) =>
      Math.max(most, Math.abs(cdf(x) - i / COUNT), Math.abs(cdf(x) - (i + 1) / COUNT)),
    0,
  )
}

test('the same seed gives the same numbers, another seed others', () => {
  const draw = (...seed: number[]) => Array.from({ length: 5 }, normalRandom(seededRandom(...seed)))
  expect(draw(1, 2)).toEqual(draw(1, 2))
  expect(draw(1, 2)).not.toEqual(draw(1, 3))
  expect(draw(1, 2)).not.toEqual(draw(2, 2))
})

test('normal numbers are normally distributed, and neighbours are independent', () => {
  const values = Array.from({ length: COUNT }, normalRandom(seededRandom(3)))
  expect(distance(values, normalCdf)).toBeLessThan(samplingSlack(COUNT, 1e-4))
  const product = values.slice(1).reduce((sum, value, i) => sum + value * values[i]!, 0) / COUNT
  expect(Math.abs(product)).toBeLessThan(0.03)
})

test('fine uniform numbers are uniform, below 1, and use bits that 32 do not reach', () => {
  const values = Array.from({ length: COUNT }, fineRandom(seededRandom(4)))
  expect(distance(values, (x) => x)).toBeLessThan(samplingSlack(COUNT, 1e-4))
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
  expect(values.some((value) => !Number.isInteger(value * 2 ** 32))).toBe(true)
  expect(values.every((value) => Number.isInteger(value * 2 ** 53))).toBe(true)
  expect(fineRandom(() => 1 - 2 ** -32)()).toBeLessThan(1)
})

test('whole numbers below a bound come equally often', () => {
  const random = seededRandom(5)
  const counts = new Array<number>(7).fill(0)
  for (let i = 0; i < COUNT; i++) counts[randomBelow(random, 7)]!++
  for (const count of counts) expect(Math.abs(count / COUNT - 1 / 7)).toBeLessThan(0.01)
})

test('subsets have their size, no repetition, and each member and pair equally often', () => {
  const random = seededRandom(6)
  const pairs = new Map<string, number>()
  for (let i = 0; i < COUNT; i++) {
    const subset = randomSubset(random, 5, 2)
    expect(new Set(subset).size).toBe(2)
    const key = subset.join()
    pairs.set(key, (pairs.get(key) ?? 0) + 1)
  }
  expect(pairs.size).toBe(10)
  for (const count of pairs.values()) expect(Math.abs(count / COUNT - 0.1)).toBeLessThan(0.01)
  expect([...randomSubset(random, 4, 4)]).toEqual([0, 1, 2, 3])
  expect([...randomSubset(random, 4, 0)]).toEqual([])
})
