import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { drawBoxes, kindIndex } from '../../../src/renderer/canvas/draw-boxes'
import { drawMask, maskMark } from '../../../src/renderer/canvas/draw-masks'
import {
  dataColours,
  lineStyles,
  pixelOf,
  ramp,
  type MarkKind,
} from '../../../src/renderer/canvas/line-styles'
import { blend, dashOf, Raster } from '../../../src/renderer/canvas/raster'

const atRest = { scale: 1, x: 0, y: 0 }
const plain = { pixelRatio: 1, opacity: () => 1 }

const marksOf = (kind: MarkKind, ...box: [number, number, number, number]) => ({
  boxes: Float64Array.from(box),
  kinds: Uint8Array.of(kindIndex(kind)),
  scores: Float32Array.of(0.5),
  labels: ['person'],
})

test('dashes are those of a line drawn from its start, wherever one begins to look', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -200, max: 50 }),
      fc.integer({ min: 0, max: 300 }),
      fc.constantFrom([8, 5], [11, 4, 2, 4], [16, 4], [2, 3]),
      (from, length, dash) => {
        const period = dash.reduce((sum, part) => sum + part, 0)
        const expected = new Set<number>()
        for (let at = Math.max(0, from); at < Math.min(100, from + length); at++) {
          let rest = (at - from) % period
          let part = 0
          while (rest >= dash[part]!) rest -= dash[part++]!
          if (part % 2 === 0) expected.add(at)
        }
        const along = new Raster(100, 1)
        along.dashAlong(from, 0, from + length, 1, dashOf(dash), 1)
        const down = new Raster(1, 100)
        down.dashDown(0, from, 1, from + length, dashOf(dash), 1)
        for (let at = 0; at < 100; at++) {
          expect(along.pixels[at] === 1).toBe(expected.has(at))
          expect(down.pixels[at] === 1).toBe(expected.has(at))
        }
      },
    ),
  )
})

test('a solid box is its line in its colour with a casing on both sides, and nothing else', () => {
  const raster = new Raster(40, 40)
  drawBoxes(raster, marksOf('defended', 10, 10, 30, 30), [0], atRest, plain)
  const row = [...raster.pixels.subarray(20 * 40, 21 * 40)]
  const line = pixelOf(dataColours.defended)
  const casing = pixelOf('#08090B', 0.62)
  expect(row.slice(8, 12)).toEqual([casing, line, line, casing])
  expect(row.slice(28, 32)).toEqual([casing, line, line, casing])
  expect(row.filter((pixel) => pixel !== 0)).toHaveLength(8)
})

test('every kind of line has a colour and a second sign that no other has', () => {
  const looks = Object.values(lineStyles).map(({ colour, dash, isDouble, width }) =>
    JSON.stringify([colour, dash, isDouble, width]),
  )
  expect(new Set(looks).size).toBe(looks.length)
  const signs = (['undefended', 'defended', 'truth', 'lost', 'moved', 'relabelled'] as const).map(
    (kind) => JSON.stringify([lineStyles[kind].dash, lineStyles[kind].isDouble]),
  )
  expect(new Set(signs).size).toBe(signs.length)
})

test('nothing is drawn outside the clip or the frame, at any zoom', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<MarkKind>('undefended', 'relabelled', 'lost', 'truth', 'moved'),
      fc.double({ min: 0.05, max: 40, noNaN: true }),
      fc.integer({ min: -300, max: 300 }),
      fc.integer({ min: 0, max: 60 }),
      (kind, scale, offset, divider) => {
        const raster = new Raster(60, 50)
        raster.clip(divider, 60)
        drawBoxes(raster, marksOf(kind, 3, 4, 40, 30), [0], { scale, x: offset, y: offset }, plain)
        for (let y = 0; y < 50; y++) {
          for (let x = 0; x < divider; x++) expect(raster.pixels[y * 60 + x]).toBe(0)
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('a mask is drawn on exactly the pixels whose middle it covers', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ min: 0, max: 1, minLength: 48, maxLength: 48 }),
      fc.double({ min: 0.4, max: 6, noNaN: true }),
      fc.double({ min: -20, max: 20, noNaN: true }),
      (bits, scale, offset) => {
        const mark = maskMark({ width: 8, height: 6, bits }, 'raw')
        const raster = new Raster(50, 40)
        const view = { scale, x: offset, y: offset / 2 }
        if (mark) drawMask(raster, mark, view, 1)
        for (let y = 0; y < 40; y++) {
          for (let x = 0; x < 50; x++) {
            const [px, py] = [
              Math.floor((x + 0.5 - view.x) / scale),
              Math.floor((y + 0.5 - view.y) / scale),
            ]
            const isIn = px >= 0 && py >= 0 && px < 8 && py < 6 && bits[py * 8 + px] === 1
            expect(raster.pixels[y * 50 + x] !== 0).toBe(isIn)
          }
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('blending is that of a canvas: nothing under it, the colour itself; half over white, half of each', () => {
  expect(blend(pixelOf('#102030', 0.4), 0)).toBe(pixelOf('#102030', 0.4))
  expect(blend(pixelOf('#102030'), pixelOf('#FFFFFF'))).toBe(pixelOf('#102030'))
  expect(blend(0, pixelOf('#FFFFFF'))).toBe(pixelOf('#FFFFFF'))
  const grey = blend(pixelOf('#000000', 0.5), pixelOf('#FFFFFF'))
  expect(grey >>> 24).toBe(255)
  expect(Math.abs((grey & 255) - 127)).toBeLessThanOrEqual(1)
})

test('a completed mask has its outline just inside its edge', () => {
  const bits = new Uint8Array(400)
  for (let y = 5; y < 15; y++) bits.fill(1, y * 20 + 5, y * 20 + 15)
  const mark = maskMark({ width: 20, height: 20, bits }, 'completed')
  const raster = new Raster(20, 20)
  expect(mark).not.toBeNull()
  if (mark) drawMask(raster, mark, atRest, 1)
  const line = pixelOf(dataColours.completed)
  const row = [...raster.pixels.subarray(200, 220)]
  expect(row.slice(5, 7)).toEqual([line, line])
  expect(row.slice(13, 15)).toEqual([line, line])
  expect(row[4]).toBe(pixelOf('#08090B', 0.62))
  expect(row[3]).toBe(0)
})

test('the colours are those of the design tokens', () => {
  const tokens = readFileSync(
    new URL('../../../src/renderer/styles/tokens.css', import.meta.url),
    'utf8',
  )
  for (const [name, colour] of Object.entries(dataColours)) {
    expect(tokens.toLowerCase()).toContain(`--d-${name}: ${colour.toLowerCase()}`)
  }
  ramp.forEach((colour, i) => {
    expect(tokens.toLowerCase()).toContain(`--ramp-${i}: ${colour.toLowerCase()}`)
  })
})
