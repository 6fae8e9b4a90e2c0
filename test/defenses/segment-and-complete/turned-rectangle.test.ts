import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fillConvexPolygon } from '../../../src/defenses/segment-and-complete/convex-polygon'
import type { Runs } from '../../../src/defenses/segment-and-complete/run-histogram'
import { bestTurnedRectangle } from '../../../src/defenses/segment-and-complete/turned-rectangle'

const [WIDTH, HEIGHT] = [160, 140]
const COST = 0.3

/** A turned rectangle of at least 20 x 20 pixels inside the frame, and where to spoil it. */
const scenes = fc.record({
  width: fc.integer({ min: 20, max: 70 }),
  height: fc.integer({ min: 20, max: 70 }),
  angle: fc.double({ min: -Math.PI / 4, max: Math.PI / 4, noNaN: true }),
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
})
type Scene = typeof scenes extends fc.Arbitrary<infer T> ? T : never

describe('the best turned rectangle', () => {
  test('is the rectangle itself where all of it was found', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const truth = rectangle(scene)
        expect(overlap(fitted(truth), truth)).toBeGreaterThan(0.92)
      }),
    )
  })

  test('an upright rectangle is found to the pixel', () => {
    fc.assert(
      fc.property(scenes, ({ width, height }) => {
        const truth = frame((x, y) => x >= 30 && x < 30 + width && y >= 20 && y < 20 + height)
        expect(fitted(truth)).toEqual(truth)
        expect(bestTurnedRectangle(runsOf(truth), 0).fill).toBe(1)
      }),
    )
  })

  test('holes, a bump on one side and a ragged corner hardly move it', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const truth = rectangle(scene)
        const found = spoiled(truth, scene)
        expect(overlap(fitted(found), truth)).toBeGreaterThan(0.85)
      }),
    )
  })

  test('no upright rectangle scores noticeably more, by brute force', () => {
    const blobs = fc.array(fc.boolean(), { minLength: 100, maxLength: 100 })
    let [ours, theirs] = [0, 0]
    fc.assert(
      fc.property(blobs, fc.integer({ min: 1, max: 9 }), (on, side) => {
        const found = frame((x, y) => {
          const [i, j] = [x - 30, y - 30]
          return i >= 0 && j >= 0 && i < 10 && j < 10 && (Math.max(i, j) < side || on[10 * j + i]!)
        })
        if (!found.includes(1)) return
        const { area, fill } = bestTurnedRectangle(runsOf(found), 0)
        const score = area * (fill - COST)
        const best = bestUpright(found)
        // Moving sides in turn can end at a lower summit; it must not be a much lower one.
        expect(score).toBeGreaterThan(0.7 * best)
        ours += score
        theirs += best
      }),
    )
    expect(ours / theirs).toBeGreaterThan(0.97)
  })

  test('grows by so many pixels on every side', () => {
    const truth = frame((x, y) => x >= 50 && x < 80 && y >= 40 && y < 60)
    const { corners, fill, area } = bestTurnedRectangle(runsOf(truth), 3)
    const grown = new Uint8Array(truth.length)
    fillConvexPolygon(grown, WIDTH, HEIGHT, corners)
    expect(grown).toEqual(frame((x, y) => x >= 47 && x < 83 && y >= 37 && y < 63))
    expect([fill, area]).toEqual([1, 600])
  })
})

function frame(isOn: (x: number, y: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
    Number(isOn(i % WIDTH, Math.floor(i / WIDTH))),
  )
}

/** Whether a pixel's centre lies in the scene's rectangle, larger by `margin` on every side. */
function isInside({ width, height, angle }: Scene, x: number, y: number, margin = 0): boolean {
  const [dx, dy] = [x + 0.5 - WIDTH / 2, y + 0.5 - HEIGHT / 2]
  const u = dx * Math.cos(angle) + dy * Math.sin(angle)
  const v = dy * Math.cos(angle) - dx * Math.sin(angle)
  return Math.abs(u) <= width / 2 + margin && Math.abs(v) <= height / 2 + margin
}

function rectangle(scene: Scene): Uint8Array {
  return frame((x, y) => isInside(scene, x, y))
}

/** A tenth of the pixels missing, a corner of a fifth of the sides missing, and a bump of 5 pixels at the far side. */
function spoiled(truth: Uint8Array, scene: Scene): Uint8Array {
  const { width, height, angle, seed } = scene
  return frame((x, y) => {
    const i = y * WIDTH + x
    const [dx, dy] = [x + 0.5 - WIDTH / 2, y + 0.5 - HEIGHT / 2]
    const u = dx * Math.cos(angle) + dy * Math.sin(angle)
    const v = dy * Math.cos(angle) - dx * Math.sin(angle)
    if (isInside(scene, x, y, 5) && !truth[i]) return u > width / 2 && Math.abs(v) < height / 10
    const isCorner = u < -0.3 * width && v < -0.3 * height
    return truth[i] === 1 && !isCorner && (Math.imul(i + 1, seed | 1) >>> 8) % 10 > 0
  })
}

function runsOf(bits: Uint8Array): Runs {
  const [rows, starts, ends]: [number[], number[], number[]] = [[], [], []]
  for (let i = 0; i < bits.length; i++) {
    const x = i % WIDTH
    if (bits[i] && (x === 0 || !bits[i - 1])) {
      rows.push(Math.floor(i / WIDTH))
      starts.push(x)
    }
    if (bits[i] && (x === WIDTH - 1 || !bits[i + 1])) ends.push(x + 1)
  }
  return { rows, starts, ends, found: ends.map((end, i) => end - starts[i]!) }
}

function fitted(found: Uint8Array): Uint8Array {
  const bits = new Uint8Array(found.length)
  fillConvexPolygon(bits, WIDTH, HEIGHT, bestTurnedRectangle(runsOf(found), 0).corners)
  return bits
}

function overlap(a: Uint8Array, b: Uint8Array): number {
  let [both, either] = [0, 0]
  a.forEach((bit, i) => {
    both += bit & b[i]!
    either += bit | b[i]!
  })
  return both / either
}

/** The largest |m and R| - 0.3 |R| over all upright rectangles within the 10 x 10 pixels at (30, 30). */
function bestUpright(found: Uint8Array): number {
  let best = -Infinity
  for (let y1 = 30; y1 < 40; y1++) {
    for (let x1 = 30; x1 < 40; x1++) {
      for (let y2 = y1 + 1; y2 <= 40; y2++) {
        for (let x2 = x1 + 1; x2 <= 40; x2++) {
          let inside = 0
          for (let y = y1; y < y2; y++)
            for (let x = x1; x < x2; x++) inside += found[y * WIDTH + x]!
          best = Math.max(best, inside - COST * (x2 - x1) * (y2 - y1))
        }
      }
    }
  }
  return best
}
