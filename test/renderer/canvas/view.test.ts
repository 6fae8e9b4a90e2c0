import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  clampView,
  fitView,
  panBy,
  pictureRect,
  reveal,
  screenRect,
  toPicture,
  toScreen,
  zoomAt,
  zoomTo,
} from '../../../src/renderer/canvas/view'

const length = fc.integer({ min: 1, max: 5_000 })
const size = fc.record({ width: length, height: length })
const viewport = fc.record({
  width: fc.integer({ min: 200, max: 3_000 }),
  height: fc.integer({ min: 200, max: 2_000 }),
})
const place = fc.record({
  x: fc.double({ min: -2_000, max: 2_000, noNaN: true }),
  y: fc.double({ min: -2_000, max: 2_000, noNaN: true }),
})
const view = fc.record({
  scale: fc.double({ min: 0.01, max: 64, noNaN: true }),
  x: fc.double({ min: -5_000, max: 5_000, noNaN: true }),
  y: fc.double({ min: -5_000, max: 5_000, noNaN: true }),
})

test('a point goes to the screen and back', () => {
  fc.assert(
    fc.property(view, place, (view, point) => {
      const back = toPicture(view, toScreen(view, point))
      expect(back.x).toBeCloseTo(point.x, 6)
      expect(back.y).toBeCloseTo(point.y, 6)
    }),
  )
})

test('zooming keeps the point of the picture under the pointer', () => {
  fc.assert(
    fc.property(view, place, fc.double({ min: 0.01, max: 64, noNaN: true }), (view, at, scale) => {
      const under = toPicture(view, at)
      const after = toScreen(zoomAt(view, at, scale), under)
      expect(after.x).toBeCloseTo(at.x, 4)
      expect(after.y).toBeCloseTo(at.y, 4)
    }),
  )
})

test('a fitted picture lies whole and centred in the viewport', () => {
  fc.assert(
    fc.property(size, viewport, (picture, viewport) => {
      const view = fitView(picture, viewport)
      const { left, top, right, bottom } = pictureRect(view, picture)
      expect(left).toBeGreaterThanOrEqual(15.999)
      expect(top).toBeGreaterThanOrEqual(15.999)
      expect(left).toBeCloseTo(viewport.width - right, 6)
      expect(top).toBeCloseTo(viewport.height - bottom, 6)
    }),
  )
})

test('however far one pans or zooms, the picture stays in sight, and a clamped view is a fixed point', () => {
  fc.assert(
    fc.property(view, size, viewport, (view, picture, viewport) => {
      const clamped = clampView(view, picture, viewport)
      const { left, top, right, bottom } = pictureRect(clamped, picture)
      expect(Math.min(right, viewport.width) - Math.max(left, 0)).toBeGreaterThan(0)
      expect(Math.min(bottom, viewport.height) - Math.max(top, 0)).toBeGreaterThan(0)
      const again = clampView(clamped, picture, viewport)
      expect(again.x).toBeCloseTo(clamped.x, 6)
      expect(again.scale).toBe(clamped.scale)
    }),
  )
})

test('a small move inside the limits is not changed', () => {
  const [picture, viewport] = [
    { width: 500, height: 400 },
    { width: 800, height: 600 },
  ]
  const view = panBy(fitView(picture, viewport), 30, -20)
  expect(clampView(view, picture, viewport)).toEqual(view)
})

test('revealing moves only what lies outside, and then just into sight', () => {
  const viewport = { width: 400, height: 300 }
  const view = { scale: 1, x: 0, y: 0 }
  const inside = { left: 10, top: 10, right: 100, bottom: 100 }
  expect(reveal(view, inside, viewport)).toEqual(view)
  const right = screenRect(
    reveal(view, { left: 500, top: 10, right: 600, bottom: 100 }, viewport),
    { left: 500, top: 10, right: 600, bottom: 100 },
  )
  expect(right).toMatchObject({ right: 376, top: 10 })
})

test('zooming to a box puts it into the middle', () => {
  const box = { left: 100, top: 50, right: 140, bottom: 110 }
  const { left, right, top, bottom } = screenRect(zoomTo(box, { width: 400, height: 300 }), box)
  expect((left + right) / 2).toBeCloseTo(200)
  expect((top + bottom) / 2).toBeCloseTo(150)
  expect(bottom - top).toBeCloseTo(210)
})
