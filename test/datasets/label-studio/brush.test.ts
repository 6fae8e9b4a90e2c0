import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BitReader, BitWriter } from '../../../src/datasets/label-studio/bits'
import { decodeBrush, encodeBrush } from '../../../src/datasets/label-studio/brush'
import { AppError } from '../../../src/shared/errors'
import { fuzzing, mutatedBytes } from '../../support/mutations'

const masks = fc
  .tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 200 }))
  .chain(([width, height]) =>
    fc
      .array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 30 })
      .map((runs) => ({ width, height, bits: bitsOfRuns(runs, width * height) })),
  )

test('masks come back exactly', () => {
  fc.assert(
    fc.property(masks, (mask) => {
      expect(decodeBrush(encodeBrush(mask), mask.width, mask.height)).toEqual(mask)
    }),
  )
})

test('a mask as bits, worked out by hand', () => {
  // 8 values; words of 8 bits; sizes 3, 4, 8, 16; four times 0, then four times 255.
  const bits =
    '00000000000000000000000000001000' +
    '00111' +
    '0010' +
    '0011' +
    '0111' +
    '1111' +
    '100' +
    '011' +
    '00000000' +
    '100' +
    '011' +
    '11111111'
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g)
  const code = (bytes ?? []).map((byte) => Number.parseInt(byte, 2))
  const mask = { width: 2, height: 1, bits: Uint8Array.of(0, 1) }
  expect(encodeBrush(mask)).toEqual(code)
  expect(decodeBrush(code, 2, 1)).toEqual(mask)
})

test('values one by one, other word and run sizes, and faint alpha are read', () => {
  const bits = new BitWriter()
  bits.put(12, 32)
  bits.put(4, 5) // words of 5 bits
  for (const size of [1, 2, 3, 6]) bits.put(size - 1, 4)
  bits.put(0, 1) // 7 values one by one: colours do not count, alpha does
  bits.put(2, 2)
  bits.put(6, 3)
  for (const value of [31, 31, 31, 0, 0, 0, 0]) bits.put(value, 5)
  bits.put(1, 1) // the last 5 values are 1
  bits.put(3, 2)
  bits.put(4, 6)
  bits.put(1, 5)
  expect(decodeBrush(bits.toList(), 3, 1).bits).toEqual(Uint8Array.of(0, 1, 1))
})

test('long runs are cut at 65,536 values', () => {
  const mask = { width: 1000, height: 300, bits: new Uint8Array(300_000).fill(1, 7, 299_990) }
  expect(decodeBrush(encodeBrush(mask), 1000, 300)).toEqual(mask)
})

test.each([
  [
    'another size',
    encodeBrush({ width: 2, height: 2, bits: new Uint8Array(4) }),
    'E_RLE_SIZE_MISMATCH',
  ],
  [
    'a cut code',
    encodeBrush({ width: 3, height: 2, bits: Uint8Array.of(1, 0, 1, 0, 1, 0) }).slice(0, 9),
    'E_RLE_MALFORMED',
  ],
  ['no code', [], 'E_RLE_MALFORMED'],
  ['no bytes', [256, 1.5], 'E_RLE_MALFORMED'],
  [
    'runs past the end',
    [0, 0, 0, 24, 57, 0xb7, 0xf0 | 0xc, 0xff, 0xff, 0xff, 0xff],
    'E_RLE_LENGTH',
  ],
])('%s is refused', (_, code, expected) => {
  expect(() => decodeBrush(code, 3, 2)).toThrow(
    expect.objectContaining({ code: expected }) as Error,
  )
})

test('fuzz: damaged codes give a mask or an AppError', () => {
  const good = Uint8Array.from(
    encodeBrush({ width: 20, height: 20, bits: new Uint8Array(400).fill(1, 50, 300) }),
  )
  fc.assert(
    fc.property(mutatedBytes(good), (bytes) => {
      try {
        expect(decodeBrush([...bytes], 20, 20).bits).toHaveLength(400)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
      }
    }),
    fuzzing,
  )
})

test('bits that are written can be read', () => {
  const numbers = fc.array(
    fc
      .integer({ min: 1, max: 32 })
      .chain((count) => fc.tuple(fc.integer({ min: 0, max: 2 ** count - 1 }), fc.constant(count))),
  )
  fc.assert(
    fc.property(numbers, (list) => {
      const writer = new BitWriter()
      for (const [value, count] of list) writer.put(value, count)
      const reader = new BitReader(Uint8Array.from(writer.toList()))
      expect(list.map(([, count]) => reader.take(count))).toEqual(list.map(([value]) => value))
      expect(reader.take(8)).toBeNull()
    }),
  )
})

function bitsOfRuns(runs: readonly number[], length: number): Uint8Array {
  const bits = new Uint8Array(length)
  let at = 0
  for (const [i, run] of runs.entries()) {
    if (i % 2 === 1) bits.fill(1, at, at + run)
    at += run
  }
  return bits
}
