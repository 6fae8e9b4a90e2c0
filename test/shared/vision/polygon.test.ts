import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findComponents } from '../../../src/shared/vision/components'
import type { Mask } from '../../../src/shared/vision/mask'
import { maskToPolygons } from '../../../src/shared/vision/outline'
import { boxToRle, polygonsToRle, polygonToRle } from '../../../src/shared/vision/polygon'
import { decodeRle, encodeMask, rleArea, rleBox } from '../../../src/shared/vision/rle'
import { rleToText } from '../../../src/shared/vision/rle-text'
import { masks, maskOfRows } from './masks'

const folder = resolve(import.meta.dirname, '../../fixtures/coco-eval/rle')
const read = (name: string): unknown => JSON.parse(readFileSync(resolve(folder, name), 'utf8'))

interface PolygonCase {
  name: string
  size: [height: number, width: number]
  polygons: number[][]
  each_counts_string: string[]
  merged_counts_string: string
  area: number
  bbox_xywh: number[]
  mask_rows?: string[]
}
interface BoxCase {
  bbox: [number, number, number, number]
  size: [number, number]
  counts_string: string
  area: number
}

describe('the reference cases', () => {
  // The fixtures are our own records of what pycocotools answered; their shape is the interface above.
  const { cases } = read('polygons.json') as { cases: PolygonCase[] }

  test.each(cases)('$name', (sample) => {
    const [height, width] = sample.size
    const each = sample.polygons.map((points) => rleToText(polygonToRle(points, { height, width })))
    expect(each).toEqual(sample.each_counts_string)
    const merged = polygonsToRle(sample.polygons, { height, width })
    expect(rleToText(merged)).toBe(sample.merged_counts_string)
    expect(rleArea(merged)).toBe(sample.area)
    expect(rleBox(merged)).toEqual(sample.bbox_xywh)
    if (sample.mask_rows) expect(decodeRle(merged)).toEqual(maskOfRows(sample.mask_rows))
  })

  const { bbox_to_rle } = read('bbox-iou-merge.json') as { bbox_to_rle: BoxCase[] }

  test.each(bbox_to_rle)('box $bbox', ({ bbox, size: [height, width], counts_string, area }) => {
    const rle = boxToRle(bbox, { height, width })
    expect(rleToText(rle)).toBe(counts_string)
    expect(rleArea(rle)).toBe(area)
  })
})

describe('properties', () => {
  const coordinate = fc.oneof(
    fc.double({ min: -20, max: 40, noNaN: true }),
    fc.integer({ min: -10, max: 30 }),
    fc.integer({ min: -20, max: 60 }).map((half) => half / 2),
  )
  const polygon = fc
    .array(fc.tuple(coordinate, coordinate), { minLength: 3, maxLength: 9 })
    .map((points) => points.flat())
  const frames = fc.record({
    width: fc.integer({ min: 1, max: 24 }),
    height: fc.integer({ min: 1, max: 24 }),
  })

  test('equals the reference method walked point by point', () => {
    fc.assert(
      fc.property(polygon, frames, (points, frame) => {
        expect([...polygonToRle(points, frame).counts]).toEqual(fillPointByPoint(points, frame))
      }),
      { numRuns: 2000 },
    )
  })

  test('coordinates far outside cost no more and change nothing inside', () => {
    const far = 400_000_000
    const frame = { width: 8, height: 8 }
    const points = [-far, -far, far, -far, far, far, -far, far]
    expect(rleArea(polygonToRle(points, frame))).toBe(64)
    expect(rleArea(polygonToRle([0, 0, 8, -far, 8, far], frame))).toBe(64)
  })

  test('no polygon is an empty mask', () => {
    expect(rleArea(polygonsToRle([], { width: 5, height: 4 }))).toBe(0)
  })
})

describe('outlines', () => {
  test('filling them gives the mask back with its holes closed', () => {
    fc.assert(
      fc.property(masks(), (mask) => {
        const filled = polygonsToRle(maskToPolygons(mask), mask)
        expect(filled).toEqual(encodeMask(withHolesClosed(mask)))
      }),
      { numRuns: 500 },
    )
  })

  test('a rectangle has its four corners, clockwise from the upper left', () => {
    const mask = maskOfRows(['....', '.##.', '.##.', '.##.', '....'])
    expect(maskToPolygons(mask)).toEqual([[1, 1, 3, 1, 3, 4, 1, 4]])
  })

  test('pixels that share only a corner are two outlines', () => {
    expect(maskToPolygons(maskOfRows(['#.', '.#']))).toHaveLength(2)
  })

  test('an empty mask has none', () => {
    expect(maskToPolygons(maskOfRows(['..']))).toEqual([])
  })
})

