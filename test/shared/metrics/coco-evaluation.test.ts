import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  type CocoStats,
  evaluateCoco,
  meanPrecisionCurve,
  precisionCurve,
} from '../../../src/shared/metrics/coco-evaluation'
import type { ImageMatches } from '../../../src/shared/metrics/coco-matching'
import { parseCocoGroundTruth, parseCocoResults } from '../../../src/shared/metrics/coco-schema'

interface Fixture {
  name: string
  note: string
  iou_type: 'bbox' | 'segm'
  tolerance: number
  ground_truth: unknown
  results: unknown
  expected: {
    stats: CocoStats
    per_category: { category_id: number; AP: number; AP50: number; AP75: number; AR100: number }[]
    precision_curve_first_category_iou50: { category_id: number; iou: number; values: number[] }
    matches_area_all: {
      image_id: number
      category_id: number
      dt_ids: number[]
      gt_ids: number[]
      gt_ignore: number[]
      dt_matches_iou50: number[]
      dt_ignore_iou50: number[]
      dt_matches_iou75: number[]
      dt_ignore_iou75: number[]
    }[]
  }
}

const folder = resolve(import.meta.dirname, '../../fixtures/coco-eval')
const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  // The fixtures are our own records of what pycocotools answered; their shape is the interface above.
  .map((name) => JSON.parse(readFileSync(resolve(folder, name), 'utf8')) as Fixture)

test('all fixtures are there', () => {
  expect(fixtures).toHaveLength(27)
})

describe.each(fixtures)('$name: $note', (fixture) => {
  const { expected, tolerance } = fixture
  const shown: ImageMatches[] = []
  const evaluation = evaluateCoco(
    parseCocoGroundTruth(fixture.ground_truth),
    parseCocoResults(fixture.results),
    { iouType: fixture.iou_type, onMatches: (matches) => shown.push(matches) },
  )

  test('the twelve numbers', () => {
    expectClose(evaluation.stats, expected.stats, tolerance)
  })

  test('each category', () => {
    expect(evaluation.perCategory).toHaveLength(expected.per_category.length)
    expected.per_category.forEach(({ category_id, ...figures }, i) => {
      const { categoryId, AP, AP50, AP75, AR100 } = evaluation.perCategory[i]!
      expect(categoryId).toBe(category_id)
      expectClose({ AP, AP50, AP75, AR100 }, figures, tolerance)
    })
  })

  test('the precision curve of the first category', () => {
    const { category_id, iou, values } = expected.precision_curve_first_category_iou50
    expect([...(precisionCurve(evaluation, category_id, iou) ?? [])]).toEqual(values)
  })

  test('who matched whom', () => {
    const flags = (values: readonly boolean[] | undefined) => values?.map(Number)
    expect(
      shown.map((each) => ({
        image_id: each.imageId,
        category_id: each.categoryId,
        dt_ids: each.detectionIds,
        gt_ids: each.truthIds,
        gt_ignore: flags(each.truthIgnored),
        dt_matches_iou50: each.matchedTo[0],
        dt_ignore_iou50: flags(each.ignored[0]),
        dt_matches_iou75: each.matchedTo[5],
        dt_ignore_iou75: flags(each.ignored[5]),
      })),
    ).toEqual(expected.matches_area_all)
  })
})

const truth = (annotations: object[], categories = [{ id: 1, name: 'person' }]) =>
  parseCocoGroundTruth({
    images: [{ id: 1, width: 100, height: 80 }],
    categories,
    annotations: annotations.map((each, i) => ({
      id: i + 1,
      image_id: 1,
      category_id: 1,
      iscrowd: 0,
      ...each,
    })),
  })
const result = { image_id: 1, category_id: 1, score: 0.5 }

