import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coveringMasks, type HiddenRectangle } from '../../../src/defenses/masking/covering-masks'
import {
  certifyDoubleMasking,
  doubleMasking,
  type MaskPair,
} from '../../../src/defenses/masking/double-masking'
import {
  certifyClass,
  classifyDefended,
  patchCleanser,
} from '../../../src/defenses/masking/patch-cleanser'
import type { RgbImage } from '../../../src/shared/vision'
import { cleanImage, frames, hiddenKey, PATCH, patched, withHidden } from './masked-scenes'

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
            if (!hides) expect.unreachable(`no mask hides the patch at ${x}, ${y}`)
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
  test('needs every pair, each once, and ends at the first that differs', async () => {
    const pairs: MaskPair[] = []
    const all = (odd: number) => (asked: readonly MaskPair[]) => {
      pairs.push(...asked)
      return Promise.resolve(asked.map(([i, j]) => (10 * i + j === odd ? 0 : 7)))
    }
    expect(await certifyDoubleMasking(3, all(-1))).toEqual({ label: 7, answer: 7, calls: 6 })
    expect(pairs).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
      [0, 1],
      [0, 2],
      [1, 2],
    ])
    for (const odd of [0, 1, 2, 11, 12, 22]) {
      const { label, answer, calls } = await certifyDoubleMasking(3, all(odd))
      expect({ label, answer }).toEqual({ label: null, answer: 7 })
      expect(calls).toBeLessThanOrEqual(6)
    }
    // k² masks, k²(k² + 1) / 2 pictures.
    for (const masks of [1, 4, 9, 36]) {
      pairs.length = 0
      const calls = (masks * (masks + 1)) / 2
      expect(await certifyDoubleMasking(masks, all(-1))).toMatchObject({ label: 7, calls })
      expect(new Set(pairs.map(String)).size).toBe(calls)
    }
    // Single masks, the disagreer with every other: 36 + 35.
    expect(await certifyDoubleMasking(36, all(11))).toMatchObject({ label: null, calls: 71 })
    // Single masks and the first batch of pairs.
    expect(await certifyDoubleMasking(36, all(2))).toMatchObject({ label: null, calls: 100 })
  })

  const settings = patchCleanser.params.parse({ masksPerAxis: 2 })
  const names = ['cat', 'dog', 'owl']

  /** Answers from a table by what is hidden; where a pixel of the patch is visible, from the attacker's. */
  const classifier =
    (image: RgbImage, clean: (key: string) => number, attacker: (key: string) => number) =>
    (hidden: readonly (readonly HiddenRectangle[])[]): Promise<number[]> =>
      Promise.resolve(
        hidden.map((rectangles) => {
          const seen = withHidden(image, rectangles)
          return (seen.data.includes(PATCH) ? attacker : clean)(hiddenKey(seen))
        }),
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
        const bare = classifier(cleanImage(frame), clean, () => 0)
        const certificate = await certifyClass(frame, bare, names, patch, own)
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
              const classify = classifier(image, clean, attacker)
              const answer = await classifyDefended(frame, classify, patch, own)
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
    const answers = (clean: (key: string) => number) =>
      classifier(cleanImage(frame), clean, () => 0)
    const steady = answers(() => 1)
    expect(await certifyClass(frame, steady, names, patch, settings)).toMatchObject({
      ...{ certified: true, classId: 1, calls: 10 },
      statement:
        'If this picture is clean, PatchCleanser answers dog whatever one patch within 2x2 pixels does, wherever it is.',
    })
    const moody = answers((key) => (key.startsWith('#') ? 1 : 0))
    expect(await certifyClass(frame, moody, names, patch, settings, 'crop')).toMatchObject({
      // The mask over the first corner disagrees, and does so together with every other.
      ...{ certified: false, classId: 1 },
      statement:
        "Not proven: one patch within 2x2 pixels may change the class of this crop; the box's position is not certified.",
    })
    // Nothing is left to see, so that all pictures would be "certified".
    expect(await certifyClass(frame, steady, names, frame, settings)).toMatchObject({
      ...{ certified: false, classId: null, calls: 0 },
      statement: 'Not proven: masks that hide a patch of 8x8 pixels hide all of this picture.',
    })
  })

  test('refuses patches that are none', async () => {
    const none = { width: 0, height: 2 }
    const frame = { width: 8, height: 8 }
    const unasked = () => Promise.reject(new Error('nothing is to be classified'))
    await expect(certifyClass(frame, unasked, names, none, settings)).rejects.toMatchObject({
      code: 'E_PATCH_SIZE',
    })
  })
})
