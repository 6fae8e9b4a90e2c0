import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeImageBytes } from '../../../src/engine/images/decode-image'
import { AppError } from '../../../src/shared/errors'

type Rgb = readonly [number, number, number]
interface Bitmap {
  readonly width: number
  readonly height: number
  readonly bits: number
  /** Pixel data in file order, rows padded by the writer. */
  readonly rows: readonly (readonly number[])[]
  readonly palette?: readonly Rgb[]
  readonly compression?: number
  readonly masks?: readonly number[]
  readonly headerBytes?: number
  readonly topDown?: boolean
}

/** Writes a bitmap as the format describes it: rows of bytes, padded to four. */
function bmp(bitmap: Bitmap): Uint8Array {
  const { width, height, bits, palette = [], compression = 0, masks = [] } = bitmap
  const { headerBytes = 40 } = bitmap
  const pixels = bitmap.rows.flatMap((row) =>
    compression === 1 || compression === 2
      ? row
      : [...row, ...new Array<number>((4 - (row.length % 4)) % 4).fill(0)],
  )
  const table = palette.flatMap(([r, g, b]) => [b, g, r, ...(headerBytes === 12 ? [] : [0])])
  const maskBytes = headerBytes > 40 ? 0 : 4 * masks.length
  const start = 14 + headerBytes + maskBytes + table.length
  const file = Buffer.alloc(start + pixels.length)
  file.write('BM')
  file.writeUInt32LE(file.length, 2)
  file.writeUInt32LE(start, 10)
  file.writeUInt32LE(headerBytes, 14)
  if (headerBytes === 12) {
    file.writeUInt16LE(width, 18)
    file.writeUInt16LE(height, 20)
    file.writeUInt16LE(1, 22)
    file.writeUInt16LE(bits, 24)
  } else {
    file.writeInt32LE(width, 18)
    file.writeInt32LE(bitmap.topDown ? -height : height, 22)
    file.writeUInt16LE(1, 26)
    file.writeUInt16LE(bits, 28)
    file.writeUInt32LE(compression, 30)
    file.writeUInt32LE(palette.length, 46)
    masks.forEach((mask, i) => file.writeUInt32LE(mask, 54 + 4 * i))
  }
  file.set(table, 14 + headerBytes + maskBytes)
  file.set(pixels, start)
  return file
}

const decode = async (bitmap: Bitmap) => {
  const { image, warnings } = await decodeImageBytes(bmp(bitmap), 'x.bmp')
  const pixels: number[][] = []
  for (let i = 0; i < image.data.length; i += 3) pixels.push([...image.data.subarray(i, i + 3)])
  return { pixels, codes: warnings.map(({ code }) => code) }
}

const palette: readonly Rgb[] = [
  [0, 0, 0],
  [255, 0, 0],
  [0, 200, 0],
  [1, 2, 3],
]
const [black, red, green, dark] = palette

