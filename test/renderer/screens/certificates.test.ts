import fc from 'fast-check'
import { expect, test } from 'vitest'
import { certifiedFigures } from '../../../src/renderer/screens/models/card-fields'
import {
  placesAt,
  readMap,
  vulnerableMask,
} from '../../../src/renderer/screens/image/certificate-map'
import {
  certificatesOf,
  notProven,
  type Certificate,
} from '../../../src/renderer/screens/image/certificate-words'
import { greyLevels, whySentences } from '../../../src/renderer/screens/image/why-words'
import { certificateText, radiusText } from '../../../src/renderer/strings/certificates'
import { imageText } from '../../../src/renderer/strings/image'

/** A patch is harmless at a place up to its end there; ends never go back. */
const stairs = fc
  .record({ from: fc.nat(50), rises: fc.array(fc.nat(6), { minLength: 1, maxLength: 40 }) })
  .map(({ from, rises }) => {
    const length = rises.length
    let end = 0
    const ends = rises.map((rise, place) => {
      end = Math.min(length, Math.max(end, place) + rise)
      return from + end
    })
    const harmless = ends.flatMap((one, place) =>
      place === 0 || one !== ends[place - 1] ? [[from + place, one]] : [],
    )
    return { from, length, ends, harmless }
  })

test('the map of any size says of each place what the ends say', () => {
  fc.assert(
    fc.property(
      stairs,
      fc.integer({ min: 1, max: 45 }),
      ({ from, length, ends, harmless }, size) => {
        const map = { axis: 'x', patch: 1, from, places: length, vulnerable: [], harmless }
        const read = readMap({ details: { map } })
        expect(read?.length).toBe(length)
        if (!read) return
        const at = placesAt(read, size)
        const side = Math.min(size, length)
        expect(at).toMatchObject({ size: side, places: length - side + 1 })
        const isOpen = (place: number) =>
          at.vulnerable.some(([first, last]) => place >= first && place <= last)
        let open = 0
        for (let place = from; place <= from + length - side; place++) {
          expect(isOpen(place)).toBe(place + side > (ends[place - from] ?? 0))
          if (isOpen(place)) open++
        }
        expect(at.open).toBe(open)
        // A larger patch is nowhere safer.
        if (side < length) {
          const larger = placesAt(read, side + 1)
          expect(larger.open / larger.places).toBeGreaterThanOrEqual(open > 0 ? 0.0001 : 0)
        }
      },
    ),
  )
})

test('a certificate without ends shows the map of its own size alone, and nonsense shows none', () => {
  const map = { axis: 'y', patch: 4, from: 10, places: 7, vulnerable: [[12, 13]] }
  const read = readMap({ details: { map } })
  expect(read).toMatchObject({ length: 10, harmless: null })
  expect(read && placesAt(read, 2)).toEqual({ size: 4, places: 7, vulnerable: [[12, 13]], open: 2 })
  for (const nonsense of [null, 7, { axis: 'z', patch: 1 }, { axis: 'x', patch: 'wide' }]) {
    expect(readMap({ details: { map: nonsense } })).toBeNull()
  }
})

test('what is drawn lies inside the box, for any size', () => {
  const map = { axis: 'x', patch: 3, from: 10, places: 18, vulnerable: [], harmless: [[10, 12]] }
  const frame = { width: 40, height: 20 }
  const mask = vulnerableMask({ details: { map }, box: [10, 5, 30, 15] }, frame, 6)
  const set = [...(mask?.bits ?? [])].flatMap((bit, at) => (bit === 1 ? [at] : []))
  expect(set.length).toBe(20 * 10)
  for (const at of set) {
    expect(at % 40).toBeGreaterThanOrEqual(10)
    expect(at % 40).toBeLessThan(30)
  }
})

const certificate = (rest: Partial<Certificate>): Certificate => ({
  ...{ id: 1, runId: 1, runName: 'proof', imageId: 1, objectId: null, box: null, boxClass: null },
  ...{ class: 'person', method: 'derandomized-smoothing', statement: '', threat: '' },
  ...{ certified: true, radius: 9, unit: 'pixels of the picture, width of the patch', alpha: null },
  ...{ guarantee: 'deterministic', assumptions: [], votes: null, total: 64, params: {} },
  ...{ details: {}, modelId: null, modelDigest: null, stale: [] },
  ...rest,
})

