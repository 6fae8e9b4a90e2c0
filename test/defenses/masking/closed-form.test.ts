import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { certifyByBitmap, placeOf } from '../../../bench/bitmap-certificate'
import { certifyObjects } from '../../../src/defenses/masking/certify-objects'
import { certifiedRecall } from '../../../src/defenses/masking/certified-recall'
import { hiddenMargins, provesObject } from '../../../src/defenses/masking/hidden-margins'
import {
  isSafe,
  largestSafeSide,
  patchPlaces,
  squarePatch,
  vulnerableCorners,
} from '../../../src/defenses/masking/patch-places'
import type { BoxXyxy } from '../../../src/shared/vision'
import { answersIn, boxesIn, frames } from './masked-scenes'

/** An object, what was seen of it on masked pictures, and a patch: edges, lines and shapes of every kind. */
const cases = frames(24).chain((frame) =>
  fc.record({
    frame: fc.constant(frame),
    object: fc.record({ box: boxesIn(frame), classId: fc.constantFrom(0, 1) }),
    answers: answersIn(frame),
    pruneIoa: fc.constantFrom(0.5, 0.6, 0.75, 1),
    classAware: fc.boolean(),
    patch: fc.record({
      width: fc.integer({ min: 1, max: 26 }),
      height: fc.integer({ min: 1, max: 26 }),
    }),
  }),
)

test('the closed form is the bitmap method', () => {
  const counts = { yes: 0, no: 0 }
  fc.assert(
    fc.property(cases, ({ frame, object, answers, pruneIoa, classAware, patch }) => {
      const settings = { pruneIoa, classAware }
      const [closed] = certifyObjects([object], answers, frame, settings, patch)
      const bitmap = certifyByBitmap(object, answers, frame, pruneIoa, classAware, patch)
      expect(closed?.certified).toEqual(bitmap)
      for (const place of patchPlaces) counts[bitmap[place] ? 'yes' : 'no']++
    }),
    { numRuns: 1500 },
  )
  // Both answers are met often, or the comparison says nothing.
  expect(Math.min(counts.yes, counts.no)).toBeGreaterThan(100)
})

/** Margins alone, drawn apart from any detections, so that all four matter at once. */
const openings = frames(30).chain((frame) =>
  fc.record({
    frame: fc.constant(frame),
    box: boxesIn(frame),
    margins: fc.record({
      top: fc.integer({ min: 0, max: frame.height }),
      bottom: fc.integer({ min: 0, max: frame.height }),
      left: fc.integer({ min: 0, max: frame.width }),
      right: fc.integer({ min: 0, max: frame.width }),
      isSeen: fc.constant(true),
    }),
    patch: fc.record({
      width: fc.integer({ min: 1, max: 12 }),
      height: fc.integer({ min: 1, max: 12 }),
    }),
  }),
)

test('an object is safe at a place if every corner of that place is harmless, one by one', () => {
  fc.assert(
    fc.property(openings, ({ frame, box, margins, patch }) => {
      const safe = { far: true, near: true, over: true, anywhere: true }
      for (let y = -patch.height; y <= frame.height; y++) {
        for (let x = -patch.width; x <= frame.width; x++) {
          const harmless =
            y + patch.height <= margins.top ||
            y >= margins.bottom ||
            x + patch.width <= margins.left ||
            x >= margins.right
          if (harmless) continue
          safe.anywhere = false
          safe[placeOf(x, y, box, frame, patch)] = false
        }
      }
      for (const place of patchPlaces) {
        expect([place, isSafe(margins, box, frame, patch, place)]).toEqual([place, safe[place]])
      }
    }),
    { numRuns: 1500 },
  )
})

test('a larger patch is never safer, and the largest safe side says where it ends', () => {
  fc.assert(
    fc.property(openings, ({ frame, box, margins }) => {
      for (const place of patchPlaces) {
        const largest = largestSafeSide(margins, box, frame, place)
        for (let side = 1; side <= Math.max(frame.width, frame.height); side++) {
          const patch = { width: side, height: side }
          expect(isSafe(margins, box, frame, patch, place)).toBe(side <= largest)
        }
      }
    }),
    { numRuns: 400 },
  )
})

test('wider or higher patches are never safer either', () => {
  fc.assert(
    fc.property(openings, ({ frame, box, margins, patch }) => {
      const { width, height } = patch
      for (const place of patchPlaces) {
        if (isSafe(margins, box, frame, patch, place)) continue
        const wider = { width: width + 1, height }
        const higher = { width, height: height + 1 }
        expect(isSafe(margins, box, frame, wider, place)).toBe(false)
        expect(isSafe(margins, box, frame, higher, place)).toBe(false)
      }
    }),
    { numRuns: 800 },
  )
})

test('a further mask that shows the object takes no certificate away', () => {
  fc.assert(
    fc.property(cases, ({ frame, object, answers, pruneIoa, classAware, patch }) => {
      const settings = { pruneIoa, classAware }
      const certify = (some: typeof answers) =>
        certifyObjects([object], some, frame, settings, patch)[0]
      const fewer = certify(answers.slice(1))
      const more = certify(answers)
      for (const place of patchPlaces) {
        if (fewer?.certified[place]) expect(more?.certified[place]).toBe(true)
        expect(more?.largestSide[place]).toBeGreaterThanOrEqual(fewer?.largestSide[place] ?? 0)
      }
    }),
  )
})