describe('beyond the reference', () => {
  test('input is not changed', () => {
    const { ground_truth, results, iou_type } = structuredClone(fixtures[0]!)
    evaluateCoco(parseCocoGroundTruth(ground_truth), parseCocoResults(results), {
      iouType: iou_type,
    })
    expect(ground_truth).toEqual(fixtures[0]!.ground_truth)
    expect(results).toEqual(fixtures[0]!.results)
  })

  test('masks stand in for missing boxes, boxes for missing masks, either area for a missing one', () => {
    const square = [[10, 10, 40, 10, 40, 40, 10, 40]]
    const masked = truth([{ bbox: [10, 10, 30, 30], segmentation: square }])
    const byBox = evaluateCoco(masked, [{ ...result, segmentation: square }], { iouType: 'bbox' })
    const byMask = evaluateCoco(masked, [{ ...result, bbox: [10, 10, 30, 30] }], {
      iouType: 'segm',
    })
    for (const { stats } of [byBox, byMask]) {
      expect(stats.AP).toBeCloseTo(1, 9)
      expect(stats.APs).toBeCloseTo(1, 9)
      expect(stats.APm).toBe(-1)
    }
  })

  test('a box as segmentation is its rectangle', () => {
    const masked = truth([{ segmentation: [[10, 10, 30, 30]] }])
    const { stats } = evaluateCoco(
      masked,
      [{ ...result, segmentation: [[10, 10, 40, 10, 40, 40, 10, 40]] }],
      { iouType: 'segm' },
    )
    expect(stats.AP).toBeCloseTo(1, 9)
  })

  test('what is left out is said', () => {
    const { warnings } = evaluateCoco(
      truth([
        { id: 0, bbox: [0, 0, 9, 9] },
        { bbox: [0, 0, 9, 9], category_id: 7 },
      ]),
      [{ ...result, category_id: 3, bbox: [0, 0, 9, 9] }],
      { iouType: 'bbox' },
    )
    expect(warnings).toHaveLength(3)
    expect(warnings.join()).toContain('W_ANN_ID_ZERO')
  })

  test('the mean curve leaves out categories without ground truth', () => {
    const categories = [
      { id: 1, name: 'person' },
      { id: 2, name: 'dog' },
    ]
    const evaluation = evaluateCoco(
      truth([{ bbox: [0, 0, 9, 9] }], categories),
      [{ ...result, bbox: [0, 0, 9, 9] }],
      { iouType: 'bbox' },
    )
    expect(meanPrecisionCurve(evaluation, 0.5)).toEqual(precisionCurve(evaluation, 1, 0.5))
    expect(precisionCurve(evaluation, 3, 0.5)).toBeNull()
    expect(precisionCurve(evaluation, 1, 0.51)).toBeNull()
    const none = evaluateCoco(truth([]), [], { iouType: 'bbox' })
    expect(meanPrecisionCurve(none, 0.5)).toBeNull()
  })

  test('a whole COCO document serves as results', () => {
    const document = { images: [], annotations: [{ ...result, bbox: [0, 0, 9, 9] }] }
    expect(parseCocoResults(document)).toEqual([{ ...result, bbox: [0, 0, 9, 9] }])
  })
})

describe('what is refused', () => {
  const box = { bbox: [0, 0, 9, 9] }
  const evaluate = (annotations: object[], results: object[], iouType: 'bbox' | 'segm' = 'bbox') =>
    evaluateCoco(
      truth(annotations),
      parseCocoResults(results.map((each) => ({ ...result, ...each }))),
      { iouType },
    )

  test.each([
    [
      'a result of an unknown image',
      'E_ANN_IMAGE_UNKNOWN',
      () => evaluate([box], [{ ...box, image_id: 9 }]),
    ],
    ['a result without a box', 'E_BBOX_MALFORMED', () => evaluate([box], [box, {}])],
    ['an object without a box', 'E_BBOX_MALFORMED', () => evaluate([{}], [box])],
    ['a box of three numbers', 'E_BBOX_MALFORMED', () => evaluate([box], [{ bbox: [1, 2, 3] }])],
    ['an object without a mask', 'E_POLYGON_MALFORMED', () => evaluate([box], [box], 'segm')],
    [
      'a mask of another size',
      'E_RLE_SIZE_MISMATCH',
      () =>
        evaluate([{ ...box, segmentation: { size: [100, 80], counts: [8000] } }], [box], 'segm'),
    ],
    ['a mask that is not one', 'E_POLYGON_MALFORMED', () => evaluate([box], [{ segmentation: 7 }])],
    ['a score that is text', 'E_COCO_MALFORMED', () => evaluate([box], [{ ...box, score: '1' }])],
    ['results in place of the ground truth', 'E_COCO_NO_IMAGES', () => parseCocoGroundTruth([])],
    [
      'a mask in an image of unknown size',
      'E_COCO_MALFORMED',
      () =>
        evaluateCoco(
          { images: [{ id: 1 }], categories: [{ id: 1 }], annotations: [] },
          [{ ...result, bbox: [0, 0, 9, 9] }],
          { iouType: 'segm' },
        ),
    ],
    [
      'a score that is not finite',
      'E_SCORE_NOT_FINITE',
      () => evaluateCoco(truth([box]), [{ ...result, ...box, score: NaN }], { iouType: 'bbox' }),
    ],
  ])('%s', (_, code, work) => {
    expect(work).toThrow(expect.objectContaining({ code }))
  })
})

function expectClose<T extends object>(actual: T, expected: T, tolerance: number): void {
  for (const [name, value] of Object.entries(expected) as [string & keyof T, number][]) {
    const difference = Math.abs(Number(actual[name]) - value)
    expect(difference, `${name}: ${String(actual[name])}, not ${value}`).toBeLessThanOrEqual(
      tolerance,
    )
  }
}
