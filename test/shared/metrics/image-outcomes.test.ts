import { expect, test } from 'vitest'
import {
  evaluateCoco,
  type ImageMatches,
  localizationRecallPrecision,
  visitImages,
} from '../../../src/shared/metrics'
import { randomSet, scene } from './small-sets'

test('matches are those of the evaluation', () => {
  for (let seed = 0; seed < 100; seed++) {
    const { truth, results } = randomSet(seed)
    const expected = new Map<number, number>()
    const onMatches = ({ detectionIds, matchedTo }: ImageMatches) => {
      detectionIds.forEach((id, i) => expected.set(id - 1, matchedTo[5]?.[i] ?? NaN))
    }
    evaluateCoco(truth, results, { iouType: 'bbox', onMatches })
    const found = new Map<number, number>()
    visitImages(truth, results, 'bbox', 0.75, ({ detections, truths, partner }) => {
      detections.forEach((at, d) => {
        const own = partner[d]!
        found.set(at, own < 0 ? 0 : truth.annotations[truths[own]!]!.id)
      })
    })
    expect(found.size).toBe(results.length)
    expect(new Map([...found].sort())).toEqual(new Map([...expected].sort()))
  }
})

test('LRP of a scene counted by hand', () => {
  const { truth, results } = scene(
    [{ bbox: [0, 0, 100, 100] }, { bbox: [200, 200, 100, 100] }],
    [
      { bbox: [0, 0, 100, 80], score: 0.9 }, // IoU 0.8
      { bbox: [300, 0, 50, 50], score: 0.4 },
      { bbox: [200, 200, 100, 100], score: 0.3 },
      { bbox: [300, 0, 50, 50], score: 0.2 },
    ],
  )
  const { moLRP, perCategory } = localizationRecallPrecision(truth, results, 'bbox')
  // From 0.9: (0.4 + 0 + 1) / 2 = 0.7; from 0.3: (0.4 + 1 + 0) / 3 = 0.4667; all: (0.4 + 2) / 4 = 0.6.
  expect(moLRP).toBeCloseTo(1.4 / 3, 12)
  expect(perCategory).toHaveLength(1)
  expect(perCategory[0]).toMatchObject({ truths: 2, falseNegatives: 0, scoreThreshold: 0.3 })
  expect(perCategory[0]?.localization).toBeCloseTo(0.1, 12)
  expect(perCategory[0]?.falsePositives).toBeCloseTo(1 / 3, 12)
})

test('LRP without detections is 1, and -1 without objects', () => {
  const empty = scene([{ bbox: [0, 0, 9, 9] }], [])
  expect(localizationRecallPrecision(empty.truth, [], 'bbox')).toMatchObject({
    moLRP: 1,
    perCategory: [{ scoreThreshold: null, localization: null, falsePositives: null }],
  })
  expect(localizationRecallPrecision(scene([], []).truth, [], 'bbox').moLRP).toBe(-1)
  expect(() => localizationRecallPrecision(empty.truth, [], 'bbox', 1)).toThrow(
    expect.objectContaining({ code: 'E_IOU_THRESHOLD' }),
  )
})

test('LRP is the lowest over all score thresholds', () => {
  for (let seed = 0; seed < 100; seed++) {
    const { truth, results } = randomSet(seed)
    const { perCategory } = localizationRecallPrecision(truth, results, 'bbox', 0.6)
    for (const { categoryId, truths, oLRP } of perCategory) {
      const errors = [...new Set(results.map(({ score }) => score))].map((least) => {
        const kept = results.filter(({ score }) => score >= least)
        let [correct, wrong, misplaced] = [0, 0, 0]
        visitImages(truth, kept, 'bbox', 0.6, (image) => {
          image.detections.forEach((at, d) => {
            if (kept[at]!.category_id !== categoryId) return
            const g = image.partner[d]!
            if (g < 0) wrong++
            else if (image.crowd[g] === 0) {
              correct++
              misplaced += 1 - image.overlaps[d * image.truths.length + g]!
            }
          })
        })
        const missed = truths - correct
        return (misplaced / 0.4 + wrong + missed) / (correct + wrong + missed)
      })
      expect(oLRP).toBeCloseTo(Math.min(1, ...errors), 12)
    }
  }
})
