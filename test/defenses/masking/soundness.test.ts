import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeOf } from '../../../bench/bitmap-certificate'
import { certifyObjects } from '../../../src/defenses/masking/certify-objects'
import { halfMasks, hideHalf } from '../../../src/defenses/masking/half-masks'
import type { Frame, KnownObject } from '../../../src/defenses/masking/hidden-margins'
import { detectMasked } from '../../../src/defenses/masking/masked-detections'
import objectseeker from '../../../src/defenses/masking/objectseeker'
import type { ObjectSeekerSettings } from '../../../src/defenses/masking/objectseeker-settings'
import { patchPlaces, type PatchSize } from '../../../src/defenses/masking/patch-places'
import type { Detector } from '../../../src/shared/plugin'
import { boxArea, boxIoa, type BoxXyxy, type Detection } from '../../../src/shared/vision'
import { newRun } from '../../support/test-store'
import {
  attackedDetector,
  boxesIn,
  CLEAN,
  cleanImage,
  detectionsIn,
  frames,
  hiddenKey,
  noHost,
  patched,
  settingsOf,
} from './masked-scenes'

// The certificate against every place of the patch: the defended detector itself is run on the attacked picture, behind a
// detector that answers whatever an attacker likes wherever one pixel of the patch is to be seen.

interface Scene {
  readonly frame: Frame
  readonly object: KnownObject
  readonly settings: ObjectSeekerSettings
  readonly patch: PatchSize
  /** What the detector sees on the clean picture with each mask, in order; then without a mask. */
  readonly seen: readonly (readonly Detection[])[]
  /** What the attacker makes of it where it is free to. */
  readonly lies: readonly Detection[]
}

const scenes: fc.Arbitrary<Scene> = frames(9).chain((frame) =>
  fc
    .record({
      lines: fc.integer({ min: 1, max: 5 }),
      pruneIoa: fc.constantFrom(0.5, 0.75, 0.6, 1),
      clusterDistance: fc.constantFrom(0, 0.1, 0.5),
      classAware: fc.boolean(),
    })
    .map(settingsOf)
    .chain((settings) => {
      const masks = halfMasks(frame.width, frame.height, settings.lines).length
      return boxesIn(frame).chain((box) => {
        const object = { box, classId: 0 }
        // Mostly the object itself or boxes about it, so that certificates come about.
        const shown = fc.oneof(
          fc.constant({ box, score: 0.9, classId: 0 }),
          detectionsIn(frame).map((detection) => ({ ...detection, classId: 0 })),
          detectionsIn(frame),
        )
        return fc.record({
          frame: fc.constant(frame),
          object: fc.constant(object),
          settings: fc.constant(settings),
          patch: fc.record({
            width: fc.integer({ min: 1, max: 5 }),
            height: fc.integer({ min: 1, max: 5 }),
          }),
          seen: fc.array(fc.array(shown, { maxLength: 2 }), {
            minLength: masks + 1,
            maxLength: masks + 1,
          }),
          lies: fc.array(detectionsIn(frame), { maxLength: 4 }),
        })
      })
    }),
)

/** Boxes that, said of the whole picture, make as many boxes as possible go and tell nothing of the object. */
function explainAway({ object, settings, seen }: Scene): Detection[] {
  return seen.flat().flatMap(({ box, classId }) =>
    strips(box, settings.pruneIoa)
      .filter((strip) => boxIoa(box, strip) >= settings.pruneIoa && boxIoa(object.box, strip) === 0)
      .map((strip) => ({ box: strip, score: 0.9, classId })),
  )
}

/** The share `part` of a box, from each of its sides. */
function strips([x1, y1, x2, y2]: BoxXyxy, part: number): BoxXyxy[] {
  const [width, height] = [(x2 - x1) * part, (y2 - y1) * part]
  return [
    [x1, y1, x1 + width, y2],
    [x2 - width, y1, x2, y2],
    [x1, y1, x2, y1 + height],
    [x1, y2 - height, x2, y2],
  ]
}

/** What may be answered where a pixel of the patch is visible: nothing; lies; what makes the others' boxes go. */
function attackers(scene: Scene): ((isWhole: boolean) => readonly Detection[])[] {
  const cover = explainAway(scene)
  return [() => [], () => scene.lies, (isWhole) => (isWhole ? cover : [])]
}

function detectorOf(
  { frame, settings, seen }: Scene,
  attacker: (isWhole: boolean) => readonly Detection[],
): Detector {
  const masks = halfMasks(frame.width, frame.height, settings.lines)
  const table = new Map(
    masks.map((mask, i) => [hiddenKey(hideHalf(cleanImage(frame), mask, 0)), seen[i] ?? []]),
  )
  return attackedDetector(
    (image) => table.get(hiddenKey(image)) ?? seen.at(-1) ?? [],
    (image) => attacker(!image.data.includes(0)),
  )
}

const isFound = (
  found: readonly Detection[],
  { box, classId }: KnownObject,
  { classAware }: ObjectSeekerSettings,
): boolean =>
  found.some(
    (one) => (!classAware || one.classId === classId) && boxIoa(box, one.box) * boxArea(box) > 0,
  )

