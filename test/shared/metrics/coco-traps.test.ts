import { describe, expect, test } from 'vitest'
import {
  evaluateCoco,
  iouThresholds,
  parseCocoGroundTruth,
  precisionRecall,
  recallPoints,
} from '../../../src/shared/metrics'
import { scene } from './small-sets'

// The places where implementations part from the reference. Those with a fixture (crowds, ties, area borders, id 0, …) are
// in coco-evaluation.test.ts; here are the ones that one small case shows.

type Box = [number, number, number, number]
const box: Box = [10, 10, 40, 40]
const evaluate = ({ truth, results }: ReturnType<typeof scene>) =>
  evaluateCoco(truth, results, { iouType: 'bbox' })

describe('parameters', () => {
  test('thresholds have the last bits of the reference', () => {
    expect(iouThresholds).toHaveLength(10)
    expect(iouThresholds[8]).toBe(0.8999999999999999)
    expect(iouThresholds[9]).toBe(0.95)
  })

  test('recall points are j * 0.01: ten differ from j / 100', () => {
    expect(recallPoints).toHaveLength(101)
    expect(recallPoints[100]).toBe(1)
    expect([...recallPoints].filter((value, j) => value !== j / 100)).toHaveLength(10)
  })
})

describe('matching', () => {
  test('boxes that touch do not overlap', () => {
    const { stats } = evaluate(scene([{ bbox: box }], [{ bbox: [50, 10, 40, 40], score: 1 }]))
    expect(stats.AP50).toBe(0)
  })

  test('a field "ignore" says nothing: only crowds are ignored', () => {
    const { truth, results } = scene([{ bbox: box }], [])
    const annotations = truth.annotations.map((each) => ({ ...each, ignore: 1 }))
    const { stats } = evaluateCoco(parseCocoGroundTruth({ ...truth, annotations }), results, {
      iouType: 'bbox',
    })
    expect(stats.AP).toBe(0)
  })

  test('a crowd takes any number of detections, over the area of the detection', () => {
    const inside: Box[] = [
      [20, 20, 10, 10],
      [30, 30, 10, 10],
    ]
    const { stats } = evaluate(
      scene(
        [{ bbox: [0, 0, 300, 300], iscrowd: 1 }, { bbox: [310, 310, 40, 40] }],
        [
          ...inside.map((bbox) => ({ bbox, score: 0.9 })),
          { bbox: [310, 310, 40, 40] as Box, score: 0.5 },
        ],
      ),
    )
    expect(stats.AP).toBeCloseTo(1, 9)
  })

  test('an object that counts comes before a crowd that overlaps more', () => {
    const { stats } = evaluate(
      scene(
        [{ bbox: [0, 0, 300, 300], iscrowd: 1 }, { bbox: [10, 10, 40, 60] }],
        [{ bbox: box, score: 0.9 }],
      ),
    )
    expect(stats.AP50).toBeCloseTo(1, 9)
  })

  test('a threshold of 1 is met by equal boxes', () => {
    const { truth, results } = scene([{ bbox: box }], [{ bbox: box, score: 0.9 }])
    expect(precisionRecall(truth, results, 'bbox', 1)[0]?.AP).toBeCloseTo(1, 9)
  })

  test('the hundred best of an image and class take part, one and ten for AR1 and AR10', () => {
    const wrong = Array.from({ length: 100 }, (_, i) => ({
      bbox: [200, 200, 20, 20] as Box,
      score: 1 - i / 1000,
    }))
    const late = (before: number) =>
      evaluate(scene([{ bbox: box }], [...wrong.slice(0, before), { bbox: box, score: 0.1 }])).stats
    expect(late(100).AR100).toBe(0)
    expect(late(99)).toMatchObject({ AR100: 1, AR10: 0, AR1: 0 })
    expect(late(9)).toMatchObject({ AR100: 1, AR10: 1, AR1: 0 })
    expect(late(0)).toMatchObject({ AR100: 1, AR10: 1, AR1: 1 })
  })

  test('a false detection outside the size range is not held against it', () => {
    const { stats } = evaluate(
      scene(
        [{ bbox: [10, 10, 20, 20] }],
        [
          { bbox: [200, 200, 150, 150], score: 0.9 },
          { bbox: [10, 10, 20, 20], score: 0.5 },
        ],
      ),
    )
    expect(stats.APs).toBeCloseTo(1, 9)
    expect(stats.AP).toBeCloseTo(0.5, 9)
    expect(stats.APl).toBe(-1)
  })

  test('an object on the border of two sizes belongs to both', () => {
    const { perCategory } = evaluate(scene([{ bbox: [0, 0, 32, 32] }], []))
    expect(perCategory[0]?.truthsBySize).toEqual({ small: 1, medium: 1, large: 0 })
  })
})

describe('objects left out', () => {
  test('neither count nor make the detection that finds them wrong', () => {
    const { truth, results } = scene(
      [{ bbox: box }, { bbox: [200, 200, 40, 40] }],
      [
        { bbox: [200, 200, 40, 40], score: 0.9 },
        { bbox: box, score: 0.5 },
      ],
    )
    const { stats, perCategory } = evaluateCoco(truth, results, {
      iouType: 'bbox',
      isLeftOut: ({ id }) => id === 2,
    })
    expect(stats.AP).toBeCloseTo(1, 9)
    expect(perCategory[0]?.truths).toBe(1)
  })

  test('are found once, unlike crowds', () => {
    const { truth, results } = scene(
      [{ bbox: box }, { bbox: [200, 200, 40, 40] }],
      [
        { bbox: [200, 200, 40, 40], score: 0.9 },
        { bbox: [200, 200, 40, 40], score: 0.8 },
        { bbox: box, score: 0.5 },
      ],
    )
    const { stats } = evaluateCoco(truth, results, {
      iouType: 'bbox',
      isLeftOut: ({ id }) => id === 2,
    })
    expect(stats.AP).toBeCloseTo(0.5, 9)
  })
})
