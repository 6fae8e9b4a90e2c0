import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { decodeImageBytes, type DecodedImage } from '../../../src/engine/images/decode-image'
import { AppError } from '../../../src/shared/errors'

const fixtures = join(import.meta.dirname, '../../fixtures/images')
const samples = new Map<string, Uint8Array>()
const names = ['jpeg', 'progressive', 'png', 'palette', 'webp', 'gif', 'tiff', 'exif', 'bmp']

beforeAll(async () => {
  const data = Uint8Array.from({ length: 3 * 24 * 17 }, (_, i) => (i * i * 7 + i) & 255)
  const picture = () => sharp(data, { raw: { width: 24, height: 17, channels: 3 } })
  samples.set('jpeg', await picture().jpeg({ quality: 60 }).toBuffer())
  samples.set('progressive', await picture().jpeg({ progressive: true }).toBuffer())
  samples.set('png', await picture().png().toBuffer())
  samples.set('palette', readFileSync(join(fixtures, 'palette.png')))
  samples.set('webp', await picture().webp({ lossless: true }).toBuffer())
  samples.set('gif', readFileSync(join(fixtures, 'animated.gif')))
  samples.set('tiff', await picture().tiff({ compression: 'lzw' }).toBuffer())
  samples.set('exif', readFileSync(join(fixtures, 'exif-6.jpg')))
  const bmp = Buffer.alloc(54 + 17 * 72)
  bmp.write('BM')
  bmp.writeUInt32LE(54, 10)
  bmp.writeUInt32LE(40, 14)
  bmp.writeInt32LE(24, 18)
  bmp.writeInt32LE(17, 22)
  bmp.writeUInt16LE(24, 28)
  samples.set('bmp', bmp)
})

/** The picture, or the code of a proper error; anything else fails the test. */
async function decodeOrCode(bytes: Uint8Array): Promise<DecodedImage | string> {
  try {
    const decoded = await decodeImageBytes(bytes, 'sample')
    const { data, width, height } = decoded.image
    expect(data.length).toBe(3 * width * height)
    return decoded
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    expect(error.code).toMatch(/^E_IMAGE_/)
    expect(error.message).not.toContain('\n')
    return error.code
  }
}

describe('bytes that are not as they should be', () => {
  test.each(names)('%s: changed bytes give a picture or an error', async (name) => {
    const sample = samples.get(name)!
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (changes) => {
          const bytes = Uint8Array.from(sample)
          for (const [at, value] of changes) bytes[at] = value
          await decodeOrCode(bytes)
        },
      ),
      { numRuns: 25 },
    )
  })

  test.each(names)(
    '%s: a cut file is refused, or nothing of the picture is missing',
    async (name) => {
      const sample = samples.get(name)!
      const whole = await decodeOrCode(sample)
      if (typeof whole === 'string') throw new Error(whole)
      for (let i = 0; i < 30; i++) {
        const length = Math.floor((sample.length * i) / 30)
        const answer = await decodeOrCode(sample.subarray(0, length))
        if (typeof answer === 'string') {
          const allowed = ['E_IMAGE_TRUNCATED', 'E_IMAGE_CORRUPT', 'E_IMAGE_UNKNOWN_FORMAT']
          expect(allowed).toContain(answer)
        } else {
          expect(answer.image).toEqual(whole.image)
        }
      }
    },
  )
})
