import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nonMaxSuppression, sortByScore } from '../../../src/shared/vision/nms'
import type { Candidates } from '../../../src/shared/vision/nms'

type Row = readonly [x: number, y: number, width: number, height: number, score: number, id: number]

const rows = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 20 }),
    fc.integer({ min: 0, max: 20 }),
    fc.integer({ min: 0, max: 15 }),
    fc.integer({ min: 0, max: 15 }),
    // Few distinct scores, so that ties are common.
    fc.integer({ min: 1, max: 8 }).map((eighths) => eighths / 8),
    fc.integer({ min: 0, max: 2 }),
  ),
  { maxLength: 40 },
)

const settings = fc.record({
  iou: fc.constantFrom(0, 0.25, 0.5, 0.75, 1),
  perClass: fc.boolean(),
  method: fc.constant('hard' as const),
})

function toCandidates(list: readonly Row[]): Candidates {
  return {
    boxes: Float32Array.from(list.flatMap(([x, y, w, h]) => [x, y, x + w, y + h])),
    scores: Float32Array.from(list.map((row) => row[4])),
    classIds: Int32Array.from(list.map((row) => row[5])),
  }
}

function iou(a: Row, b: Row): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1])
  if (width <= 0 || height <= 0) return 0
  const shared = width * height
  return shared / (a[2] * a[3] + b[2] * b[3] - shared)
}

/** The definition, word by word: take the best, drop its rivals, repeat. */
function bruteForce(list: readonly Row[], threshold: number, perClass: boolean): Row[] {
  let open = list.map((row, index) => ({ row, index }))
  const kept: Row[] = []
  while (open.length > 0) {
    const best = open.reduce((a, b) => (b.row[4] > a.row[4] ? b : a))
    kept.push(best.row)
    open = open.filter(
      (other) =>
        other !== best &&
        ((perClass && other.row[5] !== best.row[5]) || iou(best.row, other.row) <= threshold),
    )
  }
  return kept
}

describe('nonMaxSuppression', () => {
  test('equals the definition', () => {
    fc.assert(
      fc.property(rows, settings, (list, options) => {
        const kept = nonMaxSuppression(toCandidates(list), options)
        expect(kept).toEqual(toCandidates(bruteForce(list, options.iou, options.perClass)))
      }),
    )
  })

  test('is idempotent, and a limit cuts the end off', () => {
    fc.assert(
      fc.property(rows, settings, fc.nat(10), (list, options, limit) => {
        const kept = nonMaxSuppression(toCandidates(list), options)
        expect(nonMaxSuppression(kept, options)).toEqual(kept)
        const few = nonMaxSuppression(toCandidates(list), options, limit)
        expect(few.scores).toEqual(kept.scores.subarray(0, limit))
      }),
    )
  })

  test('soft: scores only fall, by 1 - IoU for each better overlapping box, best first', () => {
    const kept = nonMaxSuppression(
      toCandidates([
        [0, 0, 10, 10, 0.8, 0],
        [5, 0, 10, 10, 0.9, 0],
        [40, 0, 10, 10, 0.5, 0],
      ]),
      { iou: 0.3, perClass: true, method: 'soft' },
    )
    expect(Array.from(kept.boxes.filter((_, i) => i % 4 === 0))).toEqual([5, 0, 40])
    expect(kept.scores[1]).toBeCloseTo(0.8 * (1 - 1 / 3), 6)
    expect(kept.scores[2]).toBe(0.5)
  })

  test('soft: drops what falls below the floor, keeps what no better box overlaps', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const kept = nonMaxSuppression(
          toCandidates(list),
          { iou: 0.2, perClass: false, method: 'soft' },
          Infinity,
          0.3,
        )
        kept.scores.forEach((score, i) => {
          expect(score).toBeGreaterThanOrEqual(Math.fround(0.3) - 1e-7)
          if (i > 0) expect(score).toBeLessThanOrEqual(kept.scores[i - 1]!)
        })
        const alone = list.filter(
          (row) => row[4] >= 0.3 && list.every((other) => other === row || iou(row, other) === 0),
        )
        expect(kept.scores.length).toBeGreaterThanOrEqual(alone.length)
      }),
    )
  })

  test('sortByScore is stable', () => {
    const sorted = sortByScore(
      toCandidates([
        [0, 0, 1, 1, 0.5, 0],
        [1, 0, 1, 1, 0.75, 1],
        [2, 0, 1, 1, 0.5, 2],
      ]),
    )
    expect(Array.from(sorted.classIds)).toEqual([1, 0, 2])
  })
})
