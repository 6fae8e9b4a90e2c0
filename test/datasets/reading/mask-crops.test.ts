import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cropToRle, isInside, rleToCrop } from '../../../src/datasets/reading/mask-crops'
import { decodeRle, encodeMask, rleBox } from '../../../src/shared/vision/rle'
import { propertyRuns } from '../../support/mutations'

const bit = fc.integer({ min: 0, max: 1 })
const masks = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }))
  .chain(([width, height]) =>
    fc
      .array(bit, { minLength: width * height, maxLength: width * height })
      .map((bits) => ({ width, height, bits: Uint8Array.from(bits) })),
  )

test('a crop becomes the same runs as the whole mask, and comes out of them again', () => {
  fc.assert(
    fc.property(
      masks,
      fc.nat(3),
      fc.nat(3),
      fc.nat(3),
      fc.nat(3),
      (mask, left, top, right, bottom) => {
        const frame = { width: left + mask.width + right, height: top + mask.height + bottom }
        const whole = new Uint8Array(frame.width * frame.height)
        mask.bits.forEach((value, i) => {
          const [x, y] = [i % mask.width, Math.floor(i / mask.width)]
          whole[(top + y) * frame.width + left + x] = value
        })
        const crop = { ...mask, left, top }
        expect(isInside(crop, frame)).toBe(true)
        const rle = cropToRle(crop, frame)
        expect(rle).toEqual(encodeMask({ ...frame, bits: whole }))
        expect(rleToCrop(rle, [left, top, mask.width, mask.height])).toEqual(crop)
        const tight = rleToCrop(rle)
        expect([tight.left, tight.top, tight.width, tight.height]).toEqual(rleBox(rle))
        expect(tight.bits.reduce((sum, value) => sum + value, 0)).toBe(
          decodeRle(rle).bits.reduce((sum, value) => sum + value, 0),
        )
      },
    ),
    { numRuns: propertyRuns },
  )
})

test('what leaves the frame, or is no whole pixel, is not inside', () => {
  const frame = { width: 4, height: 3 }
  expect(isInside({ left: 0, top: 0, width: 4, height: 3 }, frame)).toBe(true)
  for (const crop of [
    { left: -1, top: 0, width: 4, height: 3 },
    { left: 1, top: 0, width: 4, height: 3 },
    { left: 0, top: 0.5, width: 4, height: 1 },
    { left: 0, top: 0, width: NaN, height: 1 },
  ]) {
    expect(isInside(crop, frame)).toBe(false)
  }
})
