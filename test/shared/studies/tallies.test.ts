import { describe, expect, test } from 'vitest'
import {
  d3sAccuracy,
  type D3sPicture,
  LatentMeans,
  mapClasses,
  omStudy,
  signTest,
  usualBackgrounds,
} from '../../../src/shared/studies'

describe('classes by name', () => {
  const dataset = [
    { index: 0, name: 'tench' },
    { index: 134, name: 'crane' },
    { index: 517, name: 'crane' },
    { index: 7, name: 'sports_Car' },
  ]

  test('case, underscores and synonyms do not matter; what is left is listed', () => {
    const map = mapClasses(dataset, ['Tinca tinca, tench', 'sports car, roadster', 'crane', 'dog'])
    expect([...map.modelClass]).toEqual([
      [0, 0],
      [134, 2],
      [517, 2],
      [7, 1],
    ])
    expect(map.unmappedModel).toEqual(['dog'])
  })

  test('a name that the model has twice is joined by its number or not at all', () => {
    const model = Array.from({ length: 518 }, (_, i) =>
      i === 134 || i === 517 ? 'crane' : `class ${i}`,
    )
    expect([...mapClasses(dataset, model).modelClass]).toEqual([
      [134, 134],
      [517, 517],
    ])
    expect(mapClasses(dataset, ['crane', 'crane']).unmappedDataset).toEqual([
      'tench',
      'crane',
      'crane',
      'sports_Car',
    ])
  })

  test('a chosen name goes before its own', () => {
    const map = mapClasses(dataset, ['tench', 'fish'], { tench: 'Fish' })
    expect(map.modelClass.get(0)).toBe(1)
    for (const chosen of [{ salmon: 'fish' }, { tench: 'salmon' }]) {
      expect(() => mapClasses(dataset, ['fish'], chosen)).toThrow(
        expect.objectContaining({ code: 'E_CLASS_UNKNOWN' }),
      )
    }
  })
})

describe('the sign test', () => {
  test.each([
    [0, 0, 1],
    [1, 0, 1],
    [5, 0, 2 / 32],
    [8, 2, 2 * (56 / 1024)],
    [3, 3, 1],
    [0, 10, 2 / 1024],
  ])('%i against %i: p = %f', (first, second, p) => {
    expect(signTest(first, second).p).toBeCloseTo(p, 12)
    expect(signTest(second, first).p).toBeCloseTo(p, 12)
  })

  test('thousands of pairs do not overflow', () => {
    expect(signTest(5_000, 5_000).p).toBe(1)
    const { p } = signTest(5_100, 4_900) // z = 1.99 with continuity correction: p = 0.0466
    expect(p).toBeCloseTo(0.0466, 3)
  })
})

const classes = [
  { index: 0, name: 'tench' },
  { index: 1, name: 'tabby' },
]
const map = mapClasses(classes, ['tabby', 'tench'])
const pictures = (
  classIndex: number,
  background: string | null,
  right: number,
  wrong: number,
  extra: Partial<D3sPicture> = {},
): D3sPicture[] =>
  Array.from({ length: right + wrong }, (_, i) => ({
    classIndex,
    background,
    shift: 'background-shift',
    verified: true,
    predicted: i < right ? 1 - classIndex : classIndex,
    ...extra,
  }))
const training = [
  ...pictures(0, 'water', 5, 0),
  ...pictures(0, 'sand', 2, 0),
  ...pictures(1, 'grass', 3, 0),
  ...pictures(1, 'indoors', 3, 0),
]
const order = ['grass', 'water', 'sand', 'indoors']

