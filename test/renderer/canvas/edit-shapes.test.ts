import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  drawingOf,
  editShapeOf,
  pixelsOf,
  polygonOf,
  rectOf,
  rleTextOf,
  shiftMask,
  withBox,
  xywhOf,
  type EditShape,
} from '../../../src/renderer/screens/annotate/shapes'
import { vulnerableMask } from '../../../src/renderer/screens/image/certificate-map'
import { emptyMask, maskArea } from '../../../src/shared/vision/mask'

const frame = { width: 60, height: 40 }
const boxes = fc
  .tuple(fc.nat(40), fc.nat(25), fc.integer({ min: 3, max: 19 }), fc.integer({ min: 3, max: 14 }))
  .map(([x, y, w, h]) => ({ left: x, top: y, right: x + w, bottom: y + h }))
const shapes: fc.Arbitrary<EditShape> = fc.oneof(
  boxes.map((box): EditShape => ({ kind: 'rectangle', box })),
  boxes.map((box): EditShape => ({ kind: 'circle', box })),
  boxes.map(({ left, top, right, bottom }) => polygonOf([[left, top, right, top, right, bottom]])),
)

/** As the project gives a drawing back. */
function stored(shape: EditShape) {
  const drawing = drawingOf(shape, frame)
  return {
    box: drawing?.box ?? xywhOf(shape.box),
    shape: drawing?.shape ?? null,
    drawnAs: drawing?.drawnAs ?? null,
  }
}

test('what was drawn comes back with the same handles and the same pixels', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const back = editShapeOf(stored(shape))
      expect(back.kind).toBe(shape.kind)
      expect(back.box).toEqual(shape.box)
      expect(pixelsOf(back, frame).bits).toEqual(pixelsOf(shape, frame).bits)
    }),
  )
})

test('a moved shape has the pixels of the shape, moved', () => {
  fc.assert(
    fc.property(
      shapes,
      fc.integer({ min: -5, max: 5 }),
      fc.integer({ min: -5, max: 5 }),
      (shape, dx, dy) => {
        const { left, top, right, bottom } = shape.box
        fc.pre(
          left + dx >= 0 &&
            top + dy >= 0 &&
            right + dx <= frame.width &&
            bottom + dy <= frame.height,
        )
        const moved = withBox(shape, {
          left: left + dx,
          top: top + dy,
          right: right + dx,
          bottom: bottom + dy,
        })
        expect(pixelsOf(moved, frame).bits).toEqual(shiftMask(pixelsOf(shape, frame), dx, dy).bits)
      },
    ),
  )
})

test('shifting loses only what leaves the picture, and back again restores the rest', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ min: 0, max: 1, minLength: 2400, maxLength: 2400 }),
      fc.integer({ min: -70, max: 70 }),
      fc.integer({ min: -50, max: 50 }),
      (bits, dx, dy) => {
        const mask = { ...frame, bits }
        const shifted = shiftMask(mask, dx, dy)
        for (let y = 0; y < frame.height; y++) {
          for (let x = 0; x < frame.width; x++) {
            const [fromX, fromY] = [x - dx, y - dy]
            const isIn = fromX >= 0 && fromY >= 0 && fromX < frame.width && fromY < frame.height
            if (shifted.bits[y * 60 + x] !== (isIn ? bits[fromY * 60 + fromX] : 0)) {
              throw new Error(`pixel ${x}, ${y}`)
            }
          }
        }
      },
    ),
    { numRuns: 30 },
  )
})

test('a mask that fills its box has handles, any other is painted', () => {
  const mask = emptyMask(frame.width, frame.height)
  for (let y = 5; y < 15; y++) mask.bits.fill(1, y * 60 + 10, y * 60 + 20)
  const patch = {
    box: [10, 5, 10, 10] as [number, number, number, number],
    shape: { mask: rleTextOf(mask) },
    drawnAs: null,
  }
  expect(editShapeOf(patch).kind).toBe('rectangle')
  mask.bits[5 * 60 + 10] = 0
  expect(editShapeOf({ ...patch, shape: { mask: rleTextOf(mask) } }).kind).toBe('mask')
  expect(
    drawingOf({ kind: 'mask', box: rectOf(patch.box), mask: emptyMask(60, 40) }, frame),
  ).toBeNull()
})

test('the map of a certificate covers what a patch covers at the places where it could change the class', () => {
  const map = {
    axis: 'x',
    patch: 4,
    from: 10,
    places: 20,
    vulnerable: [
      [12, 13],
      [25, 25],
    ],
  }
  const mask = vulnerableMask({ details: { map }, box: [10, 5, 30, 15] }, frame)
  const columns = Array.from({ length: 60 }, (_, x) => x).filter(
    (x) => mask?.bits[10 * 60 + x] === 1,
  )
  expect(columns).toEqual([12, 13, 14, 15, 16, 25, 26, 27, 28])
  expect(mask && maskArea(mask)).toBe(9 * 10)
  expect(vulnerableMask({ details: {}, box: null }, frame)).toBeNull()
  expect(vulnerableMask({ details: { map: { axis: 'z' } }, box: null }, frame)).toBeNull()
})
