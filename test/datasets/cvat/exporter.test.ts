import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DatasetContent } from '../../../src/shared/dataset'
import exporter from '../../../src/datasets/cvat/exporter'
import importer from '../../../src/datasets/cvat/importer'
import { memoryFiles } from '../../support/memory-files'
import { propertyRuns } from '../../support/mutations'
import { boxInside, contents, maskInside, plainFile, polygonInside } from '../arbitrary-content'
import { canonicalContent, expectScene } from '../canonical-scene'
import { readAll } from '../read-all'
import { expectSame, exported } from '../round-trip'

const lossNames = (content: DatasetContent) => exporter.losses(content, {}).map(({ what }) => what)
const text = (files: Record<string, Uint8Array>) =>
  new TextDecoder().decode(files['annotations.xml'])

const edge = (side: number) => fc.nat(100 * side).map((value) => value / 100)
const supported = contents({
  file: plainFile,
  split: fc.constantFrom(null, 'train', 'Test set'),
  categoryName: fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((name) => name === name.trim()),
  geometry: (width, height) =>
    fc.oneof(
      boxInside(width, height, edge),
      polygonInside(width, height, edge),
      maskInside(width, height),
    ),
  attributes: fc.record(
    {
      occluded: fc.constant(true),
      z_order: fc.integer({ min: -3, max: 3 }).filter((value) => value !== 0),
      group_id: fc.integer({ min: 1 }),
    },
    { requiredKeys: [], noNullPrototype: true },
  ),
})

test('boxes, polygons, masks, splits and flags come back', async () => {
  await fc.assert(
    fc.asyncProperty(supported, fc.integer({ min: 1, max: 999 }), async (content, pieceBytes) => {
      expect(lossNames(content)).toEqual([])
      const files = memoryFiles(exported(exporter, content, {}), { pieceBytes })
      // Edges are written, so that sizes are differences of decimals.
      expectSame(await readAll(importer, files, {}), content, { tolerance: () => 1e-9 })
    }),
    { numRuns: propertyRuns },
  )
})

test('the scene and its losses', async () => {
  const content = canonicalContent()
  expect(lossNames(content)).toEqual(['crowd-flag', 'supercategories'])
  const files = exported(exporter, content, {})
  expectScene(await readAll(importer, memoryFiles(files), {}), 'cvat')
  expect(text(files)).toContain('rle="0, 310, 10, 20, 10,')
  expect(text(files)).toContain('xtl="0.50" ytl="60.25" xbr="21.25" ybr="89.75"')
})

test('more decimals than two are told', () => {
  const [image] = [...canonicalContent().images()]
  const objects = (image?.objects ?? []).slice(0, 1).map((object) => ({
    ...object,
    box: [1 / 3, 1, 3, 3] as const,
    area: 9,
    score: 0.5,
    attributes: { colour: 'red' },
  }))
  const images = image ? [{ ...image, objects, label: { index: 4, name: 'street' } }] : []
  const content = { name: '<x>', categories: [{ id: 1, name: ' a' }], images: () => images }
  expect(lossNames(content)).toEqual([
    ...['scores', 'decimals', 'attributes', 'image-label-index', 'unusual-names'],
  ])
  expect(text(exported(exporter, content, {}))).toContain('xtl="0.33"')
})
