import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { maskToPng } from '../../../src/engine/images/encode-png'
import { readMask, type ReadMask } from '../../../src/engine/images/read-mask'
import { AppError } from '../../../src/shared/errors'
import { maskArea } from '../../../src/shared/vision/mask'
import { temporaryFolder } from '../temporary-folder'

const fixtures = join(import.meta.dirname, '../../fixtures/images/masks')
const folder = temporaryFolder()
const cases = z
  .array(
    z.object({
      path: z.string(),
      decision: z.string(),
      code: z.string().nullable(),
      what: z.string(),
      pixels: z.number().optional(),
      pixels_tolerance: z.number().default(0),
      instances: z.array(z.number()).optional(),
      value: z.number().optional(),
    }),
  )
  .parse(JSON.parse(readFileSync(join(fixtures, 'masks.json'), 'utf8')))

const size = { width: 48, height: 32 }

describe('every hostile mask gets its decision', () => {
  test.each(cases)('$path: $code, $what', async ({ path, code, decision, ...expected }) => {
    const answer: unknown = await readMask(join(fixtures, path), { size }).catch(
      (error: unknown) => error,
    )
    if (decision === 'skip-file') {
      expect(answer).toBeInstanceOf(AppError)
      expect(answer).toMatchObject({ code })
      return
    }
    if (answer instanceof Error) throw answer
    const { mask, warnings, levels } = answer as ReadMask // the promise gives nothing else
    expect(warnings.map((warning) => warning.code)).toEqual(code === null ? [] : [code])
    if (expected.pixels !== undefined) {
      expect(Math.abs(maskArea(mask) - expected.pixels)).toBeLessThanOrEqual(
        expected.pixels_tolerance,
      )
    }
    if (expected.instances) expect(levels.map(({ pixels }) => pixels)).toEqual(expected.instances)
    if (expected.value) expect(levels.map(({ value }) => value)).toContain(expected.value)
  })

  test('exchanged sides are named as such', async () => {
    await expect(readMask(join(fixtures, 'transposed.png'), { size })).rejects.toThrow(
      /32x48 pixels and its picture 48x32; width and height are exchanged\.$/,
    )
  })
})

test('what was written is read back, bit for bit', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.nat(1), { minLength: 1, maxLength: 200 }),
      async (width, bits) => {
        const height = Math.ceil(bits.length / width)
        const mask = { width, height, bits: new Uint8Array(width * height) }
        mask.bits.set(bits)
        const path = join(folder, 'again.png')
        writeFileSync(path, await maskToPng(mask))
        const read = await readMask(path)
        expect(read.mask).toEqual(mask)
      },
    ),
    { numRuns: 30 },
  )
})

test('soft edges are cut at half, and that is told', async () => {
  const path = join(folder, 'soft.png')
  const grey = Uint8Array.of(0, 40, 127, 128, 255, 255, 0, 0, 0)
  await sharp(grey, { raw: { width: 3, height: 3, channels: 1 } })
    .png()
    .toFile(path)
  const { mask, warnings } = await readMask(path)
  expect([...mask.bits]).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0])
  expect(warnings.map(({ code }) => code)).toEqual(['W_MASK_VALUES'])
  expect(warnings[0]!.message).toContain('above half')
})

test('RGBA masks count by colour; broken and cut files have their codes', async () => {
  const path = join(folder, 'rgba.png')
  const pixels = Uint8Array.of(255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 0)
  await sharp(pixels, { raw: { width: 2, height: 2, channels: 4 } })
    .png()
    .toFile(path)
  expect([...(await readMask(path)).mask.bits]).toEqual([1, 0, 1, 0])
  const whole = readFileSync(path)
  writeFileSync(path, whole.subarray(0, whole.length - 20))
  await expect(readMask(path)).rejects.toMatchObject({ code: 'E_IMAGE_TRUNCATED' })
  const broken = Buffer.from(whole)
  broken[45] = broken[45]! ^ 0x10
  writeFileSync(path, broken)
  await expect(readMask(path)).rejects.toMatchObject({ code: 'E_IMAGE_CORRUPT' })
  const bomb = join(import.meta.dirname, '../../fixtures/images/bomb-real.png')
  await expect(readMask(bomb)).rejects.toMatchObject({ code: 'E_IMAGE_TOO_LARGE' })
})

test('interlaced PNG and lossless formats are read', async () => {
  const bits = Uint8Array.from({ length: 90 }, (_, i) => (i % 7 === 0 ? 255 : 0))
  const raw = { width: 10, height: 9, channels: 1 } as const
  for (const [name, file] of [
    ['interlaced.png', await sharp(bits, { raw }).png({ progressive: true }).toBuffer()],
    ['mask.gif', await sharp(bits, { raw }).gif().toBuffer()],
    ['mask.tif', await sharp(bits, { raw }).tiff({ compression: 'lzw' }).toBuffer()],
  ] as const) {
    writeFileSync(join(folder, name), file)
    const { mask, warnings } = await readMask(join(folder, name))
    expect([name, ...mask.bits]).toEqual([name, ...bits.map((value) => value / 255)])
    expect(warnings).toEqual([])
  }
})