describe('what is refused', () => {
  test.each([
    ['two points', [0, 0, 1, 1]],
    ['an odd list', [0, 0, 1, 1, 2, 2, 3]],
    ['not a number', [0, 0, 1, NaN, 2, 2]],
    ['beyond 32 bits', [0, 0, 1, 1e12, 2, 2]],
  ])('%s', (_, points) => {
    expect(() => polygonToRle(points, { width: 4, height: 4 })).toThrow(
      expect.objectContaining({ code: 'E_POLYGON_MALFORMED' }),
    )
  })
})

/** The method as the specification words it: every point of every edge, then the steps between neighbours. */
function fillPointByPoint(points: readonly number[], frame: { width: number; height: number }) {
  const { width, height } = frame
  const xs: number[] = []
  const ys: number[] = []
  for (let i = 0; i < points.length; i += 2) {
    xs.push(Math.trunc(5 * points[i]! + 0.5))
    ys.push(Math.trunc(5 * points[i + 1]! + 0.5))
  }
  xs.push(xs[0]!)
  ys.push(ys[0]!)
  const chain: [number, number][] = []
  for (let i = 0; i + 1 < xs.length; i++) {
    let [x0, y0, x1, y1] = [xs[i]!, ys[i]!, xs[i + 1]!, ys[i + 1]!]
    const [dx, dy] = [Math.abs(x1 - x0), Math.abs(y1 - y0)]
    const flip = dx >= dy ? x0 > x1 : y0 > y1
    if (flip) [x0, y0, x1, y1] = [x1, y1, x0, y0]
    const slope = dx >= dy ? (y1 - y0) / dx : (x1 - x0) / dy
    for (let step = 0; step <= Math.max(dx, dy); step++) {
      const t = flip ? Math.max(dx, dy) - step : step
      if (dx >= dy) chain.push([x0 + t, dx === 0 ? y0 : Math.trunc(y0 + slope * t + 0.5)])
      else chain.push([Math.trunc(x0 + slope * t + 0.5), y0 + t])
    }
  }
  const places: number[] = []
  for (let i = 1; i < chain.length; i++) {
    const [before, here] = [chain[i - 1]!, chain[i]!]
    if (before[0] === here[0]) continue
    const x = (Math.min(before[0], here[0]) + 0.5) / 5 - 0.5
    if (Math.floor(x) !== x || x < 0 || x > width - 1) continue
    const y = Math.ceil(
      Math.min(height, Math.max(0, (Math.min(before[1], here[1]) + 0.5) / 5 - 0.5)),
    )
    places.push(x * height + y)
  }
  places.push(width * height)
  places.sort((a, b) => a - b)
  const differences = places.map((place, i) => place - (places[i - 1] ?? 0))
  const runs = [differences[0]!]
  for (let i = 1; i < differences.length; i++) {
    if (differences[i]! > 0) runs.push(differences[i]!)
    else if (++i < differences.length) runs[runs.length - 1]! += differences[i]!
  }
  return runs
}

/** A hole is a part of the background, touching by corners too, that does not reach the frame. */
function withHolesClosed(mask: Mask): Mask {
  const padded = { width: mask.width + 2, height: mask.height + 2 }
  const background = new Uint8Array(padded.width * padded.height).fill(1)
  const inner = (i: number) =>
    (Math.floor(i / mask.width) + 1) * padded.width + (i % mask.width) + 1
  mask.bits.forEach((bit, i) => (background[inner(i)] = 1 - bit))
  const outside = new Uint8Array(background.length)
  const parts = findComponents({ ...padded, bits: background }, 8)
  for (let r = parts.firstRun[0]!; r < parts.firstRun[1]!; r++) {
    const row = parts.runRows[r]! * padded.width
    outside.fill(1, row + parts.runStarts[r]!, row + parts.runEnds[r]!)
  }
  return { ...mask, bits: mask.bits.map((_, i) => 1 - outside[inner(i)]!) }
}
