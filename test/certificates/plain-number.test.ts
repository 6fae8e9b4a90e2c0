import fc from 'fast-check'
import { expect, test } from 'vitest'
import { roundedDown } from '../../src/certificates/plain-number'

test('a radius is rounded down, to four digits', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e6, noNaN: true }), (value) => {
      const shown = Number(roundedDown(value))
      expect(shown).toBeLessThanOrEqual(value)
      expect(shown).toBeGreaterThan(value * 0.999)
      expect(roundedDown(value).replace(/[^1-9]/g, '').length).toBeLessThanOrEqual(5)
    }),
  )
  expect(roundedDown(0)).toBe('0')
  expect(roundedDown(0.12349)).toBe('0.1234')
  expect(roundedDown(0.5)).toBe('0.5')
  expect(roundedDown(Infinity)).toBe('any amount')
})
