import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { decodeImage, type DecodedImage } from '../../../src/engine/images/decode-image'
import { AppError } from '../../../src/shared/errors'

const folder = join(import.meta.dirname, '../../fixtures/images')
const cases = z
  .array(
    z.object({
      path: z.string(),
      decision: z.enum(['accept', 'accept-with-warning', 'skip-file']),
      code: z.string().nullable(),
      what: z.string(),
      probe: z
        .object({
          xy: z.tuple([z.number(), z.number()]),
          rgb_near: z.array(z.number()),
          tolerance: z.number(),
          also: z
            .object({
              xy: z.tuple([z.number(), z.number()]),
              rgb_near: z.array(z.number()),
              tolerance: z.number(),
            })
            .optional(),
        })
        .optional(),
      stored_size: z.array(z.number()).optional(),
      displayed_size: z.array(z.number()).optional(),
    }),
  )
  .parse(JSON.parse(readFileSync(join(folder, 'hostile.json'), 'utf8')))

describe('every hostile picture gets its decision', () => {
  test.each(cases)('$path: $code, $what', async ({ path, decision, code, ...more }) => {
    const started = performance.now()
    const answer = await decodeImage(join(folder, path)).catch((error: unknown) => error)
    expect(performance.now() - started).toBeLessThan(2000)
    if (decision === 'skip-file') {
      if (!(answer instanceof AppError)) throw answer
      expect(answer.code).toBe(code)
      expect(answer.message).toContain(path)
      return
    }
    if (answer instanceof Error) throw answer
    const decoded = answer as DecodedImage // the promise gives nothing else
    expect(decoded.warnings.map((warning) => warning.code)).toEqual(code === null ? [] : [code])
    for (const warning of decoded.warnings) expect(warning.message).toContain(path)
    for (const probe of [more.probe, more.probe?.also]) {
      if (probe === undefined) continue
      const found = pixel(decoded, ...probe.xy)
      probe.rgb_near.forEach((value, i) => {
        expect(Math.abs(value - found[i]!)).toBeLessThanOrEqual(probe.tolerance)
      })
    }
    if (more.stored_size) {
      expect([decoded.storedWidth, decoded.storedHeight]).toEqual(more.stored_size)
      expect([decoded.image.width, decoded.image.height]).toEqual(more.displayed_size)
    }
  })

  test('the size bomb is refused without decoding it', async () => {
    const before = process.memoryUsage().rss
    const started = performance.now()
    for (const name of ['bomb-header.png', 'bomb-real.png', 'bomb-header.jpg']) {
      await expect(decodeImage(join(folder, name))).rejects.toMatchObject({
        code: 'E_IMAGE_TOO_LARGE',
      })
    }
    expect(performance.now() - started).toBeLessThan(100)
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20)
  })

  test('all orientations of one picture come out the same way up', async () => {
    const upright = await decodeImage(join(folder, 'good.jpg'))
    for (const orientation of [2, 3, 4, 5, 6, 7, 8]) {
      const decoded = await decodeImage(join(folder, `exif-${orientation}.jpg`))
      expect(decoded.orientation).toBe(orientation)
      // These files hold the same raster with another tag, so what is shown is the raster turned as the tag says.
      expect(decoded.image.data).toEqual(turned(upright, orientation))
    }
  })
})

const pixel = ({ image }: DecodedImage, x: number, y: number) =>
  image.data.subarray(3 * (y * image.width + x), 3 * (y * image.width + x) + 3)

/** The definition of the tag, pixel by pixel: where row 0 and column 0 of the raster lie in the picture. */
function turned({ image }: DecodedImage, orientation: number): Uint8Array {
  const { width: w, height: h, data } = image
  const outWidth = orientation >= 5 ? h : w
  const out = new Uint8Array(data.length)
  for (let row = 0; row < h; row++) {
    for (let column = 0; column < w; column++) {
      const [x, y] = {
        2: [w - 1 - column, row], // row 0 top, column 0 right
        3: [w - 1 - column, h - 1 - row], // row 0 bottom, column 0 right
        4: [column, h - 1 - row], // row 0 bottom, column 0 left
        5: [row, column], // row 0 left, column 0 top
        6: [h - 1 - row, column], // row 0 right, column 0 top
        7: [h - 1 - row, w - 1 - column], // row 0 right, column 0 bottom
        8: [row, w - 1 - column], // row 0 left, column 0 bottom
      }[orientation]!
      const from = 3 * (row * w + column)
      out.set(data.subarray(from, from + 3), 3 * (y! * outWidth + x!))
    }
  }
  return out
}
