import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  evaluateCoco,
  iouThresholds,
  precisionCurve,
  precisionRecall,
} from '../../../src/shared/metrics'
import { boxIouXywh } from '../../../src/shared/vision/iou'
import { randomSet, scene, type SmallSet } from './small-sets'

/** Hits and misses of a class by falling score, as plain as it can be written. No crowds. */
function walk({ truth, results }: SmallSet, category: number, threshold: number): boolean[] {
  const hits: { score: number; hit: boolean; image: number; at: number }[] = []
  for (const { id } of truth.images) {
    const free = truth.annotations.filter((g) => g.image_id === id && g.category_id === category)
    results
      .map((d, at) => ({ ...d, at }))
      .filter((d) => d.image_id === id && d.category_id === category)
      .sort((a, b) => b.score - a.score || a.at - b.at)
      .forEach(({ bbox, score, at }) => {
        const ious = free.map((g) => boxIouXywh(box4(bbox), box4(g.bbox), false))
        const best = Math.max(-1, ...ious)
        const hit = best >= threshold
        if (hit) free.splice(ious.lastIndexOf(best), 1)
        hits.push({ score, hit, image: id, at })
      })
  }
  return hits
    .sort((a, b) => b.score - a.score || a.image - b.image || a.at - b.at)
    .map(({ hit }) => hit)
}

function box4(box: readonly number[] | undefined): [number, number, number, number] {
  const [x = NaN, y = NaN, width = NaN, height = NaN] = box ?? []
  return [x, y, width, height]
}

describe('precision and recall at any threshold', () => {
  test('agree with counting by hand', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 100 }), (seed, percent) => {
        const set = randomSet(seed, false)
        const threshold = percent / 100 - 0.003
        for (const curve of precisionRecall(set.truth, set.results, 'bbox', threshold)) {
          if (curve.truths === 0) {
            expect(curve).toMatchObject({ AP: -1, interpolated: null })
            continue
          }
          const hits = walk(set, curve.categoryId, threshold)
          const found = hits.map((_, i) => hits.slice(0, i + 1).filter(Boolean).length)
          expect([...curve.recall]).toEqual(found.map((count) => count / curve.truths))
          expect([...curve.precision]).toEqual(found.map((count, i) => count / (i + 1)))
          expect([...curve.score]).toEqual([...curve.score].sort((a, b) => b - a))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('are those of the evaluation at its own thresholds', () => {
    for (let seed = 0; seed < 30; seed++) {
      const { truth, results } = randomSet(seed)
      const evaluation = evaluateCoco(truth, results, { iouType: 'bbox' })
      for (const threshold of iouThresholds) {
        for (const curve of precisionRecall(truth, results, 'bbox', threshold)) {
          if (curve.interpolated === null) continue
          expect(curve.interpolated).toEqual(
            precisionCurve(evaluation, curve.categoryId, threshold),
          )
        }
      }
    }
  })

  test.each([0, -0.5, 1.01, NaN])('%s is no threshold', (threshold) => {
    const { truth, results } = scene([], [])
    expect(() => precisionRecall(truth, results, 'bbox', threshold)).toThrow(
      expect.objectContaining({ code: 'E_IOU_THRESHOLD' }),
    )
  })
})
