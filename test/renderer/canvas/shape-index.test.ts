import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ShapeIndex } from '../../../src/renderer/canvas/shape-index'

const coordinate = fc.integer({ min: -50, max: 1_000 })
const boxes = fc
  .array(
    fc.tuple(
      coordinate,
      coordinate,
      fc.integer({ min: 0, max: 600 }),
      fc.integer({ min: 0, max: 200 }),
    ),
    { maxLength: 200 },
  )
  .map((list) => Float64Array.from(list.flatMap(([x, y, w, h]) => [x, y, x + w, y + h])))

test('finds exactly the boxes that a look at each would find, in order and once', () => {
  fc.assert(
    fc.property(
      boxes,
      coordinate,
      coordinate,
      fc.nat(700),
      fc.nat(700),
      (boxes, left, top, w, h) => {
        const rect = { left, top, right: left + w, bottom: top + h }
        const expected = Array.from({ length: boxes.length / 4 }, (_, i) => i).filter(
          (i) =>
            boxes[4 * i]! <= rect.right &&
            boxes[4 * i + 2]! >= rect.left &&
            boxes[4 * i + 1]! <= rect.bottom &&
            boxes[4 * i + 3]! >= rect.top,
        )
        const index = new ShapeIndex(boxes)
        expect(index.within(rect)).toEqual(expected)
        // A second question is not confused by the first.
        expect(index.within(rect)).toEqual(expected)
      },
    ),
  )
})

test('a press means the smallest box that holds it', () => {
  const index = new ShapeIndex(
    Float64Array.of(0, 0, 100, 100, 20, 20, 60, 60, 30, 30, 40, 40, 70, 70, 90, 90),
  )
  expect(index.at(35, 35, 2)).toBe(2)
  expect(index.at(50, 50, 2)).toBe(1)
  expect(index.at(5, 50, 2)).toBe(0)
  expect(index.at(61, 50, 2)).toBe(1)
  expect(index.at(300, 50, 2)).toBe(-1)
  expect(index.at(35, 35, 2, (i) => i !== 2)).toBe(1)
})

test('an empty index answers nothing', () => {
  const index = new ShapeIndex(new Float64Array(0))
  expect(index.within({ left: -1e9, top: -1e9, right: 1e9, bottom: 1e9 })).toEqual([])
  expect(index.at(0, 0, 10)).toBe(-1)
})
