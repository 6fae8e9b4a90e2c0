import { describe, expect, test } from 'vitest'
import {
  attackSuccess,
  evaluateAttacked,
  maskQuality,
  type PatchMark,
  parseCocoGroundTruth,
  separatePatches,
  summarizeMasks,
} from '../../../src/shared/metrics'
import { encodeMask } from '../../../src/shared/vision'
import { scene } from './small-sets'

const document = (targets: readonly number[]) => ({
  images: [{ id: 1, width: 400, height: 400 }],
  categories: [
    { id: 12, name: 'adversarial patch' },
    { id: 13, name: 'stop sign' },
  ],
  patches: targets.map((adv_target, id) => ({ id, name: `frc${id + 1}`, adv_target })),
  annotations: [
    { id: 1, image_id: 1, category_id: 13, bbox: [0, 0, 50, 50] },
    { id: 2, image_id: 1, category_id: 12, bbox: [40, 40, 20, 20], patch_id: 1 },
    { id: 3, image_id: 1, category_id: 12, bbox: [90, 40, 20, 20] },
  ],
})
const separate = (source: ReturnType<typeof document>) =>
  separatePatches(parseCocoGroundTruth(source), source)

describe('patches of a ground truth', () => {
  test('are no objects, whatever their category id', () => {
    const { objects, patches, warnings } = separate(document([53, 1]))
    expect(objects.categories.map(({ id }) => id)).toEqual([13])
    expect(objects.annotations.map(({ id }) => id)).toEqual([1])
    expect(patches).toEqual([
      { imageId: 1, box: [40, 40, 20, 20], name: 'frc2', target: 1 },
      { imageId: 1, box: [90, 40, 20, 20], name: null, target: null },
    ])
    expect(warnings).toEqual([
      '2 adversarial patches in the ground truth are not scored as objects',
    ])
  })

  test.each([
    [[53, 0], 1],
    [[52, 26], 27],
  ])('targets %j count from zero', (targets, target) => {
    const { patches, warnings } = separate(document(targets))
    expect(patches[0]?.target).toBe(target)
    expect(warnings.join()).toContain('W_TARGET_ZERO_BASED')
  })

  test('a ground truth without them stays as it is', () => {
    const truth = parseCocoGroundTruth(scene([], []).truth)
    expect(separatePatches(truth, truth)).toEqual({ objects: truth, patches: [], warnings: [] })
  })
})

const patch = (target: number | null, box: PatchMark['box'] = [100, 100, 50, 50]): PatchMark => ({
  imageId: 1,
  box,
  name: null,
  target,
})

describe('attack success', () => {
  const detection = (category_id: number, x: number, score: number) => ({
    image_id: 1,
    category_id,
    bbox: [x, 100, 50, 50],
    score,
  })

  test('is a detection of the target class that overlaps enough', () => {
    const results = [
      detection(1, 125, 0.6), // IoU 1/3
      detection(1, 100, 0.2), // too unsure
      detection(2, 100, 0.9), // another class
      { ...detection(1, 100, 0.9), image_id: 2 },
    ]
    const { outcomes, ...summary } = attackSuccess([patch(1), patch(3), patch(null)], results)
    expect(summary).toMatchObject({ patches: 2, successes: 1, rate: 0.5, unknownTargets: 1 })
    expect(summary.byTarget).toEqual([
      { target: 1, patches: 1, successes: 1 },
      { target: 3, patches: 1, successes: 0 },
    ])
    expect(outcomes[0]).toMatchObject({ succeeded: true, score: 0.6 })
    expect(outcomes[0]?.overlap).toBeCloseTo(1 / 3, 12)
    const strict = attackSuccess([patch(1)], results, { iou: 0.5, score: 0.3 })
    expect(strict.outcomes[0]).toMatchObject({ succeeded: false, score: null })
    expect(attackSuccess([patch(1)], results, { iou: 0.5, score: 0.2 }).successes).toBe(1)
  })

  test('an overlap of exactly the threshold reaches it', () => {
    const third = 1250 / 3750
    const results = [detection(1, 125, 0.6)]
    expect(attackSuccess([patch(1)], results, { iou: third, score: 0 }).successes).toBe(1)
    expect(attackSuccess([patch(1)], results, { iou: third + 1e-9, score: 0 }).successes).toBe(0)
  })

  test('without patches there is no rate', () => {
    expect(attackSuccess([], [])).toMatchObject({ patches: 0, rate: null })
  })
})

