import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BoxXyxy } from '../../../src/shared/vision/box'
import { boxArea, boxIoa, boxIou, boxIouMatrix, boxIouXywh } from '../../../src/shared/vision/iou'

type Xywh = [number, number, number, number]
interface IouCase {
  type: string
  dt: Xywh
  gt: Xywh
  iou: number
  iou_crowd: number
}

const file = resolve(import.meta.dirname, '../../fixtures/coco-eval/rle/bbox-iou-merge.json')
const corners = ([x, y, w, h]: Xywh): BoxXyxy => [x, y, x + w, y + h]

describe('the reference cases', () => {
  // The fixture is our own record of what pycocotools answered; its shape is the interface above.
  const { iou } = JSON.parse(readFileSync(file, 'utf8')) as { iou: IouCase[] }

  test.each(iou.filter(({ type }) => type === 'bbox'))('$dt and $gt', (sample) => {
    expect(boxIouXywh(sample.dt, sample.gt, false)).toBe(sample.iou)
    expect(boxIouXywh(sample.dt, sample.gt, true)).toBe(sample.iou_crowd)
    expect(boxIou(corners(sample.dt), corners(sample.gt))).toBeCloseTo(sample.iou, 12)
    expect(boxIoa(corners(sample.dt), corners(sample.gt))).toBeCloseTo(sample.iou_crowd, 12)
  })
})

describe('properties', () => {
  const side = fc.double({ min: 0, max: 50, noNaN: true })
  const place = fc.double({ min: -50, max: 50, noNaN: true })
  const boxes = fc
    .tuple(place, place, side, side)
    .map(([x, y, w, h]): BoxXyxy => [x, y, x + w, y + h])

  test('is symmetric and within 0..1; a box with area covers itself', () => {
    fc.assert(
      fc.property(boxes, boxes, (a, b) => {
        expect(boxIou(a, b)).toBe(boxIou(b, a))
        expect(boxIou(a, b)).toBeGreaterThanOrEqual(0)
        expect(boxIou(a, b)).toBeLessThanOrEqual(1 + 1e-9)
        expect(boxIoa(a, b)).toBeGreaterThanOrEqual(boxIou(a, b) - 1e-9)
        expect(boxIou(a, a)).toBe(boxArea(a) > 0 ? 1 : 0)
      }),
    )
  })

  test('the matrix holds every pair', () => {
    fc.assert(
      fc.property(fc.array(boxes, { maxLength: 5 }), fc.array(boxes, { maxLength: 5 }), (a, b) => {
        const matrix = boxIouMatrix(Float64Array.from(a.flat()), Float64Array.from(b.flat()))
        expect([...matrix]).toEqual(a.flatMap((one) => b.map((other) => boxIou(one, other))))
      }),
    )
  })
})

test('touching boxes and boxes without area have 0', () => {
  expect(boxIou([0, 0, 1, 1], [1, 0, 2, 1])).toBe(0)
  expect(boxIou([0, 0, 0, 5], [0, 0, 0, 5])).toBe(0)
  expect(boxArea([3, 3, 1, 1])).toBe(0)
})
