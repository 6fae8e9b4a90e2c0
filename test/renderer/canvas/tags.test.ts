import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  mergeSpecks,
  placeTags,
  taggedBoxes,
  TAG_HEIGHT,
  type TagWish,
} from '../../../src/renderer/canvas/tags'

const room = { left: 10, top: 20, right: 410, bottom: 320 }
const wish = (index: number, left: number, top: number, score = 0.5, width = 80): TagWish => ({
  index,
  box: { left, top, right: left + 60, bottom: top + 100 },
  width,
  score,
  isLit: false,
})

test('tags lie inside the picture and never overlap', () => {
  const wishes = fc
    .array(
      fc.tuple(
        fc.integer({ min: -100, max: 500 }),
        fc.integer({ min: -100, max: 400 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
      { maxLength: 60 },
    )
    .map((list) => list.map(([x, y, score], i) => wish(i, x, y, score)))
  fc.assert(
    fc.property(wishes, (wishes) => {
      const tags = placeTags(wishes, room)
      for (const { x, y, width } of tags) {
        expect(x).toBeGreaterThanOrEqual(room.left)
        expect(x + width).toBeLessThanOrEqual(room.right)
        expect(y).toBeGreaterThanOrEqual(room.top)
        expect(y + TAG_HEIGHT).toBeLessThanOrEqual(room.bottom)
      }
      tags.forEach((one, i) => {
        for (const other of tags.slice(i + 1)) {
          const apart =
            one.x + one.width <= other.x ||
            other.x + other.width <= one.x ||
            Math.abs(one.y - other.y) >= TAG_HEIGHT
          expect(apart).toBe(true)
        }
      })
    }),
  )
})

test('of two that would overlap, the lower score moves to the lower edge of its box', () => {
  const tags = placeTags([wish(0, 100, 100, 0.4), wish(1, 110, 104, 0.9)], room)
  expect(tags.find(({ index }) => index === 1)?.y).toBe(104 - TAG_HEIGHT - 1)
  expect(tags.find(({ index }) => index === 0)?.y).toBe(201)
})

test('a tag that the divider would cut stays on its own side', () => {
  const [tag] = placeTags([wish(0, 380, 100)], room)
  expect(tag?.x).toBe(room.right - 80)
})

test('in a crowd only the best forty and what is lit have tags', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { minLength: 301, maxLength: 400 }),
      fc.nat(300),
      (values, lit) => {
        const scores = Float32Array.from(values)
        const all = values.map((_, i) => i)
        const tagged = taggedBoxes(all, scores, (i) => i === lit)
        const best = all
          .filter((i) => i !== lit)
          .toSorted((a, b) => scores[b]! - scores[a]!)
          .slice(0, 40)
        expect(tagged).toEqual([lit, ...best])
        expect(taggedBoxes(all.slice(0, 300), scores, () => false)).toEqual(all.slice(0, 300))
      },
    ),
    { numRuns: 30 },
  )
})

test('only in a crowd of thousands do specks become a number', () => {
  const boxes = new Float64Array(4 * 6_000)
  for (let i = 0; i < 6_000; i++) boxes.set([i, 0, i + (i % 2 === 0 ? 2 : 20), 1], 4 * i)
  const all = Array.from({ length: 6_000 }, (_, i) => i)
  expect(mergeSpecks(all, boxes, 1)).toMatchObject({ merged: 3_000 })
  expect(mergeSpecks(all, boxes, 2).merged).toBe(0)
  expect(mergeSpecks(all.slice(0, 5_000), boxes, 1).merged).toBe(0)
})
