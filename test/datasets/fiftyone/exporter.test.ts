import fc from 'fast-check'
import { expect, test } from 'vitest'
import exporter from '../../../src/datasets/fiftyone/exporter'
import importer from '../../../src/datasets/fiftyone/importer'
import type { DatasetContent } from '../../../src/shared/dataset'
import { contents } from '../contents'
import { expectExactLosses, exported } from '../round-trip'
import { bitmap } from '../hostile-cases'

/** Fractions need the pictures. Those of a data set lie beside its labels, so here too. */
const picturesOf = (content: DatasetContent) =>
  Object.fromEntries(
    [...content.images()].map(({ file, width, height }) => [file, bitmap(width, height)]),
  )

test('what the format holds comes back, and losses are told exactly', async () => {
  const held = contents({
    areas: true,
    polygons: true,
    labels: true,
    pixels: true,
    supercategories: true,
    splits: true,
    imageAttributes: true,
    looseBoxes: true,
  })
  await fc.assert(
    fc.asyncProperty(fc.oneof(held, contents()), (content) =>
      expectExactLosses(exporter, importer, content, picturesOf),
    ),
    { numRuns: 150 },
  )
})

test('same content, same bytes; classes are written even without images', () => {
  fc.assert(
    fc.property(contents(), (content) => {
      exported(exporter, content) // looks whether it is the same when it is written again
    }),
    { numRuns: 20 },
  )
  const empty = { name: 'x', categories: [{ id: 1, name: 'person' }], images: () => [] }
  const text = new TextDecoder().decode(exported(exporter, empty)['labels.json'])
  expect(JSON.parse(text)).toEqual({ classes: ['person'], labels: {} })
})
