import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findComponents, paintComponent } from '../../../src/shared/vision/components'
import type { Mask } from '../../../src/shared/vision/mask'
import { masks, maskOfRows, randomMask } from './masks'

describe.each([4, 8] as const)('%i-connected', (connectivity) => {
  test('equals flood filling, in the order of the first pixels', () => {
    fc.assert(
      fc.property(masks(), (mask) => {
        const parts = findComponents(mask, connectivity)
        const painted = Array.from({ length: parts.count }, (_, i) => {
          const bits = new Uint8Array(mask.bits.length)
          paintComponent(parts, i, bits)
          return bits
        })
        expect(painted).toEqual(floodFill(mask, connectivity))
      }),
      { numRuns: 500 },
    )
  })

  test('areas and boxes agree with the pixels', () => {
    fc.assert(
      fc.property(masks(), (mask) => {
        const parts = findComponents(mask, connectivity)
        floodFill(mask, connectivity).forEach((bits, i) => {
          const pixels = [...bits.keys()].filter((at) => bits[at] === 1)
          const columns = pixels.map((at) => at % mask.width)
          const rows = pixels.map((at) => Math.floor(at / mask.width))
          expect(parts.areas[i]).toBe(pixels.length)
          expect([...parts.boxes.subarray(4 * i, 4 * i + 4)]).toEqual([
            Math.min(...columns),
            Math.min(...rows),
            Math.max(...columns) + 1,
            Math.max(...rows) + 1,
          ])
        })
      }),
    )
  })
})

test('corners connect by default', () => {
  expect(findComponents(maskOfRows(['#.#', '.#.', '#.#'])).count).toBe(1)
  expect(findComponents(maskOfRows(['#.#', '.#.', '#.#']), 4).count).toBe(5)
})

test('a spiral whose arms join late is one component, its kernel another', () => {
  const spiral = maskOfRows([
    '#######',
    '......#',
    '#####.#',
    '#...#.#',
    '#.#.#.#',
    '#.###.#',
    '#.....#',
  ])
  expect(findComponents(spiral, 4).count).toBe(2)
})

test('no pixels, no components', () => {
  const parts = findComponents({ width: 5, height: 3, bits: new Uint8Array(15) })
  expect(parts.count).toBe(0)
  expect([...parts.firstRun]).toEqual([0])
})

test('a large ragged mask keeps every pixel once', () => {
  const mask = randomMask(640, 480, 0.5)
  const parts = findComponents(mask, 4)
  const bits = new Uint8Array(mask.bits.length)
  for (let i = 0; i < parts.count; i++) paintComponent(parts, i, bits)
  expect(bits).toEqual(mask.bits)
  expect(parts.areas.reduce((sum, area) => sum + area, 0)).toBe(
    mask.bits.reduce((sum, bit) => sum + bit, 0),
  )
})

function floodFill({ width, height, bits }: Mask, connectivity: 4 | 8): Uint8Array[] {
  const seen = new Uint8Array(bits.length)
  const parts: Uint8Array[] = []
  for (let start = 0; start < bits.length; start++) {
    if (bits[start] === 0 || seen[start] === 1) continue
    const part = new Uint8Array(bits.length)
    const stack = [start]
    seen[start] = 1
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      part[at] = 1
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          if (connectivity === 4 && dx !== 0 && dy !== 0) continue
          const x = (at % width) + dx
          const y = Math.floor(at / width) + dy
          if (x < 0 || y < 0 || x >= width || y >= height) continue
          const next = y * width + x
          if (bits[next] === 0 || seen[next] === 1) continue
          seen[next] = 1
          stack.push(next)
        }
      }
    }
    parts.push(part)
  }
  return parts
}