describe('accuracy on D3S', () => {
  test('the usual background is the most frequent; of equals all are', () => {
    const usual = usualBackgrounds(training)
    expect([...(usual.get(0) ?? [])]).toEqual(['water'])
    expect([...(usual.get(1) ?? [])]).toEqual(['grass', 'indoors'])
  })

  test('a set whose gap is known', () => {
    const accuracy = d3sAccuracy(
      [
        ...pictures(0, 'water', 9, 1), // usual
        ...pictures(0, 'sand', 4, 6),
        ...pictures(1, 'grass', 8, 2), // usual
        ...pictures(1, 'indoors', 10, 0), // usual
        ...pictures(1, 'sand', 3, 7),
        ...pictures(1, null, 1, 0),
        ...pictures(7, 'sand', 0, 5),
      ],
      training,
      classes,
      map,
      order,
    )
    expect(accuracy.pictures).toBe(56)
    expect(accuracy.withoutClass).toBe(5)
    expect(accuracy.gap.usual).toEqual({ pictures: 30, correct: 27, accuracy: 0.9 })
    expect(accuracy.gap.unusual).toEqual({ pictures: 20, correct: 7, accuracy: 0.35 })
    expect(accuracy.gap.difference).toBeCloseTo(0.55, 12)
    expect(accuracy.gap.meanOfClasses).toBeCloseTo((0.5 + 0.6) / 2, 12)
    expect(accuracy.gap).toMatchObject({ classes: 2, undecided: 1, tiedClasses: 1 })
    expect(accuracy.byBackground.map(({ background, correct }) => [background, correct])).toEqual([
      ['grass', 8],
      ['water', 9],
      ['sand', 7],
      ['indoors', 10],
    ])
    expect(accuracy.worstBackgrounds).toEqual([
      {
        classIndex: 0,
        className: 'tench',
        background: 'sand',
        pictures: 10,
        correct: 4,
        accuracy: 0.4,
      },
      {
        classIndex: 1,
        className: 'tabby',
        background: 'sand',
        pictures: 10,
        correct: 3,
        accuracy: 0.3,
      },
    ])
  })

  test('rejected pictures are counted apart and shown on request', () => {
    const all = [
      ...pictures(0, 'water', 4, 1),
      ...pictures(0, 'water', 0, 5, { verified: false, shift: 'time-shift' }),
      ...pictures(0, 'water', 0, 1, { predicted: null }),
    ]
    const usual = d3sAccuracy(all, training, classes, map, order)
    expect(usual.verified).toMatchObject({ pictures: 6, correct: 4 })
    expect(usual.rejected).toMatchObject({ pictures: 5, correct: 0 })
    expect(usual.byShift).toHaveLength(1)
    const whole = d3sAccuracy(all, training, classes, map, order, true)
    expect(whole.shown).toEqual(whole.all)
    expect(whole.byShift.map(({ shift, pictures: n }) => [shift, n])).toEqual([
      ['background-shift', 6],
      ['time-shift', 5],
    ])
  })

  test('without pictures there are no shares', () => {
    const { gap, all } = d3sAccuracy([], [], classes, map, order)
    expect(all.accuracy).toBeNull()
    expect(gap).toMatchObject({ difference: null, meanOfClasses: null, classes: 0 })
  })
})

describe('OM-ImageNet', () => {
  const row = (classIndex: number, at: number, predicted: number | null, split = 'test') => ({
    split,
    classIndex,
    row: at,
    predicted,
  })

  test('pairs by split, class and row; the test looks at those that differ', () => {
    const natural = [row(0, 0, 1), row(0, 1, 1), row(0, 2, 1), row(1, 0, 0), row(5, 0, 0)]
    const onManifold = [row(0, 0, 1), row(0, 1, 0), row(0, 2, null), row(1, 0, 1), row(1, 1, 0)]
    const study = omStudy(onManifold, natural, classes, map)
    expect(study.natural).toEqual({ pictures: 4, correct: 4, accuracy: 1, withoutClass: 1 })
    expect(study.onManifold).toMatchObject({ pictures: 5, correct: 2 })
    // Class 1 has two rows on one side and one on the other: no pairs.
    expect(study.pairs).toMatchObject({
      count: 3,
      unpaired: 3,
      agreeing: 1,
      bothCorrect: 1,
      bothWrong: 0,
    })
    expect(study.pairs.test).toEqual({ onlyFirst: 2, onlySecond: 0, p: 0.5 })
    expect(study.byClass.map(({ natural: n, onManifold: o }) => [n.correct, o.correct])).toEqual([
      [3, 1],
      [1, 1],
    ])
  })

  test('latents go to the nearest class mean', () => {
    const means = new LatentMeans()
    expect(means.result()).toBeNull()
    for (const [x, y] of [
      [0, 0],
      [2, 0],
    ] as const)
      means.learn(3, Float32Array.of(x, y))
    means.learn(4, Float32Array.of(10, 0))
    means.test(3, Float32Array.of(5, 9)) // 1 is nearer than 10
    means.test(4, Float32Array.of(5, 0))
    means.test(4, Float32Array.of(6, 0))
    means.test(8, Float32Array.of(6, 0))
    expect(means.result()).toEqual({
      trainingLatents: 3,
      classes: 2,
      all: { pictures: 3, correct: 2, accuracy: 2 / 3 },
      byClass: [
        { classIndex: 3, pictures: 1, correct: 1, accuracy: 1 },
        { classIndex: 4, pictures: 2, correct: 1, accuracy: 0.5 },
      ],
      withoutMean: 1,
    })
    expect(() => {
      means.learn(3, Float32Array.of(1))
    }).toThrow(RangeError)
  })
})
