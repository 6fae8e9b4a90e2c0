import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { frameOf } from '../../../src/engine/import/frame'
import { turnBox, turnShape } from '../../../src/engine/import/turn'
import { applyOrientation } from '../../../src/engine/images/decode-image-pixels'
import { decodeRle, encodeMask, rleBox } from '../../../src/shared/vision/rle'

const sizes = fc.record({
  width: fc.integer({ min: 1, max: 9 }),
  height: fc.integer({ min: 1, max: 9 }),
})
const orientations = fc.integer({ min: 1, max: 8 })

test('masks and boxes go where the decoder puts the pixels', () => {
  fc.assert(
    fc.property(
      sizes,
      orientations,
      fc.infiniteStream(fc.nat(1)),
      ({ width, height }, orientation, stream) => {
        const bits = Uint8Array.from({ length: width * height }, () => Number(stream.next().value))
        const turn = { orientation, width, height }
        const rgb = new Uint8Array(3 * bits.length)
        bits.forEach((bit, i) => rgb.fill(bit, 3 * i, 3 * i + 3))
        const shown = applyOrientation({ data: rgb, width, height }, orientation)
        const expected = shown.data.filter((_, i) => i % 3 === 0)
        const mask = encodeMask({ width, height, bits })
        const turned = turnShape({ mask }, turn).mask
        if (!turned) throw new Error('the mask is lost')
        expect([turned.width, turned.height]).toEqual([shown.width, shown.height])
        expect(decodeRle(turned).bits).toEqual(expected)
        // Of one pixel, so that a run over a column's end cannot widen the box.
        const pixel = new Uint8Array(bits.length)
        pixel[stream.next().value === 1 ? bits.length - 1 : 0] = 1
        const one = encodeMask({ width, height, bits: pixel })
        const moved = turnShape({ mask: one }, turn).mask
        if (moved) expect(turnBox(rleBox(one), turn)).toEqual([...rleBox(moved)])
      },
    ),
  )
})

test('polygons turn with their boxes; sides keep their length to the last bit', () => {
  const coordinate = fc.double({ min: -20, max: 40, noNaN: true })
  fc.assert(
    fc.property(
      sizes,
      orientations,
      fc.tuple(coordinate, coordinate, coordinate, coordinate),
      (size, orientation, box) => {
        const turn = { orientation, ...size }
        const [, , w, h] = turnBox(box, turn)
        expect([w, h]).toEqual(orientation >= 5 ? [box[3], box[2]] : [box[2], box[3]])
        const [x, y] = box
        const points = turnShape({ polygons: [[x, y]] }, turn).polygons?.[0]
        expect(points).toEqual(turnBox([x, y, 0, 0], turn).slice(0, 2))
      },
    ),
  )
})

describe('which frame boxes are given in', () => {
  const stored = { width: 48, height: 32 }
  const codes = (stated: { width: number; height: number } | null, orientation: number) => {
    const { turn, upright, warnings } = frameOf('x.jpg', stated, stored, orientation)
    return { turned: turn.orientation !== 1, upright, codes: warnings.map(({ code }) => code) }
  }
  const turnedSize = { width: 32, height: 48 }

  test('upright pictures', () => {
    expect(codes(stored, 1)).toEqual({ turned: false, upright: stored, codes: [] })
    expect(codes(null, 1)).toEqual({ turned: false, upright: stored, codes: [] })
    expect(codes(turnedSize, 1).codes).toEqual(['W_IMAGE_SIZE_MISMATCH'])
  })

  test('turned pictures: the stored raster if its size is stated, or none; else the turned one', () => {
    const said = ['W_EXIF_ORIENTATION']
    expect(codes(stored, 6)).toEqual({ turned: true, upright: turnedSize, codes: said })
    expect(codes(null, 6)).toEqual({ turned: true, upright: turnedSize, codes: said })
    expect(codes(turnedSize, 6)).toEqual({ turned: false, upright: turnedSize, codes: said })
    expect(codes(stored, 3)).toEqual({ turned: true, upright: stored, codes: said })
    expect(codes({ width: 96, height: 64 }, 6).codes).toEqual(['W_IMAGE_SIZE_MISMATCH', ...said])
    const square = { width: 5, height: 5 }
    expect(frameOf('x.jpg', square, square, 6).turn.orientation).toBe(6)
  })
})
