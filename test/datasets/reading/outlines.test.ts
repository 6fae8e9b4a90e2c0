import { expect, test } from 'vitest'
import {
  boundsOf,
  drawnArea,
  ellipseOutline,
  isUsableFrame,
  outlinedObject,
  turnedBox,
} from '../../../src/datasets/reading/outlines'

test('a polygon has its tight box and the area of its pixels', () => {
  const points = [1, 1, 5, 1, 5, 4, 1, 4]
  const object = outlinedObject([points], { width: 10, height: 10 })
  expect(object).toEqual({ box: [1, 1, 4, 3], shape: { polygons: [points] }, area: 12 })
  // Beyond the picture there are no pixels; without its size the lines are measured.
  expect(outlinedObject([points], { width: 3, height: 10 }).area).toBe(6)
  expect(outlinedObject([points], null).area).toBe(12)
  expect(drawnArea([0, 0, 3, 0, 0, 4])).toBe(6)
})

test('turning is clockwise on the screen, and exact for quarters', () => {
  expect(turnedBox([0, 0, 4, 2], 90)).toEqual([3, -1, 3, 3, 1, 3, 1, -1])
  expect(turnedBox([0, 0, 4, 2], -270)).toEqual(turnedBox([0, 0, 4, 2], 90))
  expect(turnedBox([0, 0, 4, 2], 360)).toEqual([0, 0, 4, 0, 4, 2, 0, 2])
  const [x = NaN, y = NaN] = turnedBox([0, 0, 2, 2], 45)
  expect(x).toBeCloseTo(1, 9)
  expect(y).toBeCloseTo(1 - Math.SQRT2, 9)
})

test('ellipses touch their box', () => {
  const box = boundsOf([ellipseOutline(5, 4, 3, 2)])
  expect(box.map((value) => Math.round(value * 1e9) / 1e9)).toEqual([2, 2, 6, 4])
})

test('polygons that are made to waste time are measured by their lines', () => {
  const zigzag = Array.from({ length: 60_000 }, (_, i) => [i % 2 === 0 ? 0 : 60_000, i % 50])
  const start = performance.now()
  const frame = { width: 60_000, height: 1000 }
  expect(outlinedObject([zigzag.flat()], frame).area).toBeGreaterThanOrEqual(0)
  expect(outlinedObject([[0, 0, 1e9, 0, 1e9, 1e9]], { width: 10, height: 10 }).area).toBe(5e17)
  expect(performance.now() - start).toBeLessThan(2000)
})

test('sizes that no picture has are not counted with', () => {
  expect(isUsableFrame({ width: 65_500, height: 1 })).toBe(true)
  for (const [width, height] of [
    [65_501, 1],
    [20_000, 20_000],
    [0, 5],
    [1.5, 5],
  ] as const) {
    expect(isUsableFrame({ width, height })).toBe(false)
  }
  expect(isUsableFrame(null)).toBe(false)
})
