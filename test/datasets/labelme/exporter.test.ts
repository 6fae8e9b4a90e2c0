import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ContentObject, DatasetContent } from '../../../src/shared/dataset'
import exporter from '../../../src/datasets/labelme/exporter'
import importer from '../../../src/datasets/labelme/importer'
import { encodeMask } from '../../../src/shared/vision/rle'
import { memoryFiles } from '../../support/memory-files'
import { propertyRuns } from '../../support/mutations'
import { boxInside, contents, maskInside, plainFile, polygonInside } from '../arbitrary-content'
import { canonicalContent, expectScene } from '../canonical-scene'
import { readAll } from '../read-all'
import { expectSame, exported } from '../round-trip'

const lossNames = (content: DatasetContent) => exporter.losses(content, {}).map(({ what }) => what)

const edge = (side: number) => fc.double({ min: 0, max: side, noNaN: true })
const flags = fc.dictionary(fc.constantFrom('a', 'b'), fc.boolean(), { minKeys: 1 })
const supported = contents({
  file: plainFile,
  split: fc.constant(null),
  categoryName: fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((name) => !/[\r\n]/.test(name)),
  geometry: (width, height) =>
    fc.oneof(
      boxInside(width, height, edge),
      polygonInside(width, height, edge),
      maskInside(width, height),
    ),
  attributes: fc.record(
    { group_id: fc.nat(), description: fc.string({ minLength: 1 }), flags },
    { requiredKeys: [], noNullPrototype: true },
  ),
  imageAttributes: fc.record({ flags }, { requiredKeys: [], noNullPrototype: true }),
})

test('rectangles, polygons, masks and what belongs to them come back', async () => {
  await fc.assert(
    fc.asyncProperty(supported, async (content) => {
      expect(lossNames(content)).toEqual([])
      const read = await readAll(importer, memoryFiles(exported(exporter, content, {})), {})
      expectSame(read, content, { tolerance: () => 1e-12 })
    }),
    { numRuns: propertyRuns },
  )
})

test('the scene and its losses', async () => {
  const content = canonicalContent()
  expect(lossNames(content)).toEqual(['crowd-flag', 'supercategories'])
  const files = exported(exporter, content, {})
  expectScene(await readAll(importer, memoryFiles(files), {}), 'labelme')
  expect(Object.keys(files)).toEqual(['labels.txt', 'a.json', 'sub/b.json', 'none.json'])
  expect(new TextDecoder().decode(files['labels.txt'])).toBe('person\nadversarial patch\n')
})

test('what has no place is told: parts, boxes beside masks, empty masks, scores', async () => {
  const [width, height] = [10, 8]
  const bits = new Uint8Array(80)
  const mask = encodeMask({ width, height, bits: bits.with(11, 1) })
  const common = { categoryId: 1, area: 1, isCrowd: false, isPatch: false, attributes: {} }
  const objects: readonly ContentObject[] = [
    { ...common, id: 1, box: [0.5, 0, 4, 4], shape: { mask } },
    { ...common, id: 2, box: [0, 0, 4, 4], shape: { mask } },
    { ...common, id: 3, box: [0, 0, 0.5, 2], shape: { mask: encodeMask({ width, height, bits }) } },
    {
      ...{ ...common, id: 4, area: 8, box: [0, 0, 6, 2], score: 0.5 },
      shape: {
        polygons: [
          [0, 0, 2, 0, 2, 2, 0, 2],
          [4, 0, 6, 0, 6, 2, 4, 2],
        ],
      },
    },
  ]
  const image = {
    id: 1,
    file: 'a.jpg',
    width,
    height,
    split: 'val',
    attributes: { weather: 'rain' },
    objects,
  }
  const content = { name: 'x', categories: [{ id: 1, name: 'a' }], images: () => [image] }
  expect(exporter.losses(content, {}).map(({ what, count }) => [what, count])).toEqual([
    ['scores', 1],
    ['polygons-become-mask', 1],
    ['empty-mask', 1],
    ['box-beside-shape', 1],
    ['areas', 1],
    ['image-attributes', 1],
    ['splits', 1],
  ])
  const read = await readAll(importer, memoryFiles(exported(exporter, content, {})), {})
  expect(read.images[0]?.objects.map(({ box, area }) => [box, area])).toEqual([
    [[1, 1, 1, 1], 1],
    [[0, 0, 4, 4], 1],
    [[0, 0, 0.5, 2], 1],
    [[0, 0, 6, 2], 8],
  ])
})
