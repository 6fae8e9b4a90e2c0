import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ellipseMask, paintStroke } from '../../../src/renderer/canvas/brush'
import { emptyMask } from '../../../src/shared/vision/mask'
import { decodeRle, encodeMask, rleArea } from '../../../src/shared/vision/rle'

const [width, height] = [40, 30]
const point = fc.record({
  x: fc.double({ min: -10, max: 50, noNaN: true }),
  y: fc.double({ min: -10, max: 40, noNaN: true }),
})

/** Distance from a point to a stroke by walking along it, not by a formula. */
function distanceTo(
  x: number,
  y: number,
  from: { x: number; y: number },
  to: { x: number; y: number },
) {
  let nearest = Infinity
  for (let step = 0; step <= 400; step++) {
    const t = step / 400
    nearest = Math.min(
      nearest,
      Math.hypot(x - from.x - t * (to.x - from.x), y - from.y - t * (to.y - from.y)),
    )
  }
  return nearest
}

test('a stroke sets the pixels within its radius; as runs it is the same mask', () => {
  fc.assert(
    fc.property(point, point, fc.double({ min: 0.5, max: 12, noNaN: true }), (from, to, radius) => {
      const mask = emptyMask(width, height)
      paintStroke(mask, from, to, radius, 1)
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const distance = distanceTo(x + 0.5, y + 0.5, from, to)
          if (Math.abs(distance - radius) < 0.1) continue // as near as the walk can tell
          expect(mask.bits[y * width + x]).toBe(distance < radius ? 1 : 0)
        }
      }
      const runs = encodeMask(mask)
      expect(decodeRle(runs).bits).toEqual(mask.bits)
      expect(rleArea(runs)).toBe(mask.bits.reduce((sum, bit) => sum + bit, 0))
    }),
    { numRuns: 15 },
  )
})

test('the eraser takes away what the brush has drawn, and no more', () => {
  fc.assert(
    fc.property(point, point, fc.double({ min: 1, max: 8, noNaN: true }), (from, to, radius) => {
      const mask = emptyMask(width, height)
      mask.bits.fill(1)
      const brushed = emptyMask(width, height)
      paintStroke(brushed, from, to, radius, 1)
      paintStroke(mask, from, to, radius, 0)
      mask.bits.forEach((bit, i) => {
        expect(bit).toBe(1 - brushed.bits[i]!)
      })
    }),
    { numRuns: 40 },
  )
})

test('an ellipse holds the pixels whose middle it holds', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -5, max: 35 }),
      fc.integer({ min: -5, max: 25 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 30 }),
      (x, y, w, h) => {
        const mask = ellipseMask([x, y, w, h], { width, height })
        for (let row = 0; row < height; row++) {
          for (let column = 0; column < width; column++) {
            const dx = (column + 0.5 - x - w / 2) / (w / 2)
            const dy = (row + 0.5 - y - h / 2) / (h / 2)
            const far = dx * dx + dy * dy
            if (Math.abs(far - 1) < 1e-9) continue
            expect(mask.bits[row * width + column]).toBe(far < 1 ? 1 : 0)
          }
        }
      },
    ),
    { numRuns: 60 },
  )
})
