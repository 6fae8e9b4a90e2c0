import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { decodeImage, decodeImageBytes } from '../../../src/engine/images/decode-image'
import { applyOrientation, toRgb } from '../../../src/engine/images/decode-image-pixels'

const fixtures = join(import.meta.dirname, '../../fixtures/images')
const codes = ({ warnings }: { warnings: readonly { code: string }[] }) =>
  warnings.map(({ code }) => code)

describe('pixels are those of the reference decoders', () => {
  // SHA-256 of the RGB bytes as Pillow 12.3 and OpenCV 5.0 decode them (both agree).
  test.each([
    ['subsampled.jpg', '72b492fc6bace3ca55820c6e88b6443c106a328593c37aba4719f332558116c5'],
    ['progressive.jpg', 'b67befe836843a73c1fd4c81ffe762b50c58ea50a4935de351280b3aa3f5fef1'],
    // Carries a Display P3 profile, which both ignore.
    ['profile.jpg', '6c53745d3378d087ea7085ac826d4bf1419ec03417958446dea5e1e737578eb3'],
    ['lossy.webp', 'e36f8482470774d8dde673a2e907bc5dd71f2e4b4d2b6d61ac1f975522737cb0'],
  ])('%s', async (name, digest) => {
    const path = join(fixtures, 'reference', name)
    const { image, sha256, bytes, warnings } = await decodeImage(path)
    const file = readFileSync(path)
    expect([image.width, image.height, warnings]).toEqual([83, 61, []])
    expect(createHash('sha256').update(image.data).digest('hex')).toBe(digest)
    expect(sha256).toBe(createHash('sha256').update(file).digest('hex'))
    expect(bytes).toBe(file.length)
  })
})

describe('colour', () => {
  test('16-bit grey is rounded to v / 257, for every value', async () => {
    const values = Uint16Array.from({ length: 65_536 }, (_, i) => i)
    const png = await sharp(values, { raw: { width: 256, height: 256, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer()
    const decoded = await decodeImageBytes(png, 'ramp.png')
    expect(codes(decoded)).toEqual(['W_BIT_DEPTH_REDUCED'])
    const wrong = values.filter((v) => decoded.image.data[3 * v + 1] !== Math.round(v / 257))
    expect(wrong.length).toBe(0)
  })

  test('16-bit RGBA keeps channels apart and is laid on black', async () => {
    const values = new Uint16Array(4 * 64).map((_, i) => (i * 40_503) & 65_535)
    const png = await sharp(values, { raw: { width: 8, height: 8, channels: 4 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer()
    const decoded = await decodeImageBytes(png, 'deep.png')
    expect(codes(decoded)).toEqual(['W_BIT_DEPTH_REDUCED', 'W_ALPHA_DROPPED'])
    for (let pixel = 0; pixel < 64; pixel++) {
      const alpha = Math.round(values[4 * pixel + 3]! / 257)
      for (let c = 0; c < 3; c++) {
        const value = Math.round(values[4 * pixel + c]! / 257)
        expect(decoded.image.data[3 * pixel + c]).toBe(Math.round((value * alpha) / 255))
      }
    }
  })

  test('alpha on black is exact for every value and alpha', () => {
    const data = new Uint8Array(4 * 65_536)
    for (let i = 0; i < 65_536; i++) data.set([i & 255, 0, i & 255, i >> 8], 4 * i)
    const { image, alphaDropped } = toRgb({ data, channels: 4, width: 256, height: 256 })
    expect(alphaDropped).toBe(true)
    for (let i = 0; i < 65_536; i++) {
      if (image.data[3 * i] !== Math.round(((i & 255) * (i >> 8)) / 255)) throw new Error(`${i}`)
    }
  })

  test('an alpha channel that hides nothing is not worth a word', async () => {
    const raw = new Uint8Array(4 * 12).fill(255)
    const png = await sharp(raw, { raw: { width: 4, height: 3, channels: 4 } })
      .png()
      .toBuffer()
    const decoded = await decodeImageBytes(png, 'opaque.png')
    expect(decoded.warnings).toEqual([])
    expect([...decoded.image.data]).toEqual(new Array(36).fill(255))
  })

  test.each([1, 2, 4, 8])('a grey PNG of %i bits is spread over 0 to 255', async (depth) => {
    const levels = 2 ** depth
    const width = Math.min(levels, 16)
    const height = levels / width
    const png = greyPng(width, height, depth, (i) => i)
    const { image, warnings } = await decodeImageBytes(png, 'levels.png')
    const expected = Array.from({ length: levels }, (_, i) => (i * 255) / (levels - 1))
    expect(warnings).toEqual([])
    expect([...image.data].filter((_, i) => i % 3 === 2)).toEqual(expected)
  })

  test('grey JPEG is replicated', async () => {
    const { image } = await decodeImage(join(fixtures, 'grey.jpg'))
    for (let i = 0; i < image.data.length; i += 3) {
      expect(image.data[i + 1]).toBe(image.data[i])
      expect(image.data[i + 2]).toBe(image.data[i])
    }
  })
})

describe('orientation', () => {
  test('reaches PNG and TIFF too, and is applied once', async () => {
    const data = Uint8Array.from({ length: 3 * 6 }, (_, i) => 10 * i)
    const raw = { width: 3, height: 2, channels: 3 } as const
    for (const format of ['png', 'tiff', 'webp'] as const) {
      const file = await sharp(data, { raw })
        .withMetadata({ orientation: 6 })
        .toFormat(format, { lossless: true, compression: 'lzw' })
        .toBuffer()
      const decoded = await decodeImageBytes(file, `turned.${format}`)
      expect(codes(decoded)).toEqual(['W_EXIF_ORIENTATION'])
      expect(decoded).toMatchObject({ orientation: 6, storedWidth: 3, storedHeight: 2 })
      const stored = { data, width: 3, height: 2 }
      expect(decoded.image).toEqual(applyOrientation(stored, 6))
      expect([...decoded.image.data.subarray(0, 3)]).toEqual([...data.subarray(9, 12)])
    }
  })

  test('inverse orientations undo each other, on rasters larger than a block', () => {
    const data = Uint8Array.from({ length: 3 * 71 * 45 }, (_, i) => (i * 31) & 255)
    const image = { data, width: 71, height: 45 }
    const inverse = { 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6 } as const
    for (const [there, back] of Object.entries(inverse)) {
      expect(applyOrientation(applyOrientation(image, Number(there)), back)).toEqual(image)
    }
  })
})

function greyPng(width: number, height: number, depth: number, value: (i: number) => number) {
  const rowBytes = Math.ceil((width * depth) / 8)
  const rows = new Uint8Array(height * (rowBytes + 1))
  for (let i = 0; i < width * height; i++) {
    const bit = (i % width) * depth
    const at = Math.floor(i / width) * (rowBytes + 1) + 1 + (bit >> 3)
    rows[at] = rows[at]! | (value(i) << (8 - depth - (bit & 7)))
  }
  const chunk = (type: string, body: Uint8Array) => {
    const named = Buffer.concat([Buffer.from(type), body])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(body.length)
    sum.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = depth
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
