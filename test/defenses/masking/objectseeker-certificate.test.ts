import { describe, expect, test } from 'vitest'
import { objectSeekerCertificate } from '../../../src/defenses/masking/objectseeker-certificate'
import { parsePatchSize } from '../../../src/defenses/masking/patch-size'
import type { Detector, PatchThreat, Threat } from '../../../src/shared/plugin'
import { type BoxXyxy, emptyMask } from '../../../src/shared/vision'
import { newRun } from '../../support/test-store'
import { CLEAN, cleanImage } from './masked-scenes'

const frame = { width: 60, height: 40 }
const box: BoxXyxy = [20, 15, 30, 25]
const detector: Detector = {
  classNames: ['cat', 'dog'],
  detect: ({ data, width }) => {
    const isVisible = [15, 24].every((y) =>
      [20, 29].every((x) => data[3 * (y * width + x)] === CLEAN),
    )
    return Promise.resolve(isVisible ? [{ box, score: 0.9, classId: 0 }] : [])
  },
}
const sample = {
  name: 'one.png',
  image: cleanImage(frame),
  objects: [
    { box, classId: 0 },
    { box: [40, 0, 50, 10] as const, classId: 1 },
  ],
}

const certify = (threat: Threat | PatchThreat, settings: Record<string, unknown> = {}) =>
  objectSeekerCertificate.certify(
    detector,
    sample,
    threat,
    objectSeekerCertificate.params.parse({ lines: 9, ...settings }),
    newRun(),
  )

test('one certificate for each object, in order, that says what is proven and what is assumed', async () => {
  const [cat, dog, ...others] = await certify({ patch: { width: 4, height: 3 } }, { place: 'far' })
  expect(others).toEqual([])
  // Lines at multiples of 4 rows and 6 columns: the object leaves rows < 12 and >= 28, columns < 18 and >= 30.
  expect(cat).toMatchObject({
    method: 'objectseeker',
    certified: true,
    radius: 60,
    statement:
      'If this picture is clean, a box of the class cat overlaps the object at [20, 15, 30, 25] whatever one patch of any shape within 4x3 pixels, farther from the object than a tenth of the picture does.',
    details: { far: true, near: false, over: false, anywhere: false, largestOver: 0 },
  })
  expect(cat?.assumptions.join(' ')).toMatch(/clean.*JPEG.*same answer.*same settings \(9 lines\)/)
  expect(dog).toMatchObject({ certified: false, radius: 0, details: { far: false } })
  expect(dog?.statement).toMatch(/^Not proven: .* may hide the object \(dog\) at \[40, 0, 50, 10\]/)
})

test('anywhere is asked about unless a place is named', async () => {
  const [cat] = await certify({ patch: { width: 1, height: 1 } })
  expect(cat?.certified).toBe(false)
})

describe('a region', () => {
  const region = (x: number, y: number, width = 1, height = 1): Threat => {
    const mask = emptyMask(frame.width, frame.height)
    for (let row = y; row < y + height; row++) {
      mask.bits.fill(1, row * frame.width + x, row * frame.width + x + width)
    }
    return { region: mask, epsilon: 1 }
  }
  test.each([
    ['in the rows above', region(0, 0, 60, 12), true],
    ['one row further', region(0, 0, 60, 13), false],
    ['in the rows below', region(0, 28, 60, 12), true],
    ['from one row above', region(0, 27, 60, 13), false],
    ['in the columns to the left', region(0, 0, 18, 40), true],
    ['one column further', region(0, 0, 19, 40), false],
    ['in the columns to the right', region(30, 0, 30, 40), true],
    ['from one column before', region(29, 0, 31, 40), false],
    ['without pixels', region(0, 0, 0, 0), true],
  ])('%s', async (_, threat, certified) => {
    const [cat, dog] = await certify(threat)
    expect(cat?.certified).toBe(certified)
    expect(cat?.statement).toContain('any change of the pixels of the given region')
    expect(dog?.certified).toBe(false)
  })
})

describe('the size of a patch', () => {
  test.each([
    ['1%', 4, 4],
    ['2.5 %', 7, 7],
    ['100%', 48, 48],
    ['0.01%', 1, 1], // less than a pixel
    ['12', 12, 12],
    ['12x3', 12, 3],
    [' 7 x 9 ', 7, 9],
  ])('%s', (text, width, height) => {
    expect(parsePatchSize(text, frame)).toEqual({ width, height })
  })

  test.each(['', 'x', '0%', '101%', '-3', '1.5', '3x', '0', '4x0', 'NaN%'])(
    '"%s" is refused',
    (text) => {
      expect(() => parsePatchSize(text, frame)).toThrow(
        expect.objectContaining({ code: 'E_PATCH_SIZE' }),
      )
    },
  )

  test.each([
    [0, 4],
    [4, 0],
    [1.5, 4],
    [NaN, 4],
  ])('%d x %d is not certified for', async (width, height) => {
    await expect(certify({ patch: { width, height } })).rejects.toMatchObject({
      code: 'E_PATCH_SIZE',
    })
  })
})