describe('bitmaps', () => {
  test('24 bits, rows from the bottom, padded', async () => {
    const rows = [
      [0, 0, 255, 1, 2, 3],
      [0, 200, 0, 9, 8, 7],
    ]
    const { pixels } = await decode({ width: 2, height: 2, bits: 24, rows })
    expect(pixels).toEqual([green, [7, 8, 9], red, [3, 2, 1]])
    const turned = await decode({ width: 2, height: 2, bits: 24, rows, topDown: true })
    expect(turned.pixels).toEqual([red, [3, 2, 1], green, [7, 8, 9]])
  })

  test('1, 4 and 8 bits with a palette, Windows and OS/2 headers', async () => {
    const one = await decode({ width: 3, height: 1, bits: 1, palette, rows: [[0b0100_0000]] })
    expect(one.pixels).toEqual([black, red, black])
    const four = await decode({ width: 3, height: 1, bits: 4, palette, rows: [[0x12, 0x30]] })
    expect(four.pixels).toEqual([red, green, dark])
    for (const headerBytes of [12, 40, 108]) {
      const rows = [[3, 2, 1, 200]]
      const { pixels } = await decode({ width: 4, height: 1, bits: 8, palette, rows, headerBytes })
      // The index beyond the table is black.
      expect(pixels).toEqual([dark, green, red, black])
    }
  })

  test('16 and 32 bits, usual and stated masks', async () => {
    const five = await decode({ width: 2, height: 1, bits: 16, rows: [[0x1f, 0x7c, 0xe0, 0x03]] })
    expect(five.pixels).toEqual([
      [255, 0, 255],
      [0, 255, 0],
    ])
    const masks = [0xf800, 0x07e0, 0x001f]
    const rows = [[0x00, 0x08, 0x20, 0x04]]
    const six = await decode({ width: 2, height: 1, bits: 16, compression: 3, masks, rows })
    expect(six.pixels).toEqual([
      [Math.round(255 / 31), 0, 0],
      [0, Math.round((33 * 255) / 63), 0],
    ])
    const padded = await decode({ width: 1, height: 1, bits: 32, rows: [[1, 2, 3, 0]] })
    expect(padded).toEqual({ pixels: [[3, 2, 1]], codes: [] })
    const ten = [0x3ff0_0000, 0xf_fc00, 0x3ff]
    const deep = await decode({
      width: 1,
      height: 1,
      bits: 32,
      compression: 3,
      masks: ten,
      rows: [[0xff, 0x03, 0, 0x20]],
    })
    expect(deep.pixels).toEqual([[Math.round((512 * 255) / 1023), 0, 255]])
  })

  test('alpha is laid on black, unless it is 0 everywhere', async () => {
    const masks = [0xff0000, 0xff00, 0xff, 0xff000000]
    const layout = { width: 2, height: 1, bits: 32, compression: 3, masks, headerBytes: 108 }
    const seen = await decode({ ...layout, rows: [[10, 20, 200, 128, 10, 20, 200, 255]] })
    expect(seen).toEqual({
      pixels: [
        [100, 10, 5],
        [200, 20, 10],
      ],
      codes: ['W_ALPHA_DROPPED'],
    })
    const empty = await decode({ ...layout, rows: [[10, 20, 200, 0, 1, 2, 3, 0]] })
    expect(empty).toEqual({
      pixels: [
        [200, 20, 10],
        [3, 2, 1],
      ],
      codes: [],
    })
  })

  test('run lengths of 8 and 4 bits: runs, literals, skips and ends', async () => {
    const eight = [
      [3, 1, 0, 0], // a run of 3 and the end of the row
      [0, 3, 2, 3, 1, 0, 0, 0], // three literals, padded, end of row
      [0, 2, 2, 0, 1, 2, 0, 1], // skip 2, a run of 1, end of the picture
    ]
    const { pixels } = await decode({
      width: 3,
      height: 3,
      bits: 8,
      palette,
      compression: 1,
      rows: eight,
    })
    expect(pixels).toEqual([black, black, green, green, dark, red, red, red, red])
    const four = [[3, 0x12, 0, 3, 0x21, 0x30, 0, 0, 0, 1]]
    const nibbles = await decode({
      width: 6,
      height: 1,
      bits: 4,
      palette,
      compression: 2,
      rows: four,
    })
    expect(nibbles.pixels).toEqual([red, green, red, green, red, dark])
  })

  const failing = async (file: Uint8Array) => {
    const error: unknown = await decodeImageBytes(file, 'x.bmp').catch((fault: unknown) => fault)
    return error instanceof AppError ? error.code : 'decoded'
  }

  test('cut, absurd and contradictory files get their codes', async () => {
    const good = bmp({
      width: 2,
      height: 2,
      bits: 24,
      rows: [
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
      ],
    })
    const patched = (at: number, value: number) => {
      const copy = Buffer.from(good)
      copy.writeInt32LE(value, at)
      return failing(copy)
    }
    expect(await failing(good.subarray(0, good.length - 1))).toBe('E_IMAGE_TRUNCATED')
    expect(await failing(good.subarray(0, 40))).toBe('E_IMAGE_TRUNCATED')
    expect(await patched(18, 2_000_000_000)).toBe('E_IMAGE_TOO_LARGE')
    expect(await patched(22, -2_147_483_648)).toBe('E_IMAGE_TOO_LARGE')
    expect(await patched(18, -2)).toBe('E_IMAGE_CORRUPT')
    expect(await patched(18, 0)).toBe('E_IMAGE_CORRUPT')
    expect(await patched(14, 7)).toBe('E_IMAGE_CORRUPT')
    expect(await patched(28, 5)).toBe('E_IMAGE_CORRUPT')
    expect(await patched(30, 4)).toBe('E_IMAGE_UNSUPPORTED')
    const rle = bmp({ width: 9, height: 9, bits: 8, palette, compression: 1, rows: [[9, 1, 0, 0]] })
    expect(await failing(rle)).toBe('E_IMAGE_TRUNCATED')
  })

  test('any bytes behind a header give an image or an error', async () => {
    const start = bmp({ width: 5, height: 4, bits: 8, palette, compression: 1, rows: [] })
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 120 }),
        fc.constantFrom<[number, number]>(
          [8, 1],
          [4, 2],
          [1, 0],
          [24, 0],
          [16, 3],
          [32, 3],
          [32, 6],
        ),
        async (body, [bits, compression]) => {
          const file = Buffer.concat([start, body])
          file.writeUInt16LE(bits, 28)
          file.writeUInt32LE(compression, 30)
          const answer: unknown = await decodeImageBytes(file, 'x.bmp').catch(
            (error: unknown) => error,
          )
          if (answer instanceof Error) expect(answer).toBeInstanceOf(AppError)
          else expect(answer).toMatchObject({ image: { width: 5, height: 4 } })
        },
      ),
      { numRuns: 200 },
    )
  })
})