describe('attacked objects', () => {
  const { truth } = scene(
    [{ bbox: [90, 90, 60, 60] }, { bbox: [300, 300, 40, 40] }, { bbox: [50, 100, 50, 50] }],
    [],
  )
  const elsewhere = { id: 9, width: 10, height: 10 }
  const both = {
    ...truth,
    images: [...truth.images, elsewhere],
    annotations: [...truth.annotations, { id: 9, image_id: 9, category_id: 1, bbox: [0, 0, 9, 9] }],
  }

  test('are those that a patch touches, in images with a patch', () => {
    const results = [
      { image_id: 1, category_id: 1, bbox: [300, 300, 40, 40], score: 0.9 }, // spared: neither right nor wrong
      { image_id: 1, category_id: 1, bbox: [90, 90, 60, 60], score: 0.8 },
      { image_id: 9, category_id: 1, bbox: [5, 5, 2, 2], score: 1 }, // an image without a patch
    ]
    const { evaluation, ...counts } = evaluateAttacked(both, [patch(1)], results, 'bbox')
    // The third object ends where the patch begins: boxes that touch do not meet.
    expect(counts).toEqual({ images: 1, attacked: 1, spared: 2 })
    expect(evaluation.stats.AP50).toBeCloseTo(1, 9)
  })

  test('a false detection in an image with a patch counts', () => {
    const results = [
      { image_id: 1, category_id: 1, bbox: [200, 0, 30, 30], score: 0.9 },
      { image_id: 1, category_id: 1, bbox: [90, 90, 60, 60], score: 0.8 },
    ]
    const { evaluation } = evaluateAttacked(both, [patch(1)], results, 'bbox')
    expect(evaluation.stats.AP50).toBeCloseTo(0.5, 9)
  })
})

describe('masks', () => {
  const mask = (width: number, height: number, from: number, to: number) => {
    const bits = Uint8Array.from({ length: width * height }, (_, i) =>
      i >= from && i < to ? 1 : 0,
    )
    return encodeMask({ width, height, bits })
  }

  test('IoU, coverage and what was blanked for nothing', () => {
    const quality = maskQuality(mask(10, 10, 10, 30), mask(10, 10, 20, 50))
    expect(quality).toEqual({
      pixels: 100,
      patch: 20,
      found: 30,
      shared: 10,
      iou: 10 / 40,
      coverage: 10 / 20,
      outside: 20 / 80,
    })
  })

  test('empty masks have no IoU, a picture full of patch no outside', () => {
    const empty = mask(4, 4, 0, 0)
    expect(maskQuality(empty, empty)).toMatchObject({ iou: null, coverage: null, outside: 0 })
    expect(maskQuality(mask(4, 4, 0, 16), empty)).toMatchObject({
      iou: 0,
      coverage: 0,
      outside: null,
    })
  })

  test('a summary weighs images and pixels', () => {
    const summary = summarizeMasks([
      maskQuality(mask(10, 10, 0, 20), mask(10, 10, 0, 20)),
      maskQuality(mask(20, 20, 0, 100), mask(20, 20, 50, 100)),
      maskQuality(mask(10, 10, 0, 0), mask(10, 10, 0, 5)),
      maskQuality(mask(10, 10, 0, 0), mask(10, 10, 0, 0)),
    ])
    expect(summary).toEqual({
      images: 4,
      withPatch: 2,
      iou: { mean: 0.75, pooled: 70 / 120 },
      coverage: { mean: 0.75, pooled: 70 / 120 },
      coveredImages: 1,
      outside: { mean: 0.05 / 4, pooled: 5 / (80 + 300 + 200) },
      falseAlarms: 1,
      withoutPatch: 2,
    })
    expect(summarizeMasks([]).iou).toEqual({ mean: null, pooled: null })
  })

  test('masks of different pictures are refused', () => {
    expect(() => maskQuality(mask(4, 5, 0, 1), mask(5, 4, 0, 1))).toThrow(
      expect.objectContaining({ code: 'E_MASK_SIZE_MISMATCH' }),
    )
  })
})
