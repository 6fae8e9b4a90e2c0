import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { halfMasks, hideHalf } from '../../../src/defenses/masking/half-masks'
import { detectMasked } from '../../../src/defenses/masking/masked-detections'
import { mergeBoxes } from '../../../src/defenses/masking/merge'
import objectseeker from '../../../src/defenses/masking/objectseeker'
import { maskedThreshold } from '../../../src/defenses/masking/objectseeker-settings'
import { clipToFrame, prune } from '../../../src/defenses/masking/prune'
import { createRunContext } from '../../../src/engine/run-context'
import type { Detector } from '../../../src/shared/plugin'
import { boxIoa, type BoxXyxy, type Detection, type RgbImage } from '../../../src/shared/vision'
import { newRun } from '../../support/test-store'
import { cleanImage, detectionsIn, noHost, settingsOf } from './masked-scenes'

const detection = (box: BoxXyxy, score = 0.9, classId = 0): Detection => ({ box, score, classId })
const detectorOf = (detect: (image: RgbImage) => readonly Detection[]): Detector => ({
  classNames: ['cat', 'dog'],
  detect: (image) => Promise.resolve(detect(image)),
})

describe('masks', () => {
  test.each([
    [640, 640, 30, 120],
    // 480 / 31 becomes 16: 29 lines. The surplus line of the other axis is not dropped.
    [640, 480, 30, 118],
    [31, 31, 30, 120],
    [30, 10, 30, 2 * 29 + 2 * 9],
    [100, 1, 3, 6],
    [1, 1, 30, 0],
    // Rounding up leaves 24 of 30 lines: 48 / 31 becomes 2.
    [48, 48, 30, 4 * 23],
  ])('of %i x %i pixels and %i lines: %i', (width, height, lines, count) => {
    expect(halfMasks(width, height, lines)).toHaveLength(count)
  })

  test('the lines are at multiples of the rounded step, both sides of each', () => {
    expect(halfMasks(7, 10, 3)).toEqual([
      { side: 'top', line: 3 },
      { side: 'bottom', line: 3 },
      { side: 'top', line: 6 },
      { side: 'bottom', line: 6 },
      { side: 'top', line: 9 },
      { side: 'bottom', line: 9 },
      { side: 'left', line: 2 },
      { side: 'right', line: 2 },
      { side: 'left', line: 4 },
      { side: 'right', line: 4 },
      { side: 'left', line: 6 },
      { side: 'right', line: 6 },
    ])
  })

  test('hide one side of the line, keep every byte of the other, and leave the picture as it was', () => {
    const [width, height] = [5, 4]
    const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => i + 1)
    const image = { data, width, height }
    for (const mask of halfMasks(width, height, 10)) {
      const { line, side } = mask
      const hidden = hideHalf(image, mask, 200)
      for (let i = 0; i < data.length; i++) {
        const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)]
        const isHidden = { top: y < line, bottom: y >= line, left: x < line, right: x >= line }
        expect(hidden.data[i]).toBe(isHidden[side] ? 200 : i + 1)
      }
    }
    expect(data[0]).toBe(1)
  })
})

test('the masked threshold is that of the published settings', () => {
  const threshold = (baseScore: number, maskedScore: number) =>
    maskedThreshold({ baseScore, maskedScore, maskedShare: 0.5 })
  expect(threshold(0.66, 0.8)).toBeCloseTo(0.83)
  expect(threshold(0.44, 0.7)).toBeCloseTo(0.72)
  expect(threshold(0.62, 0.7)).toBeCloseTo(0.81)
  expect(threshold(0.2, 0.7)).toBe(0.7)
  expect(maskedThreshold({ baseScore: 0.36, maskedScore: 0.9, maskedShare: 0.8 })).toBe(0.9)
})

describe('pruning', () => {
  const box: BoxXyxy = [0, 0, 10, 10]
  const settings = { pruneIoa: 0.6, classAware: true }
  test.each<[string, BoxXyxy, boolean]>([
    ['covered by exactly the threshold: goes', [0, 0, 10, 6], false],
    ['covered by less: stays', [0, 0, 10, 5.99], true],
    ['inside a larger one: goes', [-50, -50, 50, 50], false],
    ['around a small one: stays', [4, 4, 6, 6], true],
  ])('%s', (_, known, stays) => {
    expect(prune([detection(box)], [detection(known)], settings)).toHaveLength(stays ? 1 : 0)
  })

  test('classes count unless they are not to', () => {
    const other = [detection(box, 0.9, 1)]
    expect(prune([detection(box)], other, settings)).toHaveLength(1)
    expect(prune([detection(box)], other, { ...settings, classAware: false })).toHaveLength(0)
  })

  test('nothing and nothing', () => {
    expect(prune([], [detection(box)], settings)).toEqual([])
    expect(prune([detection(box)], [], settings)).toHaveLength(1)
  })
})

