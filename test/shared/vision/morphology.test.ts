import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Mask } from '../../../src/shared/vision/mask'
import { maskBounds } from '../../../src/shared/vision/mask-bounds'
import { closeMask, dilateMask, erodeMask } from '../../../src/shared/vision/morphology'
import { masks, maskOfRows } from './masks'

const radii = fc.integer({ min: 0, max: 15 })

test('dilation sets what any pixel of the square sets; outside is empty', () => {
  fc.assert(
    fc.property(masks(16), radii, (mask, radius) => {
      expect(dilateMask(mask, radius)).toEqual(throughSquare(mask, radius, 'any'))
    }),
    { numRuns: 300 },
  )
})

test('erosion keeps what every pixel of the square keeps; outside is full', () => {
  fc.assert(
    fc.property(masks(16), radii, (mask, radius) => {
      expect(erodeMask(mask, radius)).toEqual(throughSquare(mask, radius, 'every'))
    }),
    { numRuns: 300 },
  )
})

test('closing is dilation, then erosion, also where only a corner of the frame is worked on', () => {
  const islands = fc
    .tuple(masks(8), fc.nat(20), fc.nat(20), fc.nat(20), fc.nat(20))
    .map(([mask, left, top, right, bottom]) => inside(mask, left, top, right, bottom))
  fc.assert(
    fc.property(islands, radii, (mask, radius) => {
      const direct = throughSquare(throughSquare(mask, radius, 'any'), radius, 'every')
      expect(closeMask(mask, radius)).toEqual(direct)
    }),
    { numRuns: 300 },
  )
})

test('closing holds the mask, and closing again changes nothing', () => {
  fc.assert(
    fc.property(masks(20), radii, (mask, radius) => {
      const closed = closeMask(mask, radius)
      expect(mask.bits.every((bit, i) => bit <= closed.bits[i]!)).toBe(true)
      expect(closeMask(closed, radius)).toEqual(closed)
    }),
  )
})

test('a gap is closed when the square does not fit into it', () => {
  const row = '.'.repeat(20) + '#....#' + '.'.repeat(20)
  const mask = maskOfRows([row, row, row])
  const joined = row.replace('#....#', '######')
  expect(closeMask(mask, 1)).toEqual(mask)
  expect(closeMask(mask, 2)).toEqual(maskOfRows([joined, joined, joined]))
})

test('a radius beyond the frame is no fault', () => {
  const mask = maskOfRows(['#..', '...', '..#'])
  expect(closeMask(mask, 1000)).toEqual(maskOfRows(['###', '###', '###']))
})

test('bounds are tight, and null for an empty mask', () => {
  expect(maskBounds(maskOfRows(['....', '.##.', '..#.', '....']))).toEqual([1, 1, 3, 3])
  expect(maskBounds(maskOfRows(['....']))).toBeNull()
})

function throughSquare({ width, height, bits }: Mask, radius: number, rule: 'any' | 'every'): Mask {
  const result = bits.map((_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)]
    let count = 0
    let pixels = 0
    for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++) {
      for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++) {
        count += bits[v * width + u]!
        pixels++
      }
    }
    return (rule === 'any' ? count > 0 : count === pixels) ? 1 : 0
  })
  return { width, height, bits: result }
}

function inside(mask: Mask, left: number, top: number, right: number, bottom: number): Mask {
  const [width, height] = [mask.width + left + right, mask.height + top + bottom]
  const bits = new Uint8Array(width * height)
  mask.bits.forEach((bit, i) => {
    bits[(Math.floor(i / mask.width) + top) * width + (i % mask.width) + left] = bit
  })
  return { width, height, bits }
}