describe('which box proves which object', () => {
  const object: BoxXyxy = [10, 10, 20, 20]
  test.each<[string, BoxXyxy, boolean]>([
    ['the same box', [10, 10, 20, 20], true],
    ['half of it beside', [15, 10, 25, 20], true],
    ['twice as large around the same centre', [10, 5, 20, 25], true],
    ['three times as large', [10, 0, 20, 30], false],
    ['a part of it', [12, 12, 14, 14], true],
    ['a box without area', [12, 12, 12, 14], false],
    ['a box elsewhere', [40, 40, 50, 50], false],
    ['a box that touches', [20, 10, 30, 20], false],
  ])('%s', (_, box, proves) => {
    expect(provesObject(box, object, 0.6, 0)).toBe(proves)
  })

  test('a tie proves nothing: the box of the whole picture may be the half outside', () => {
    expect(provesObject([15, 10, 25, 20], object, 0.5, 0)).toBe(false)
    expect(provesObject([14.999, 10, 24.999, 20], object, 0.5, 0)).toBe(true)
  })

  test('rounding of a ratio is no proof', () => {
    expect(0.1 - (1 - 0.9)).toBeGreaterThan(0)
    expect(provesObject([0, 0, 10, 1], [0, 0, 9, 1], 0.1, 0)).toBe(false)
  })

  test('more overlap is asked of it', () => {
    // (0.6 * 100 - 0) / 100 = 0.6 for the same box.
    expect(provesObject(object, object, 0.6, 0.59)).toBe(true)
    expect(provesObject(object, object, 0.6, 0.6)).toBe(false)
    // (0.6 * 200 - 100) / 100 = 0.2 for the double one.
    expect(provesObject([10, 5, 20, 25], object, 0.6, 0.19)).toBe(true)
    expect(provesObject([10, 5, 20, 25], object, 0.6, 0.21)).toBe(false)
  })
})

describe('margins', () => {
  const frame = { width: 100, height: 60 }
  const object = { box: [40, 20, 60, 40], classId: 0 } as const
  const seen = { box: object.box, score: 0.9, classId: 0 }
  const settings = { pruneIoa: 0.6, classAware: true }

  test('are the deepest masks of each side', () => {
    const answers = [
      { mask: { side: 'top', line: 10 }, detections: [seen] },
      { mask: { side: 'top', line: 20 }, detections: [seen] },
      { mask: { side: 'top', line: 30 }, detections: [] },
      { mask: { side: 'bottom', line: 50 }, detections: [seen] },
      { mask: { side: 'bottom', line: 40 }, detections: [seen] },
      { mask: { side: 'left', line: 30 }, detections: [seen] },
      { mask: { side: 'left', line: 15 }, detections: [seen] },
      { mask: { side: 'right', line: 80 }, detections: [{ ...seen, classId: 1 }] },
    ] as const
    const margins = hiddenMargins(object, answers, frame, settings)
    expect(margins).toEqual({ top: 20, bottom: 40, left: 30, right: 100, isSeen: true })
    expect(vulnerableCorners(margins, { width: 5, height: 4 })).toEqual({
      top: 17,
      bottom: 40,
      left: 26,
      right: 100,
    })
    const classless = hiddenMargins(object, answers, frame, { ...settings, classAware: false })
    expect(classless.right).toBe(80)
  })

  test('an object that no masked picture shows is not certified, even where no patch can be', () => {
    const whole = { box: [0, 0, 100, 60], classId: 0 } as const
    const [certificate] = certifyObjects([whole], [], frame, settings, { width: 5, height: 5 })
    expect(certificate?.certified).toEqual({
      far: false,
      near: false,
      over: false,
      anywhere: false,
    })
    expect(certificate?.largestSide.far).toBe(0)
  })

  test('an object outside the picture is not certified', () => {
    const outside = { box: [-20, 0, 0, 60], classId: 0 } as const
    const answers = [{ mask: { side: 'top', line: 10 }, detections: [seen] }] as const
    const [certificate] = certifyObjects([outside], answers, frame, settings, {
      width: 1,
      height: 1,
    })
    expect(Object.values(certificate?.certified ?? {})).toEqual([false, false, false, false])
  })
})

test('the side of a share of the picture is rounded down, but not past whole numbers', () => {
  expect(squarePatch({ width: 640, height: 640 }, 0.01).width).toBe(64)
  expect(squarePatch({ width: 640, height: 480 }, 0.01).width).toBe(55)
  expect(squarePatch({ width: 100, height: 100 }, 0.0049).width).toBe(7)
  for (let side = 1; side < 100; side++) {
    expect(squarePatch({ width: 100, height: 100 }, (side / 100) ** 2).width).toBe(side)
  }
})

test('certified recall counts objects over all pictures, each with the patch of its size', () => {
  const object = (side: number) => ({
    largestSide: { far: side + 1, near: side, over: side - 1, anywhere: side - 1 },
  })
  const images = [
    { frame: { width: 100, height: 100 }, objects: [object(10), object(9)] },
    { frame: { width: 200, height: 200 }, objects: [object(10)] },
    { frame: { width: 10, height: 10 }, objects: [] },
  ]
  const [one, none] = certifiedRecall(images, [0.01, 0])
  expect(one).toEqual({
    share: 0.01,
    objects: 3,
    certified: { far: 2, near: 1, over: 0, anywhere: 0 },
    recall: { far: 2 / 3, near: 1 / 3, over: 0, anywhere: 0 },
  })
  expect(none?.certified).toEqual({ far: 3, near: 3, over: 3, anywhere: 3 })
  expect(certifiedRecall([], [0.01])[0]?.recall.far).toBeNull()
})
