import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coveringMasks, hideRectangles } from '../../../src/defenses/masking/covering-masks'
import {
  certifyDoubleMasking,
  doubleMasking,
  type MaskPair,
} from '../../../src/defenses/masking/double-masking'
import {
  certifyClass,
  classifyDefended,
  patchCleanserParams,
} from '../../../src/defenses/masking/patch-cleanser'
import type { RgbImage } from '../../../src/shared/vision'
import { cleanImage, frames, hiddenKey, PATCH, patched } from './masked-scenes'

const sizes = fc.record({
  frame: frames(20),
  patch: fc.record({
    width: fc.integer({ min: 1, max: 24 }),
    height: fc.integer({ min: 1, max: 24 }),
  }),
  perAxis: fc.integer({ min: 1, max: 7 }),
})

describe('covering masks', () => {
  test('the published ones of ImageNet', () => {
    const frame = { width: 224, height: 224 }
    const masks = coveringMasks(frame, { width: 32, height: 32 }, 6)
    expect(masks).toHaveLength(36)
    expect(masks.slice(0, 6).map(({ x }) => x)).toEqual([0, 33, 66, 99, 132, 160])
    expect(masks.at(-1)).toEqual({ x: 160, y: 160, width: 64, height: 64 })
  })

  test('every patch of the size or less lies inside one, and the masks inside the frame', () => {
    fc.assert(
      fc.property(sizes, ({ frame, patch, perAxis }) => {
        const masks = coveringMasks(frame, patch, perAxis)
        expect(masks.length).toBeLessThanOrEqual(perAxis * perAxis)
        for (const { x, y, width, height } of masks) {
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0)
          expect(x + width).toBeLessThanOrEqual(frame.width)
          expect(y + height).toBeLessThanOrEqual(frame.height)
        }
        for (let y = 1 - patch.height; y < frame.height; y++) {
          for (let x = 1 - patch.width; x < frame.width; x++) {
            const right = Math.min(frame.width, x + patch.width)
            const bottom = Math.min(frame.height, y + patch.height)
            const hides = masks.some(
              (mask) =>
                mask.x <= Math.max(0, x) &&
                mask.y <= Math.max(0, y) &&
                mask.x + mask.width >= right &&
                mask.y + mask.height >= bottom,
            )
            expect([x, y, hides]).toEqual([x, y, true])
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('are no larger than they need be', () => {
    fc.assert(
      fc.property(sizes, ({ frame, patch, perAxis }) => {
        const [{ width } = { width: 0 }] = coveringMasks(frame, patch, perAxis)
        const run = Math.min(patch.width, frame.width)
        // perAxis intervals of one pixel less hold too few runs.
        expect(perAxis * (width - 1 - run + 1)).toBeLessThan(frame.width - run + 1)
      }),
    )
  })

  test('hide their pixels and no others', () => {
    const image = cleanImage({ width: 5, height: 4 })
    const hidden = hideRectangles(
      image,
      [
        { x: 1, y: 0, width: 2, height: 2 },
        { x: 2, y: 1, width: 3, height: 1 },
      ],
      [0, 7, 9],
    )
    expect(hiddenKey(hidden)).toBe('.##..' + '.####' + '.....' + '.....')
    expect([...hidden.data.slice(3, 6)]).toEqual([0, 7, 9])
    expect(image.data.includes(0)).toBe(false)
  })
})

describe('inference', () => {
  const table = (labels: readonly (readonly number[])[]) => {
    const asked: MaskPair[] = []
    return {
      asked,
      classify: (pairs: readonly MaskPair[]) => {
        asked.push(...pairs)
        return Promise.resolve(
          pairs.map(([i, j]) => labels[Math.min(i, j)]?.[Math.max(i, j)] ?? NaN),
        )
      },
    }
  }

  test('masks that agree answer at once', async () => {
    const { classify } = table([
      [4, 0, 0],
      [0, 4, 0],
      [0, 0, 4],
    ])
    expect(await doubleMasking(3, classify)).toEqual({ label: 4, reason: 'agreement', calls: 3 })
  })

  test('a disagreer answers if its label stays under every second mask', async () => {
    const { classify, asked } = table([
      [1, 1, 2, 1],
      [0, 1, 2, 1],
      [0, 0, 2, 2],
      [0, 0, 0, 1],
    ])
    expect(await doubleMasking(4, classify)).toEqual({ label: 2, reason: 'disagreer', calls: 7 })
    expect(asked.slice(4)).toEqual([
      [2, 0],
      [2, 1],
      [2, 3],
    ])
  })

  test('else the majority answers, after every disagreer was asked', async () => {
    const { classify } = table([
      [3, 1, 3, 3],
      [0, 1, 1, 1],
      [0, 0, 2, 2],
      [0, 0, 0, 1],
    ])
    const answer = await doubleMasking(4, classify)
    expect(answer).toEqual({ label: 1, reason: 'majority', calls: 10 })
  })

  test('of labels equally frequent the smallest is the majority', async () => {
    const { classify } = table([
      [5, 9, 9, 9],
      [0, 2, 9, 9],
      [0, 0, 5, 9],
      [0, 0, 0, 2],
    ])
    expect(await doubleMasking(4, classify)).toMatchObject({ label: 2, reason: 'majority' })
  })

  test('what is certified is answered, whatever the pairs that do not hide the patch say', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }).chain((n) =>
          fc.record({
            n: fc.constant(n),
            hiding: fc.integer({ min: 0, max: n - 1 }),
            label: fc.integer({ min: 0, max: 2 }),
            lies: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: n * n, maxLength: n * n }),
          }),
        ),
        async ({ n, hiding, label, lies }) => {
          const classify = (pairs: readonly MaskPair[]) =>
            Promise.resolve(
              pairs.map(([i, j]) =>
                i === hiding || j === hiding
                  ? label
                  : (lies[Math.min(i, j) * n + Math.max(i, j)] ?? NaN),
              ),
            )
          expect((await doubleMasking(n, classify)).label).toBe(label)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('the certificate', () => {
  test('needs every pair', async () => {
    const pairs: MaskPair[] = []
    const all = (odd: number) => (asked: readonly MaskPair[]) => {
      pairs.push(...asked)
      return Promise.resolve(asked.map(([i, j]) => (10 * i + j === odd ? 0 : 7)))
    }
    expect(await certifyDoubleMasking(3, all(-1))).toEqual({ label: 7, calls: 6 })
    expect(pairs).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 1],
      [1, 2],
      [2, 2],
    ])
    for (const odd of [0, 1, 2, 11, 12, 22]) {
      expect(await certifyDoubleMasking(3, all(odd))).toMatchObject({ label: null })
    }
    expect(await certifyDoubleMasking(36, all(-1))).toEqual({ label: 7, calls: 666 })
  })

  const settings = patchCleanserParams.parse({ masksPerAxis: 2, colour: [0, 0, 0] })
  const names = ['cat', 'dog', 'owl']

  /** Answers from a table by what is hidden; where a pixel of the patch is visible, from the attacker's. */
  const classifier =
    (clean: (key: string) => number, attacker: (key: string) => number) =>
    (images: readonly RgbImage[]): Promise<number[]> =>
      Promise.resolve(
        images.map((image) => (image.data.includes(PATCH) ? attacker : clean)(hiddenKey(image))),
      )
  const hash = (key: string, seed: number): number => {
    let sum = seed
    for (let i = 0; i < key.length; i++) sum = (31 * sum + key.charCodeAt(i)) >>> 0
    return (sum >>> 7) % 3
  }

  test('holds at every place, for adversaries that answer anything', async () => {
    const counts = { yes: 0, no: 0 }
    const scenes = fc.record({
      frame: frames(7),
      patch: fc.record({
        width: fc.integer({ min: 1, max: 4 }),
        height: fc.integer({ min: 1, max: 4 }),
      }),
      masksPerAxis: fc.integer({ min: 2, max: 3 }),
      seed: fc.nat(),
      label: fc.integer({ min: 0, max: 2 }),
      // How many pixels must be left for the right label: clean answers are sometimes odd too.
      needs: fc.integer({ min: 0, max: 12 }),
    })
    await fc.assert(
      fc.asyncProperty(scenes, async ({ frame, patch, masksPerAxis, seed, label, needs }) => {
        const own = { ...settings, masksPerAxis }
        const left = (key: string) => key.split('.').length - 1
        const clean = (key: string) => (left(key) >= needs ? label : (label + 1) % 3)
        const bare = classifier(clean, () => 0)
        const certificate = await certifyClass(cleanImage(frame), bare, names, patch, own)
        counts[certificate.certified ? 'yes' : 'no']++
        if (!certificate.certified) return
        const attackers = [
          () => (label + 1) % 3,
          (key: string) => hash(key, seed),
          // One lie for single masks, another for pairs.
          (key: string) => (left(key) % 2 === 0 ? (label + 1) % 3 : (label + 2) % 3),
        ]
        for (let y = 1 - patch.height; y < frame.height; y++) {
          for (let x = 1 - patch.width; x < frame.width; x++) {
            const image = patched(frame, x, y, patch.width, patch.height)
            for (const attacker of attackers) {
              const answer = await classifyDefended(image, classifier(clean, attacker), patch, own)
              expect([x, y, answer.label]).toEqual([x, y, certificate.classId])
            }
          }
        }
      }),
      { numRuns: 150 },
    )
    expect(Math.min(counts.yes, counts.no)).toBeGreaterThan(15)
  })

  test('says what is proven, or that nothing is', async () => {
    const frame = { width: 8, height: 8 }
    const patch = { width: 2, height: 2 }
    const steady = classifier(
      () => 1,
      () => 0,
    )
    expect(await certifyClass(cleanImage(frame), steady, names, patch, settings)).toMatchObject({
      certified: true,
      classId: 1,
      calls: 10,
      statement:
        'If this picture is clean, its class stays dog whatever one patch of any shape within 2x2 pixels, anywhere does.',
    })
    const moody = classifier(
      (key) => (key.startsWith('#') ? 1 : 0),
      () => 0,
    )
    expect(await certifyClass(cleanImage(frame), moody, names, patch, settings)).toMatchObject({
      certified: false,
      classId: null,
      statement: expect.stringMatching(/^Not proven/) as string,
    })
  })

  test('refuses patches that are none', async () => {
    const none = { width: 0, height: 2 }
    const steady = classifier(
      () => 1,
      () => 0,
    )
    await expect(
      certifyClass(cleanImage({ width: 8, height: 8 }), steady, names, none, settings),
    ).rejects.toMatchObject({ code: 'E_PATCH_SIZE' })
  })
})