test('those about a box go by what holds, then by what was given', () => {
  const box: [number, number, number, number] = [0, 0, 10, 10]
  const all = [
    certificate({ id: 1, box, stale: ['model'] }),
    certificate({ id: 2, box, certified: false }),
    certificate({ id: 3, box }),
    certificate({ id: 4, box: [50, 50, 60, 60] }),
    certificate({ id: 5 }),
  ]
  expect(certificatesOf(all, [0, 0, 10, 11]).map(({ id }) => id)).toEqual([3, 2, 1])
  expect(certificatesOf(all, null).map(({ id }) => id)).toEqual([5])
})

test('the second sentence says what a patch certificate does not cover', () => {
  expect(notProven(certificate({ box: [0, 0, 1, 1] }))).toMatch(/box’s position/)
  expect(notProven(certificate({}))).not.toMatch(/box/)
  expect(notProven(certificate({ method: 'gaussian-smoothing', unit: 'L2 distance' }))).toMatch(
    /usually changes far more/,
  )
  expect(notProven(certificate({ certified: false }))).toMatch(/does not mean/)
  const objects = { method: 'objectseeker', unit: 'pixels, side of the largest square patch' }
  expect(notProven(certificate({ ...objects, unit: `${objects.unit}, anywhere` }))).not.toMatch(
    /over the object/,
  )
  expect(
    notProven(certificate({ ...objects, unit: `${objects.unit}, farther from the object` })),
  ).toMatch(/over the object/)
})

test('why no more: the vote, what it takes, and up to which size it holds', () => {
  const vote = {
    ...{ first: { class: 'cat', votes: 61 }, second: { class: 'dog', votes: 39 } },
    ...{ counted: 100, total: 100, isCut: false, rivalFirst: false },
  }
  const patch = { size: 20, lead: 22, touched: 23, need: 46, largest: 90, holdsUpTo: 8 }
  const said = whySentences({ vote, patch, share: null, size: 20, limits: null }, certificate({}))
  expect(said[0]).toContain('61 for cat to 39 for dog, of 100')
  expect(said[1]).toMatch(/can turn 23 votes, so it takes a lead of 46, and the lead is 22/)
  expect(said[2]).toMatch(/up to 8.px/)
  expect(greyLevels(0.00123)).toBe('0.32')
  expect(greyLevels(Infinity)).toBe('∞')
})

test('figures of a proof are rounded to the safe side', () => {
  expect([0.23456, 0.29, 12, 0.0000999999, 1234.5, 0].map(radiusText)).toEqual([
    ...['0.234', '0.29', '12', '0.0000999', '1230', '0'],
  ])
  expect(imageText.confidence(0.05)).toBe('95.0 % confidence')
  expect(imageText.confidence(0.001)).toBe('99.9 % confidence')
  expect(imageText.confidence(1 / 30)).toBe('96.6 % confidence')
  expect(imageText.confidence(1e-7)).toBe('99.99 % confidence')
  const said = certificateText.whyShare(0.99996, 0.578125, 0.0005)
  expect(said).toMatch(/^At least 99\.99.% .* with 99\.95.% confidence; .* more than 57\.82.%/)
})

test('cards say what was right and what of it was proven, with sizes and numbers of pictures', () => {
  const measured = {
    ...{ guarantee: 'deterministic', pictures: 1000, clean: 0.796 },
    certifiedByPatchWidth: { '2': 0.646, '5': 0.532 },
  }
  expect(certifiedFigures({ parameters: 2, measured })).toEqual([
    {
      ...{ on: '', pictures: 1000, clean: 0.796, unit: 'px' },
      certified: [
        { size: 2, share: 0.646 },
        { size: 5, share: 0.532 },
      ],
    },
  ])
  const nested = { measured: { photographs: { objects: measured }, byClass: { car: measured } } }
  expect(certifiedFigures(nested).map(({ on }) => on)).toEqual([
    'photographs, objects',
    'by class, car',
  ])
  expect(certifiedFigures({ iou: 0.8 })).toEqual([])
})