describe('merging', () => {
  test('a chain becomes one box around all, with the best score and the class of the first', () => {
    const chain = [
      detection([8, 0, 18, 10], 0.7, 1),
      detection([0, 0, 10, 10], 0.8, 0),
      detection([4, 0, 14, 10], 0.95, 0),
      detection([60, 60, 70, 70], 0.9, 1),
    ]
    const settings = { clusterDistance: 0.4, classAware: false }
    expect(mergeBoxes(chain, settings)).toEqual([
      detection([0, 0, 18, 10], 0.95, 1),
      detection([60, 60, 70, 70], 0.9, 1),
    ])
    expect(mergeBoxes(chain, { ...settings, classAware: true })).toEqual([
      detection([8, 0, 18, 10], 0.7, 1),
      detection([0, 0, 14, 10], 0.95, 0),
      detection([60, 60, 70, 70], 0.9, 1),
    ])
  })

  test('a box inside another has distance 0; the border counts as near', () => {
    const inside = [detection([0, 0, 100, 100]), detection([5, 5, 6, 6])]
    expect(mergeBoxes(inside, { clusterDistance: 0, classAware: true })).toHaveLength(1)
    const half = [detection([0, 0, 10, 10]), detection([5, 0, 15, 10])]
    expect(mergeBoxes(half, { clusterDistance: 0.5, classAware: true })).toHaveLength(1)
    expect(mergeBoxes(half, { clusterDistance: 0.49, classAware: true })).toHaveLength(2)
  })

  test('groups are the connected components, found the slow way', () => {
    const sets = fc.array(detectionsIn({ width: 8, height: 8 }), { maxLength: 14 })
    const settings = fc.record({
      clusterDistance: fc.constantFrom(0, 0.1, 0.25, 0.5, 0.9),
      classAware: fc.boolean(),
    })
    fc.assert(
      fc.property(sets, settings, (found, { clusterDistance, classAware }) => {
        const near = found.map((a) =>
          found.map(
            (b) =>
              (!classAware || a.classId === b.classId) &&
              1 - Math.max(boxIoa(a.box, b.box), boxIoa(b.box, a.box)) <= clusterDistance,
          ),
        )
        for (const via of near.keys()) {
          for (const row of near) {
            if (row[via]) near[via]?.forEach((is, j) => (row[j] ||= is))
          }
        }
        const firsts = found.filter((_, i) => near[i]?.indexOf(true) === i)
        const expected = firsts.map((first) => {
          const row = near[found.indexOf(first)] ?? []
          const group = found.filter((_, j) => row[j])
          const sides = [0, 1, 2, 3].map((k) => group.map(({ box }) => box[k] ?? NaN))
          const [x1 = [], y1 = [], x2 = [], y2 = []] = sides
          return detection(
            [Math.min(...x1), Math.min(...y1), Math.max(...x2), Math.max(...y2)],
            Math.max(...group.map(({ score }) => score)),
            first.classId,
          )
        })
        expect(mergeBoxes(found, { clusterDistance, classAware })).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })
})

test('boxes are cut at the frame, and those without area are none', () => {
  expect(clipToFrame([-5, -5, 50, 5], 20, 10)).toEqual([0, 0, 20, 5])
  expect(clipToFrame([20, 0, 30, 5], 20, 10)).toBeNull()
  expect(clipToFrame([3, 4, 3, 8], 20, 10)).toBeNull()
  expect(clipToFrame([8, 4, 3, 8], 20, 10)).toBeNull()
})

describe('inference', () => {
  const frame = { width: 40, height: 30 }
  const settings = settingsOf({ lines: 3 })
  const isMasked = (image: RgbImage): boolean => image.data.includes(0)

  test('finds again what only masked pictures show, without what the whole picture shows already', async () => {
    const known = detection([0, 0, 10, 10], 0.8, 1)
    const hidden = detection([20, 10, 30, 20], 0.75)
    const weak = detection([5, 20, 15, 30], 0.7)
    const detector = detectorOf((image) =>
      isMasked(image) ? [detection([1, 1, 10, 10], 0.9, 1), hidden, weak] : [known],
    )
    const run = newRun()
    const image = cleanImage(frame)
    const found = await objectseeker.wrap(detector, settings, noHost).detect(image, run)
    expect(found).toEqual([known, hidden])
    expect(Object.fromEntries(run.trace.notes)).toEqual({
      maskedPictures: 12,
      maskedBoxes: 24,
      addedBoxes: 1,
    })
    expect(run.trace.stages.map(({ name }) => name)).toEqual([
      'mask',
      'detect masked',
      'prune and merge',
    ])
    // Readers of the trace see that this is not what the bare detector says.
    expect(run.trace.image).toEqual(image)
    expect(run.trace.image).not.toBe(image)
  })

  test('says just what the bare detector says where there is nothing to add', async () => {
    const seen = [detection([0, 0, 10, 10], 0.8), detection([0, 0, 40, 30], 0.3)]
    const run = newRun()
    const defended = objectseeker.wrap(
      detectorOf(() => seen),
      settings,
      noHost,
    )
    expect(await defended.detect(cleanImage(frame), run)).toBe(seen)
    expect(run.trace.image).toBeUndefined()
  })

  test('leaves out boxes of the whole picture below its own threshold', async () => {
    const seen = [detection([0, 0, 10, 10], 0.8), detection([20, 0, 30, 10], 0.4)]
    const defended = objectseeker.wrap(
      detectorOf((image) => (isMasked(image) ? [] : seen)),
      settingsOf({ lines: 3, baseScore: 0.4 }),
      noHost,
    )
    const run = newRun()
    expect(await defended.detect(cleanImage(frame), run)).toEqual([seen[0]])
    expect(run.trace.image).toBeDefined()
  })

  test('a box of the score of the threshold does not count', async () => {
    const defended = (score: number) =>
      objectseeker
        .wrap(
          detectorOf((image) => (isMasked(image) ? [detection([0, 0, 10, 10], score)] : [])),
          settings,
          noHost,
        )
        .detect(cleanImage(frame), newRun())
    expect(await defended(0.7)).toEqual([])
    expect(await defended(0.71)).toHaveLength(1)
  })

  test('asks 4 k + 1 times, with pictures of the same size and the whole one first', async () => {
    const seen: RgbImage[] = []
    const detector = detectorOf((image) => {
      seen.push(image)
      return []
    })
    const image = cleanImage({ width: 62, height: 93 })
    await objectseeker.wrap(detector, settingsOf({}), noHost).detect(image, newRun())
    expect(seen).toHaveLength(121)
    expect(seen[0]).toBe(image)
    expect(new Set(seen).size).toBe(121)
    expect(seen.every(({ width, height }) => width === 62 && height === 93)).toBe(true)
  })

  test('chance and traces of masked calls do not depend on the picture: the certificate needs it', async () => {
    const drawn: number[][] = []
    const detector: Detector = {
      classNames: [],
      detect(image, run) {
        if (isMasked(image)) drawn.at(-1)?.push(run.random(), run.random())
        run.trace.notes.set('inner', 1)
        return Promise.resolve([])
      },
    }
    const defended = objectseeker.wrap(detector, settings, noHost)
    const { signal } = new AbortController()
    for (const digest of ['1'.repeat(64), 'f'.repeat(64)]) {
      drawn.push([])
      await defended.detect(cleanImage(frame), createRunContext({ signal, seed: 1, digest }))
    }
    expect(drawn[0]).toHaveLength(24)
    expect(drawn[1]).toEqual(drawn[0])
    expect(drawn[0]?.slice(2, 4)).toEqual(drawn[0]?.slice(0, 2))
  })

  test('stops between two masked pictures when it is cancelled', async () => {
    const ending = new AbortController()
    let calls = 0
    const detector = detectorOf(() => {
      if (++calls === 4) ending.abort(new Error('enough'))
      return []
    })
    const defended = objectseeker.wrap(detector, settings, noHost)
    await expect(defended.detect(cleanImage(frame), newRun(ending.signal))).rejects.toThrow(
      'enough',
    )
    expect(calls).toBe(4)
  })

  test('reports progress, and a warning once', async () => {
    const steps: string[] = []
    const warnings: string[] = []
    const detector: Detector = {
      classNames: [],
      detect(_image, run) {
        run.warn('odd')
        return Promise.resolve([])
      },
    }
    const run = {
      ...newRun(),
      progress: (done: number, total: number) => steps.push(`${done}/${total}`),
      warn: (message: string) => warnings.push(message),
    }
    await detectMasked(detector, cleanImage({ width: 4, height: 1 }), settings, run)
    expect(steps).toEqual(['1/6', '2/6', '3/6', '4/6', '5/6', '6/6'])
    expect(warnings).toEqual(['odd'])
  })
})
