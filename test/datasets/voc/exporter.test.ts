import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ContentImage, DatasetContent, Shape } from '../../../src/shared/dataset'
import { decodeMaskPng } from '../../../src/datasets/reading/mask-png'
import exporter from '../../../src/datasets/voc/exporter'
import importer from '../../../src/datasets/voc/importer'
import { encodeMask } from '../../../src/shared/vision/rle'
import { memoryFiles } from '../../support/memory-files'
import { propertyRuns } from '../../support/mutations'
import { boxInside, contents, plainFile } from '../arbitrary-content'
import { canonicalContent, expectScene, fixtureFiles } from '../canonical-scene'
import { bitmap } from '../hostile-cases'
import { readAll } from '../read-all'
import { expectSame, exported } from '../round-trip'

const lossNames = (content: DatasetContent, masks = true) =>
  exporter.losses(content, { masks }).map(({ what }) => what)
const wholeEdge = (side: number) => fc.nat(side)

const attributes = fc
  .record(
    {
      pose: fc.constantFrom('Left', 'behind <the> "door"'),
      difficult: fc.constant(true),
      truncated: fc.constant(true),
      occluded: fc.constant(true),
    },
    { requiredKeys: [] },
  )
  .map((given) => ({ ...given }))

const supported = contents({
  file: plainFile,
  split: fc.constantFrom(null, 'train', 'val', 'dev-2'),
  categoryName: fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((name) => name === name.trim() && !/[\r\n]/.test(name)),
  geometry: (width, height) => boxInside(width, height, wholeEdge),
  attributes,
})

/** Some objects get masks that do not overlap: strips of the picture. */
function withMasks(content: DatasetContent): DatasetContent {
  const images = [...content.images()].map((image) => ({
    ...image,
    objects: image.objects.map((object, i) => {
      if (i % 3 === 2 || i >= image.width) return object
      const { width, height } = image
      const bits = new Uint8Array(width * height)
      for (let y = 0; y < height; y++) bits[y * width + i] = 1
      const shape: Shape = { mask: encodeMask({ width, height, bits }) }
      return { ...object, shape, area: height }
    }),
  }))
  return { ...content, images: () => images }
}

test('boxes in whole pixels, masks, flags, splits and names come back', async () => {
  await fc.assert(
    fc.asyncProperty(supported, fc.boolean(), async (plain, hasMasks) => {
      const content = hasMasks ? withMasks(plain) : plain
      expect(lossNames(content)).toEqual([])
      const pictures = [...content.images()].map(({ file }) => [file, bitmap(1, 1)] as const)
      const files = { ...exported(exporter, content, {}), ...Object.fromEntries(pictures) }
      expectSame(await readAll(importer, memoryFiles(files), {}), content, { tolerance: () => 0 })
    }),
    { numRuns: propertyRuns },
  )
})

test('the scene: boxes like the fixture, and the masks that the fixture lacks', async () => {
  const files = exported(exporter, canonicalContent(), {})
  const read = await readAll(importer, memoryFiles({ ...files, ...fixtureFiles('images') }), {})
  expectScene(read, 'voc')
  expect(read.problems).toEqual([])
  expect(read.images.flatMap(({ objects }) => objects.map(({ area }) => area))).toEqual([
    ...[1200, 1050, 1000],
    ...[800, 600],
  ])
  const png = files['SegmentationClass/a.png']
  const classes = decodeMaskPng(png ?? new Uint8Array(), 'a.png')
  expect([classes.labels[20 * 100 + 70], classes.labels[70 * 100 + 70], classes.labels[0]]).toEqual(
    [2, 1, 0],
  )
  expect(classes.palette?.slice(0, 4)).toEqual([
    [0, 0, 0],
    [128, 0, 0],
    [0, 128, 0],
    [128, 128, 0],
  ])
})

test('losses of the scene', () => {
  const content = canonicalContent()
  expect(lossNames(content)).toEqual([
    ...['crowd-flag', 'fractional-boxes', 'polygon-becomes-mask', 'supercategories'],
  ])
  expect(lossNames(content, false)).toEqual([
    ...['crowd-flag', 'fractional-boxes', 'shape', 'supercategories'],
  ])
  expect(Object.keys(exported(exporter, content, { masks: false }))).toEqual([
    'labels.txt',
    ...['Annotations/a.xml', 'Annotations/sub/b.xml', 'Annotations/none.xml'],
  ])
})

const base = { split: null, attributes: {}, width: 10, height: 10 }
const object = { categoryId: 1, area: 1, isCrowd: false, isPatch: false, attributes: {} }
const contentWith = (images: readonly ContentImage[]): DatasetContent => ({
  name: 'x',
  categories: [{ id: 1, name: 'a' }],
  images: () => images,
})

test('boxes round to the nearest pixels, are cut to the picture, and go if nothing is left', async () => {
  const boxes = [
    [0.5, 1.49, 3, 3],
    [-3, -3, 5, 20],
    [2, 2, 0.4, 5],
    [12, 2, 3, 3],
  ] as const
  const objects = boxes.map((box, i) => ({ ...object, id: i + 1, box }))
  const content = contentWith([{ ...base, id: 1, file: 'a.jpg', objects }])
  const read = await readAll(importer, memoryFiles(exported(exporter, content, {})), {})
  expect(read.images[0]?.objects.map(({ box }) => box)).toEqual([
    [1, 1, 3, 3],
    [0, 0, 2, 10],
  ])
  expect(read.problems).toEqual([])
  const counts = exporter.losses(content, { masks: true }).map(({ what, count }) => [what, count])
  expect(counts).toContainEqual(['fractional-boxes', 2])
  expect(counts).toContainEqual(['outside-image', 3])
})

test('masks that overlap lose pixels to later ones, which is told', () => {
  const full = encodeMask({ width: 10, height: 10, bits: new Uint8Array(100).fill(1) })
  const objects = [1, 2].map((id) => ({
    ...{ ...object, id, area: 100 },
    box: [0, 0, 10, 10] as const,
    shape: { mask: full },
  }))
  const losses = exporter.losses(contentWith([{ ...base, id: 1, file: 'a.jpg', objects }]), {
    masks: true,
  })
  expect(losses).toMatchObject([{ what: 'overlapping-masks', count: 1 }])
})

test('pictures that differ in their endings get annotations of their own', () => {
  const named = ['images/a.jpg', 'images/a.png', 'images/A.JPG', 'a.png.x']
  const images = named.map((file, i) => ({ ...base, id: i + 1, file, objects: [] }))
  expect(Object.keys(exported(exporter, contentWith(images), {}))).toEqual([
    'labels.txt',
    'Annotations/a.xml',
    'Annotations/a.png.xml',
    'Annotations/A.JPG.xml',
    'Annotations/a.png.x.xml',
  ])
})
