import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  handleAt,
  handlePoint,
  handles,
  moveBox,
  resizeBox,
  spanBox,
} from '../../../src/renderer/canvas/box-editing'

const frame = { width: 200, height: 150 }
const free = { keepsSquare: false, fromCentre: false, sides: [], reach: 0 }
const somePoint = fc.record({
  x: fc.double({ min: -50, max: 250, noNaN: true }),
  y: fc.double({ min: -50, max: 200, noNaN: true }),
})
const someBox = fc
  .tuple(fc.nat(150), fc.nat(100), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }))
  .map(([x, y, w, h]) => ({ left: x, top: y, right: x + w, bottom: y + h }))
const someRules = fc.record({
  keepsSquare: fc.boolean(),
  fromCentre: fc.boolean(),
  sides: fc.constantFrom([], [125, 100, 75, 50, 25]),
  reach: fc.constantFrom(0, 4),
})

test('whatever is dragged where, the box is whole pixels, not empty, and inside the picture', () => {
  fc.assert(
    fc.property(
      someBox,
      fc.constantFrom(...handles),
      somePoint,
      someRules,
      (box, handle, to, rules) => {
        const after = resizeBox(box, handle, to, frame, rules)
        expect(Object.values(after).every(Number.isInteger)).toBe(true)
        expect(after.right - after.left).toBeGreaterThanOrEqual(1)
        expect(after.bottom - after.top).toBeGreaterThanOrEqual(1)
        expect(after.left).toBeGreaterThanOrEqual(0)
        expect(after.top).toBeGreaterThanOrEqual(0)
        expect(after.right).toBeLessThanOrEqual(frame.width)
        expect(after.bottom).toBeLessThanOrEqual(frame.height)
        if (rules.keepsSquare && handle.length === 2) {
          expect(after.right - after.left).toBe(after.bottom - after.top)
        }
      },
    ),
  )
})

test('the edge opposite the handle stays, and dragging a handle to where it is changes nothing', () => {
  const box = { left: 20, top: 30, right: 80, bottom: 100 }
  expect(resizeBox(box, 'e', { x: 95, y: 0 }, frame, free)).toEqual({ ...box, right: 95 })
  expect(resizeBox(box, 'nw', { x: 10, y: 12 }, frame, free)).toEqual({ ...box, left: 10, top: 12 })
  for (const handle of handles) {
    expect(resizeBox(box, handle, handlePoint(handle, box), frame, free)).toEqual(box)
  }
})

test('sides snap to the listed lengths when near, and only then', () => {
  const box = { left: 20, top: 20, right: 60, bottom: 60 }
  const rules = { ...free, sides: [75, 50, 25], reach: 3 }
  expect(resizeBox(box, 'e', { x: 72, y: 0 }, frame, rules).right).toBe(70)
  expect(resizeBox(box, 'e', { x: 76, y: 0 }, frame, rules).right).toBe(76)
})

test('a shape is drawn from its corner or around its middle', () => {
  expect(spanBox({ x: 50, y: 50 }, { x: 30, y: 20 }, frame, free)).toEqual({
    left: 30,
    top: 20,
    right: 50,
    bottom: 50,
  })
  expect(spanBox({ x: 50, y: 50 }, { x: 60, y: 55 }, frame, { ...free, fromCentre: true })).toEqual(
    {
      left: 40,
      top: 45,
      right: 60,
      bottom: 55,
    },
  )
  expect(
    spanBox({ x: 50, y: 50 }, { x: 70, y: 60 }, frame, { ...free, keepsSquare: true }),
  ).toEqual({
    left: 50,
    top: 50,
    right: 70,
    bottom: 70,
  })
})

test('a moved box keeps its size and stays in the picture', () => {
  fc.assert(
    fc.property(someBox, somePoint, (box, { x, y }) => {
      const after = moveBox(box, x, y, frame)
      expect(after.right - after.left).toBe(box.right - box.left)
      expect(after.left).toBeGreaterThanOrEqual(0)
      expect(after.bottom).toBeLessThanOrEqual(frame.height)
    }),
  )
})

test('the handle under the pointer is the nearest one', () => {
  const box = { left: 0, top: 0, right: 40, bottom: 40 }
  const view = { scale: 2, x: 10, y: 10 }
  expect(handleAt(view, box, { x: 12, y: 13 })).toBe('nw')
  expect(handleAt(view, box, { x: 50, y: 90 })).toBe('s')
  expect(handleAt(view, box, { x: 50, y: 50 })).toBeNull()
})
