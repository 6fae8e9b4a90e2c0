import fc from 'fast-check'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { decodePngRaw } from '../../../src/engine/images/decode-png-raw'
import { maskToPng, probabilitiesToPng } from '../../../src/engine/images/encode-png'

const masks = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
  .chain(([width, height]) =>
    fc
      .array(fc.nat(1), { minLength: width * height, maxLength: width * height })
      .map((bits) => ({ width, height, bits: Uint8Array.from(bits) })),
  )

test('a mask becomes 0 and 255 in one channel, as another decoder reads it', async () => {
  await fc.assert(
    fc.asyncProperty(masks, async (mask) => {
      const png = await maskToPng(mask)
      const { channels, depth, space } = await sharp(png).metadata()
      expect([channels, depth, space]).toEqual([1, 'uchar', 'b-w'])
      const { data, info } = await sharp(png)
        .toColourspace('b-w')
        .raw()
        .toBuffer({ resolveWithObject: true })
      expect([info.width, info.height]).toEqual([mask.width, mask.height])
      expect([...data]).toEqual([...mask.bits].map((bit) => 255 * bit))
    }),
    { numRuns: 40 },
  )
})

test('probabilities become 16-bit numbers, rounded and clipped', async () => {
  const p = Float32Array.of(0, 1, 0.5, 1 / 65_535, -3, 7, NaN, Infinity, -Infinity, 0.25, 0.75, 1)
  const png = await probabilitiesToPng(p, 4, 3)
  expect(await sharp(png).metadata()).toMatchObject({
    channels: 1,
    depth: 'ushort',
    width: 4,
    height: 3,
  })
  const { values } = await decodePngRaw(png)
  const expected = [0, 65_535, 32_768, 1, 0, 65_535, 0, 65_535, 0, 16_384, 49_151, 65_535]
  expect([...values]).toEqual(expected)
})

test('all PNG filters are undone', async () => {
  const data = Uint8Array.from({ length: 3 * 60 * 40 }, (_, i) => ((i * 97) >> 3) & 255)
  const raw = { width: 60, height: 40, channels: 3 } as const
  const png = await sharp(data, { raw }).png({ adaptiveFiltering: true }).toBuffer()
  const { values, channels } = await decodePngRaw(png)
  expect(channels).toBe(3)
  expect(values).toEqual(data)
})
