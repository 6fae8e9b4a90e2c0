import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  boxChange,
  boxDifferences,
  matchesTruth,
  type LabelledBox,
} from '../../../src/shared/metrics/box-differences'
import { boxIou } from '../../../src/shared/vision/iou'

const labelled = (label: string, score: number, ...box: [number, number, number, number]) =>
  ({ label, score, box }) satisfies LabelledBox

const someBox = fc
  .tuple(
    fc.constantFrom('person', 'bus'),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: 0, max: 30 }),
    fc.integer({ min: 0, max: 30 }),
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 1, max: 20 }),
  )
  .map(([label, score, x, y, width, height]) => labelled(label, score, x, y, x + width, y + height))
const someBoxes = fc.array(someBox, { maxLength: 12 })

test('each kind of difference, as a person would name it', () => {
  const a = [
    labelled('person', 0.9, 0, 0, 100, 100),
    labelled('person', 0.8, 200, 0, 300, 100),
    labelled('bus', 0.7, 400, 0, 500, 100),
    labelled('handbag', 0.6, 600, 0, 700, 100),
  ]
  const b = [
    labelled('person', 0.95, 800, 0, 900, 100),
    labelled('truck', 0.5, 400, 0, 500, 100),
    labelled('person', 0.8, 230, 0, 330, 100),
    labelled('person', 0.9, 0, 0, 100, 101),
  ]
  expect(boxDifferences(a, b).map(({ kind, a, b }) => [kind, a, b])).toEqual([
    ['same', 0, 3],
    ['moved', 1, 2],
    ['relabelled', 2, 1],
    ['lost', 3, null],
    ['gained', null, 0],
  ])
})

test('a box of the same class is the partner even where another class overlaps more', () => {
  const a = [labelled('person', 0.9, 0, 0, 100, 100)]
  const b = [labelled('bus', 0.9, 0, 0, 100, 100), labelled('person', 0.2, 0, 0, 60, 100)]
  expect(boxDifferences(a, b).map(({ kind, b }) => [kind, b])).toEqual([
    ['moved', 1],
    ['gained', 0],
  ])
})

test('every box appears exactly once, pairs overlap by half, and no pair of one class is left open', () => {
  fc.assert(
    fc.property(someBoxes, someBoxes, (a, b) => {
      const differences = boxDifferences(a, b)
      const ofA = differences.flatMap((one) => (one.a === null ? [] : [one.a]))
      const ofB = differences.flatMap((one) => (one.b === null ? [] : [one.b]))
      expect(ofA.toSorted((p, q) => p - q)).toEqual(a.map((_, i) => i))
      expect(ofB.toSorted((p, q) => p - q)).toEqual(b.map((_, i) => i))
      const lost = differences.flatMap((one) =>
        one.kind === 'lost' && one.a !== null ? [a[one.a]!] : [],
      )
      const gained = differences.flatMap((one) =>
        one.kind === 'gained' && one.b !== null ? [b[one.b]!] : [],
      )
      for (const one of lost)
        for (const two of gained) expect(boxIou(one.box, two.box)).toBeLessThan(0.5)
      for (const { kind, a: i, b: j, iou } of differences) {
        if (i === null || j === null) continue
        expect(iou).toBe(boxIou(a[i]!.box, b[j]!.box))
        expect(iou).toBeGreaterThanOrEqual(0.5)
        expect(kind === 'relabelled').toBe(a[i]!.label !== b[j]!.label)
      }
    }),
  )
})

test('change is 0 for equal answers, 1 for answers that share nothing, and between for all others', () => {
  fc.assert(
    fc.property(someBoxes, someBoxes, (a, b) => {
      const change = boxChange(a, b)
      expect(change).toBeGreaterThanOrEqual(0)
      expect(change).toBeLessThanOrEqual(1)
      expect(boxChange(b, a)).toBeCloseTo(change, 9)
    }),
  )
  const one = [labelled('person', 0.9, 0, 0, 100, 100)]
  expect(boxChange([], [])).toBe(0)
  expect(boxChange(one, one)).toBe(0)
  expect(boxChange(one, [])).toBe(1)
  // IoU 0.8 of one pair beside one gained box: 1 - 0.8 / 2.
  expect(
    boxChange(one, [labelled('person', 0.9, 0, 0, 80, 100), labelled('bus', 1, 500, 0, 600, 9)]),
  ).toBeCloseTo(0.6, 9)
})

test('an object of the ground truth makes one box right, the one with the best score', () => {
  const truth = [labelled('person', 1, 0, 0, 100, 100)]
  const boxes = [
    labelled('person', 0.5, 0, 0, 100, 100),
    labelled('person', 0.9, 0, 0, 90, 100),
    labelled('bus', 0.99, 0, 0, 100, 100),
  ]
  expect(matchesTruth(boxes, truth)).toEqual([false, true, false])
})
