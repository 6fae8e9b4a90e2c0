import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { encode } from 'fast-png'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import {
  decodeMaskPng,
  encodeMaskPng,
  encodePalettePng,
  maskLevels,
  maskOf,
} from '../../../src/datasets/reading/mask-png'
import { AppError } from '../../../src/shared/errors'
import { maskArea, type Mask } from '../../../src/shared/vision/mask'
import { fuzzing, propertyRuns } from '../../support/mutations'

const fixture = (name: string) =>
  new Uint8Array(
    readFileSync(new URL(`../../fixtures/miniatures/hostile/masks/${name}`, import.meta.url)),
  )

const masks: fc.Arbitrary<Mask> = fc
  .record({ width: fc.integer({ min: 1, max: 33 }), height: fc.integer({ min: 1, max: 20 }) })
  .chain(({ width, height }) =>
    fc
      .uint8Array({ minLength: width * height, maxLength: width * height, max: 1 })
      .map((bits) => ({ width, height, bits })),
  )

describe('writing and reading', () => {
  test('gives the same mask, with 1 bit and with 8, and the same bytes', () => {
    fc.assert(
      fc.property(masks, fc.constantFrom(1 as const, 8 as const), (mask, depth) => {
        const bytes = encodeMaskPng(mask, depth)
        const read = decodeMaskPng(bytes, 'm.png')
        expect(maskOf(read)).toEqual(mask)
        expect([read.bitDepth, read.white]).toEqual([depth, depth === 1 ? 1 : 255])
        expect(encodeMaskPng(mask, depth)).toEqual(bytes)
      }),
      { numRuns: propertyRuns },
    )
  })

  test('keeps palette indices and their colours', () => {
    const indices = Uint8Array.of(0, 1, 2, 2, 1, 0)
    const colours = [
      [0, 0, 0],
      [0, 0, 0],
      [9, 8, 7],
    ] as const
    const read = decodeMaskPng(encodePalettePng(3, 2, indices, colours), 'p.png')
    expect(read.labels).toEqual(indices)
    expect(read.palette).toEqual(colours)
    expect(read.white).toBe(0)
  })

  test('keeps 16 bits', () => {
    const data = Uint16Array.of(0, 300, 65_535, 256)
    const read = decodeMaskPng(encode({ width: 2, height: 2, data, channels: 1, depth: 16 }), 's')
    expect(read.labels).toEqual(data)
    expect(maskLevels(read.labels).map(({ value }) => value)).toEqual([256, 300, 65_535])
  })

  test('agrees with another decoder on filtered and interlaced pictures', async () => {
    const data = Uint8Array.from({ length: 37 * 23 }, (_, i) => (i * i) >> 3)
    for (const options of [{ progressive: true }, { adaptiveFiltering: true }]) {
      const raw = { raw: { width: 37, height: 23, channels: 1 as const } }
      const png = await sharp(data, raw).toColourspace('b-w').png(options).toBuffer()
      expect(decodeMaskPng(new Uint8Array(png), 'x.png').labels).toEqual(data)
    }
  })
})

test.each([
  ['good.png', 289, 255],
  ['zero-one.png', 289, 255],
  ['one-bit.png', 289, 1],
  ['inverted.png', 1247, 255],
  ['empty.png', 0, 255],
  ['rgb.png', 289, 255],
  ['palette.png', 289, 0],
  ['sixteen.png', 289, 65_535],
])('%s has %i pixels set', (name, pixels, white) => {
  const read = decodeMaskPng(fixture(name), name)
  expect(maskArea(maskOf(read))).toBe(pixels)
  expect(read.white).toBe(white)
})

test('colours are instances; one label picks one of them', () => {
  const read = decodeMaskPng(fixture('colours.png'), 'colours.png')
  expect(maskLevels(read.labels)).toEqual([
    { value: 1, pixels: 49 },
    { value: 2, pixels: 49 },
  ])
  expect(maskArea(maskOf(read, 2))).toBe(49)
})

test('value 300 of a 16-bit mask survives', () => {
  const read = decodeMaskPng(fixture('sixteen.png'), 'sixteen.png')
  expect(maskLevels(read.labels)).toEqual([{ value: 300, pixels: 289 }])
})

describe('bad files', () => {
  const code = (bytes: Uint8Array) => {
    try {
      decodeMaskPng(bytes, 'bad.png')
      return 'accepted'
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      expect(error.message).toContain('bad.png')
      return error.code
    }
  }
  const good = fixture('good.png')

  test('are told apart', () => {
    expect(code(new Uint8Array(0))).toBe('E_FILE_EMPTY')
    expect(code(Uint8Array.of(0xff, 0xd8, 0xff))).toBe('E_IMAGE_UNKNOWN_FORMAT')
    expect(code(fixture('lossy.jpg'))).toBe('E_IMAGE_UNKNOWN_FORMAT')
    expect(code(good.subarray(0, 5))).toBe('E_IMAGE_TRUNCATED')
    expect(code(good.subarray(0, good.length - 14))).toBe('E_IMAGE_TRUNCATED')
    expect(code(good.with(45, good[45]! ^ 1))).toBe('E_IMAGE_CORRUPT')
  })

  test('with a huge frame are refused before anything is unpacked', () => {
    const bytes = encodeMaskPng({ width: 1, height: 1, bits: new Uint8Array(1) })
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    view.setUint32(16, 60_000)
    view.setUint32(20, 60_000)
    // The check sum is the last word of the header part.
    view.setUint32(29, crcOf(bytes.subarray(12, 29)))
    expect(code(bytes)).toBe('E_IMAGE_TOO_LARGE')
  })

  test('fuzz: never give anything but an AppError', () => {
    const sources = ['good.png', 'rgb.png', 'palette.png', 'sixteen.png', 'one-bit.png']
    const mutations = fc.array(fc.tuple(fc.nat(1000), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(fc.constantFrom(...sources), mutations, fc.boolean(), (name, changes, mend) => {
        const bytes = fixture(name)
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        if (mend) mendCheckSums(bytes)
        code(bytes)
      }),
      fuzzing,
    )
  })
})

/** Makes the check sums right again, so that mutations reach what lies behind them. */
function mendCheckSums(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at)
    if (end + 4 > bytes.length) return
    view.setUint32(end, crcOf(bytes.subarray(at + 4, end)))
    at = end + 4
  }
}

function crcOf(bytes: Uint8Array): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let i = 0; i < 8; i++) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ 0xedb88320
  }
  return (sum ^ 0xffffffff) >>> 0
}
