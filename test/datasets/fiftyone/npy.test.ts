import { deflateSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deflateRuns } from '../../../src/datasets/fiftyone/deflate-runs'
import { decodePackedMask, encodePackedMask } from '../../../src/datasets/fiftyone/npy'
import { AppError } from '../../../src/shared/errors'
import { fuzzing, mutatedBytes } from '../../support/mutations'

test('zlib unpacks what is packed', () => {
  const runs = fc
    .array(fc.tuple(fc.constantFrom(0, 1, 143, 144, 255), fc.integer({ min: 1, max: 800 })), {
      maxLength: 6,
    })
    .map((list) =>
      Uint8Array.from(list.flatMap(([value, length]) => Array<number>(length).fill(value))),
    )
  fc.assert(
    fc.property(fc.oneof(runs, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      expect(new Uint8Array(inflateSync(deflateRuns(bytes)))).toEqual(bytes)
    }),
    { numRuns: 300 },
  )
})

test('every length of a repetition is packed right', () => {
  for (let length = 1; length < 800; length++) {
    const bytes = new Uint8Array(length).fill(1)
    expect(inflateSync(deflateRuns(bytes)).equals(bytes)).toBe(true)
  }
})

test('masks come back', () => {
  const masks = fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
    .chain(([width, height]) =>
      fc
        .uint8Array({ min: 0, max: 1, minLength: width * height, maxLength: width * height })
        .map((bits) => ({ width, height, bits })),
    )
  fc.assert(
    fc.property(masks, (mask) => {
      expect(decodePackedMask(encodePackedMask(mask))).toEqual(mask)
    }),
  )
})

test('the header is the one of NumPy: 128 bytes, then one byte a pixel', () => {
  const text = encodePackedMask({ width: 3, height: 2, bits: Uint8Array.of(1, 0, 0, 0, 0, 1) })
  const file = inflateSync(Buffer.from(text, 'base64'))
  expect(file.length).toBe(128 + 6)
  expect(file.subarray(0, 10)).toEqual(Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'))
  expect(file.toString('latin1', 10, 128)).toMatch(
    /^\{'descr': '\|b1', 'fortran_order': False, 'shape': \(2, 3\), \} *\n$/,
  )
})

test.each([
  ['<f4', 4, [0, 0, 0, 0, 0, 0, 0x80, 0x3f]],
  ['|u1', 1, [0, 255]],
  ['<i8', 8, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]],
])('arrays of %s are read', (type, _, data) => {
  expect(decodePackedMask(npy(type, '(1, 2)', data))).toEqual({
    width: 2,
    height: 1,
    bits: Uint8Array.of(0, 1),
  })
})

test.each([
  ['no base64', '!', 'E_IMAGE_CORRUPT'],
  ['no zlib', 'AAAA', 'E_IMAGE_CORRUPT'],
  ['cut short', npy('|b1', '(9, 9)', [1]), 'E_IMAGE_CORRUPT'],
  ['one axis', npy('|b1', '(2,)', [0, 1]), 'E_TENSOR_SHAPE'],
  ['unknown type', npy('<c8', '(1, 2)', [0, 1]), 'E_TENSOR_SHAPE'],
  ['objects', npy('|O', '(1, 2)', [0, 1]), 'E_TENSOR_SHAPE'],
  ['a bomb', npy('|b1', '(99999, 99999)', [0, 1]), 'E_TENSOR_SHAPE'],
])('%s is refused', (_, text, code) => {
  expect(() => decodePackedMask(text)).toThrow(expect.objectContaining({ code }) as Error)
})

test('fuzz: damaged masks give a mask or an AppError', () => {
  const good = Buffer.from(
    encodePackedMask({ width: 9, height: 9, bits: new Uint8Array(81).fill(1, 20, 60) }),
    'base64',
  )
  fc.assert(
    fc.property(mutatedBytes(good), (bytes) => {
      try {
        decodePackedMask(Buffer.from(bytes).toString('base64'))
      } catch (error) {
        if (!(error instanceof AppError)) throw error
      }
    }),
    fuzzing,
  )
})

function npy(type: string, shape: string, data: readonly number[]): string {
  const header =
    `{'descr': '${type}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117) + '\n'
  const head = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}`, 'latin1')
  return deflateSync(Buffer.concat([head, Buffer.from(data)])).toString('base64')
}
