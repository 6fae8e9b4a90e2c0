import fc from 'fast-check'
import { expect, test } from 'vitest'
import { numberFromText, numberToText } from '../../../src/datasets/reading/number-text'

test('decimals, and nothing else, are numbers', () => {
  for (const text of ['0', '-1', '+1.5', '.5', '5.', '1e3', '1.5E-3', '007']) {
    expect(numberFromText(text)).toBe(Number(text))
  }
  for (const text of [
    '',
    ' ',
    '1 ',
    '0,5',
    '0x10',
    '1_000',
    '.',
    '-',
    'e5',
    '1e',
    '1.2.3',
    'one',
    '１',
  ]) {
    expect(numberFromText(text), text).toBeNull()
  }
  expect(numberFromText('NaN')).toBeNaN()
  expect(numberFromText('-inf')).toBe(-Infinity)
  expect(numberFromText('Infinity')).toBe(Infinity)
})

test('a long run of digits that ends in a letter takes no time', () => {
  const start = performance.now()
  expect(numberFromText(`${'1'.repeat(1_000_000)}x`)).toBeNull()
  expect(performance.now() - start).toBeLessThan(1000)
})

test('written without exponent, and read back the same', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = numberToText(value)
      expect(text).toMatch(/^-?\d+(\.\d+)?$/)
      expect(Number(text)).toBe(value === 0 ? 0 : value)
    }),
  )
  expect(
    ['1.5e-7', '1e21', '-1.25e-9', '1.234e25'].map((text) => numberToText(Number(text))),
  ).toEqual([
    ...['0.00000015', '1000000000000000000000', '-0.00000000125', '12340000000000000000000000'],
  ])
})
