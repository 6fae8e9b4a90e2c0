import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lastTrue, lastTrueFromZero } from '../../../src/shared/statistics/last-true'

const edges = fc.double({ min: 0, max: 1000, noNaN: true })

test('answers a point where it is still true, at most the width short of the edge', () => {
  fc.assert(
    fc.property(edges, fc.constantFrom(1e-3, 1e-9, 0), (edge, width) => {
      const holds = (x: number): boolean => x <= edge
      for (const found of [lastTrue(holds, 0, 2000, width), lastTrueFromZero(holds, 1, width)]) {
        expect(found).toBeLessThanOrEqual(edge)
        expect(edge - found).toBeLessThanOrEqual(width)
      }
    }),
  )
})

test('an edge outside the bracket', () => {
  expect(lastTrue(() => true, 1, 2, 0)).toBe(2)
  expect(lastTrue(() => false, 1, 2, 1e-9)).toBeLessThanOrEqual(1 + 1e-9)
  expect(lastTrue(() => false, 2, 1, 0)).toBe(2)
  expect(lastTrueFromZero(() => true, 1, 0)).toBe(Infinity)
  expect(lastTrueFromZero(() => false, 1, 1e-9)).toBeLessThanOrEqual(1e-9)
})

/** Where it is asked, in order, for an edge. */
function asked(edge: number, find: (holds: (x: number) => boolean) => number) {
  const points: number[] = []
  const found = find((x) => {
    points.push(x)
    return x <= edge
  })
  return { found, points }
}

test('it halves until the bracket is as wide as was asked, and no further', () => {
  const { found, points } = asked(0.3, (holds) => lastTrue(holds, 0, 1, 2 ** -4))
  expect(points).toEqual([1, 0.5, 0.25, 0.375, 0.3125])
  expect(found).toBe(0.25)
})

test('it doubles until it is false, sixty times at most', () => {
  const { found, points } = asked(5, (holds) => lastTrueFromZero(holds, 1, 8))
  expect(points).toEqual([1, 2, 4, 8, 8])
  expect(found).toBe(4)
  const upTo = (edge: number) => asked(edge, (holds) => lastTrueFromZero(holds, 1, 1)).found
  expect(upTo(2 ** 60)).toBe(Infinity)
  expect(upTo(2 ** 60 - 2 ** 10)).toBe(2 ** 60 - 2 ** 10)
  expect(upTo(1.5 * 2 ** 58)).toBe(1.5 * 2 ** 58)
})
