import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fills, removePatches } from '../../../src/defenses/segment-and-complete/remove-patches'
import { inpaint } from '../../../src/engine/images/inpaint'
import type { Mask, RgbImage } from '../../../src/shared/vision'

const scenes = fc
  .record({ width: fc.integer({ min: 1, max: 20 }), height: fc.integer({ min: 1, max: 20 }) })
  .chain(({ width, height }) => {
    const pixels = width * height
    return fc.record({
      image: fc
        .uint8Array({ minLength: 3 * pixels, maxLength: 3 * pixels })
        .map((data): RgbImage => ({ data, width, height })),
      mask: fc
        .array(fc.boolean(), { minLength: pixels, maxLength: pixels })
        .map((on): Mask => ({ bits: Uint8Array.from(on, Number), width, height })),
    })
  })

describe.each(fills)('removal with %s', (fill) => {
  test('touches no byte outside the mask and leaves its inputs alone', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, async ({ image, mask }) => {
        const before = image.data.slice()
        const removed = await removePatches(image, mask, fill, inpaint)
        expect(image.data).toEqual(before)
        for (let pixel = 0; pixel < mask.bits.length; pixel++) {
          if (mask.bits[pixel] === 1) continue
          expect(removed.data.subarray(3 * pixel, 3 * pixel + 3)).toEqual(
            image.data.subarray(3 * pixel, 3 * pixel + 3),
          )
        }
      }),
      { numRuns: 100 },
    )
  })

  test('an empty mask gives back the very same image', async () => {
    const image = { data: Uint8Array.from([1, 2, 3, 4, 5, 6]), width: 2, height: 1 }
    const mask = { bits: new Uint8Array(2), width: 2, height: 1 }
    expect(await removePatches(image, mask, fill, inpaint)).toBe(image)
  })

  test('a mask of another size is refused', async () => {
    const image = { data: new Uint8Array(12), width: 2, height: 2 }
    const mask = { bits: Uint8Array.from([1]), width: 1, height: 1 }
    await expect(removePatches(image, mask, fill, inpaint)).rejects.toThrow('1x1')
  })
})

test('black is 0 exactly inside the mask', async () => {
  await fc.assert(
    fc.asyncProperty(scenes, async ({ image, mask }) => {
      const removed = await removePatches(image, mask, 'black', inpaint)
      removed.data.forEach((value, i) => {
        expect(value).toBe(mask.bits[Math.floor(i / 3)] === 1 ? 0 : image.data[i])
      })
    }),
  )
})

test('mean is the mean colour of what stays', async () => {
  const image = {
    data: Uint8Array.from([10, 20, 30, 20, 40, 60, 255, 255, 255]),
    width: 3,
    height: 1,
  }
  const mask = { bits: Uint8Array.from([0, 0, 1]), width: 3, height: 1 }
  const removed = await removePatches(image, mask, 'mean', inpaint)
  expect([...removed.data.subarray(6)]).toEqual([15, 30, 45])
})

test.each([30, 900])('inpainting continues an even surface of %i pixels', async (side) => {
  const image = { data: new Uint8Array(3 * side * side).fill(77), width: side, height: side }
  const mask = { bits: new Uint8Array(side * side), width: side, height: side }
  for (let y = side / 10; y < (9 * side) / 10; y++) {
    for (let x = side / 10; x < (9 * side) / 10; x++) {
      mask.bits[side * y + x] = 1
      image.data.fill(255, 3 * (side * y + x), 3 * (side * y + x) + 3)
    }
  }
  const removed = await removePatches(image, mask, 'inpaint', inpaint)
  const worst = removed.data.reduce((most, value) => Math.max(most, Math.abs(value - 77)), 0)
  expect(worst).toBeLessThanOrEqual(1)
})
