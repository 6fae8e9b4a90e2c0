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