test('what is certified is found, wherever the patch is and whatever it does', async () => {
  let survived = 0
  await fc.assert(
    fc.asyncProperty(scenes, async (scene) => {
      const { frame, object, settings, patch } = scene
      const bare = detectorOf(scene, () => [])
      const answers = await detectMasked(bare, cleanImage(frame), settings, newRun())
      const [certificate] = certifyObjects([object], answers, frame, settings, patch)
      if (!patchPlaces.some((place) => certificate?.certified[place])) return
      const defended = attackers(scene).map((attacker) =>
        objectseeker.wrap(detectorOf(scene, attacker), settings, noHost),
      )
      for (let y = -patch.height; y <= frame.height; y++) {
        for (let x = -patch.width; x <= frame.width; x++) {
          const place = placeOf(x, y, object.box, frame, patch)
          if (!certificate?.certified[place]) continue
          const image = patched(frame, x, y, patch.width, patch.height)
          for (const detector of defended) {
            const found = await detector.detect(image, newRun())
            expect([x, y, isFound(found, object, settings)]).toEqual([x, y, true])
            survived++
          }
        }
      }
    }),
    { numRuns: 250 },
  )
  expect(survived).toBeGreaterThan(1500)
})

/** Sees the object wherever all of it is visible, and nothing as soon as one pixel of a patch is. */
function fixedObject(box: BoxXyxy): Detector {
  const [x1, y1, x2, y2] = [
    Math.floor(box[0]),
    Math.floor(box[1]),
    Math.ceil(box[2]),
    Math.ceil(box[3]),
  ]
  return attackedDetector(
    ({ data, width }) => {
      for (let y = y1; y < y2; y++) {
        for (let x = x1; x < x2; x++) if (data[3 * (y * width + x)] !== CLEAN) return []
      }
      return [{ box, score: 0.9, classId: 0 }]
    },
    () => [],
  )
}

const fixedScenes = frames(11).chain((frame) =>
  fc.record({
    frame: fc.constant(frame),
    box: boxesIn(frame),
    lines: fc.integer({ min: 1, max: 12 }),
    patch: fc.record({
      width: fc.integer({ min: 1, max: 4 }),
      height: fc.integer({ min: 1, max: 4 }),
    }),
  }),
)

test('no more and no less than what every place shows is certified', async () => {
  const counts = { yes: 0, no: 0 }
  await fc.assert(
    fc.asyncProperty(fixedScenes, async ({ frame, box, lines, patch }) => {
      const settings = settingsOf({ lines })
      const detector = fixedObject(box)
      const answers = await detectMasked(detector, cleanImage(frame), settings, newRun())
      const object = { box, classId: 0 }
      const [certificate] = certifyObjects([object], answers, frame, settings, patch)
      const defended = objectseeker.wrap(detector, settings, noHost)
      const found = { far: true, near: true, over: true, anywhere: true }
      const isReal = { far: false, near: false, over: false, anywhere: false }
      // Places at which the patch touches the picture.
      for (let y = 1 - patch.height; y < frame.height; y++) {
        for (let x = 1 - patch.width; x < frame.width; x++) {
          const place = placeOf(x, y, box, frame, patch)
          const image = patched(frame, x, y, patch.width, patch.height)
          isReal[place] = isReal.anywhere = true
          if (isFound(await defended.detect(image, newRun()), object, settings)) continue
          found[place] = found.anywhere = false
        }
      }
      for (const place of patchPlaces) {
        if (!isReal[place]) continue
        expect([place, certificate?.certified[place]]).toEqual([place, found[place]])
        counts[found[place] ? 'yes' : 'no']++
      }
    }),
    { numRuns: 250 },
  )
  expect(Math.min(counts.yes, counts.no)).toBeGreaterThan(30)
})

test('patches of any shape inside the rectangle hide no more than the rectangle', async () => {
  const shapes = fixedScenes.chain((scene) =>
    fc.record({
      scene: fc.constant(scene),
      bits: fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
    }),
  )
  await fc.assert(
    fc.asyncProperty(shapes, async ({ scene: { frame, box, lines, patch }, bits }) => {
      const settings = settingsOf({ lines })
      const detector = fixedObject(box)
      const answers = await detectMasked(detector, cleanImage(frame), settings, newRun())
      const object = { box, classId: 0 }
      const [certificate] = certifyObjects([object], answers, frame, settings, patch)
      if (!certificate?.certified.far) return
      const defended = objectseeker.wrap(detector, settings, noHost)
      for (let y = 1 - patch.height; y < frame.height; y++) {
        for (let x = 1 - patch.width; x < frame.width; x++) {
          if (placeOf(x, y, box, frame, patch) !== 'far') continue
          const image = patched(frame, x, y, patch.width, patch.height)
          for (let i = 0; i < image.data.length / 3; i++) {
            const [column, row] = [(i % frame.width) - x, Math.floor(i / frame.width) - y]
            if (image.data[3 * i] === CLEAN || bits[4 * row + column]) continue
            image.data.fill(CLEAN, 3 * i, 3 * i + 3)
          }
          const found = await defended.detect(image, newRun())
          expect(isFound(found, object, settings)).toBe(true)
        }
      }
    }),
    { numRuns: 60 },
  )
})
