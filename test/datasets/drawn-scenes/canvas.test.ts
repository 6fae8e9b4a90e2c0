import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Canvas } from '../../../src/datasets/drawn-scenes/canvas'
import { Sketch } from '../../../src/datasets/drawn-scenes/sketch'

const square = (side: number) => new Sketch().rect(0, 0, side, side, '#808080')

function objectsOf(...squares: { x: number; y: number; side: number; label?: string }[]) {
  const canvas = new Canvas()
  for (const { x, y, side, label } of squares) {
    const place = { x, y, scale: 1 }
    canvas.add(square(side), label === undefined ? place : { ...place, label })
  }
  return canvas.finish('test').objects
}

describe('Canvas', () => {
  test('gives the outline as box where nothing hides the object', () => {
    expect(objectsOf({ x: 10.5, y: 20.25, side: 101, label: 'tv' })).toEqual([
      { box: [10.5, 20.3, 111.5, 121.3], label: 'tv' },
    ])
  })

  test('cuts the box to what is left of an object behind another', () => {
    const [behind] = objectsOf(
      { x: 100, y: 100, side: 100, label: 'tv' },
      { x: 150, y: 90, side: 120 },
    )
    expect(behind).toEqual({ box: [100, 100, 150, 200], label: 'tv' })
  })

  test('leaves out objects of which more than 70 % are hidden', () => {
    const hide = (from: number) =>
      objectsOf({ x: 100, y: 100, side: 100, label: 'tv' }, { x: from, y: 90, side: 220 }).length
    expect(hide(140)).toBe(1)
    expect(hide(120)).toBe(0)
  })

  test('measures the hidden share against what lies inside the picture', () => {
    expect(objectsOf({ x: -80, y: 100, side: 100, label: 'tv' })).toEqual([
      { box: [0, 100, 20, 200], label: 'tv' },
    ])
    expect(objectsOf({ x: 700, y: 100, side: 100, label: 'tv' })).toEqual([])
  })

  test('mirrors the box with the sketch', () => {
    const canvas = new Canvas()
    canvas.add(square(50), { x: 200, y: 100, scale: 2, flip: true, label: 'tv' })
    expect(canvas.finish('test').objects[0]?.box).toEqual([100, 100, 200, 200])
  })

  test('holds every circle and closed curve in its box, to the width of a cell', () => {
    const position = fc.double({ min: 60, max: 400, noNaN: true })
    fc.assert(
      fc.property(position, position, fc.double({ min: 6, max: 50, noNaN: true }), (x, y, r) => {
        const canvas = new Canvas()
        canvas.add(new Sketch().ellipse(0, 0, r, r, '#808080'), { x, y, scale: 1, label: 'clock' })
        const box = canvas.finish('test').objects[0]!.box
        const exact = [x - r, y - r, x + r, y + r]
        box.forEach((side, i) => {
          expect(Math.abs(side - exact[i]!)).toBeLessThan(1)
        })
      }),
      { numRuns: 30 },
    )
  })
})
