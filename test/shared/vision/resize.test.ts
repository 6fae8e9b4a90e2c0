import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { modelInputSchema } from '../../../src/shared/model-card'
import { boxToModel, boxToSource, planResize } from '../../../src/shared/vision/resize'

const side = fc.integer({ min: 1, max: 4000 })
const inputs = fc
  .record({
    width: fc.integer({ min: 32, max: 1024 }),
    height: fc.integer({ min: 32, max: 1024 }),
    resize: fc.constantFrom('letterbox', 'stretch'),
    anchor: fc.constantFrom('top-left', 'center'),
    dynamic: fc.boolean(),
    multipleOf: fc.constantFrom(1, 8, 32),
  })
  .map((fields) =>
    modelInputSchema.parse({ name: 'images', range: 255, channelOrder: 'rgb', ...fields }),
  )

describe('planResize', () => {
  test('the picture lies inside the canvas, and the canvas has the size the model asked for', () => {
    fc.assert(
      fc.property(inputs, side, side, (input, width, height) => {
        const plan = planResize(input, width, height)
        expect(plan.contentWidth).toBeGreaterThanOrEqual(1)
        expect(plan.contentHeight).toBeGreaterThanOrEqual(1)
        expect(plan.offsetX + plan.contentWidth).toBeLessThanOrEqual(plan.width)
        expect(plan.offsetY + plan.contentHeight).toBeLessThanOrEqual(plan.height)
        if (input.dynamic) {
          expect(plan.width % input.multipleOf).toBe(0)
          expect(plan.height % input.multipleOf).toBe(0)
          expect(plan.width).toBeLessThan(input.width + input.multipleOf)
        } else {
          expect([plan.width, plan.height]).toEqual([input.width, input.height])
        }
      }),
    )
  })

  test('letterboxing keeps the aspect to within a pixel and touches two borders', () => {
    fc.assert(
      fc.property(inputs, side, side, (input, width, height) => {
        fc.pre(input.resize === 'letterbox')
        const plan = planResize(input, width, height)
        const ratio = Math.min(input.width / width, input.height / height)
        expect(plan.contentWidth).toBeGreaterThan(width * ratio - 1)
        expect(plan.contentHeight).toBeGreaterThan(height * ratio - 1)
        expect(
          plan.contentWidth === input.width || plan.contentHeight === input.height,
        ).toBeTruthy()
      }),
    )
  })

  test('boxToSource undoes boxToModel', () => {
    const coordinate = fc.double({ min: -100, max: 5000, noNaN: true })
    const boxes = fc.tuple(coordinate, coordinate, coordinate, coordinate)
    fc.assert(
      fc.property(inputs, side, side, boxes, (input, width, height, box) => {
        const plan = planResize(input, width, height)
        boxToSource(plan, boxToModel(plan, box)).forEach((value, i) => {
          expect(Math.abs(value - box[i]!)).toBeLessThan(1e-6 * (1 + Math.max(width, height)))
        })
      }),
    )
  })

  test.each([
    ['top-left', { offsetX: 0, offsetY: 0, scaleX: 0.65, scaleY: 0.65 }],
    ['center', { offsetX: 0, offsetY: 69, scaleX: 0.65, scaleY: 0.65 }],
  ])('640x427 on a 416 canvas, %s', (anchor, expected) => {
    const input = modelInputSchema.parse({
      name: 'images',
      width: 416,
      height: 416,
      range: 255,
      channelOrder: 'bgr',
      resize: 'letterbox',
      anchor,
    })
    const plan = planResize(input, 640, 427)
    expect(plan).toMatchObject({ contentWidth: 416, contentHeight: 277, ...expected })
  })
})
