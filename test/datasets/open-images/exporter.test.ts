import fc from 'fast-check'
import { expect, test } from 'vitest'
import exporter from '../../../src/datasets/open-images/exporter'
import importer from '../../../src/datasets/open-images/importer'
import { labelCodes } from '../../../src/datasets/open-images/label-codes'
import { contents } from '../contents'
import { expectExactLosses, exported } from '../round-trip'

test('what the format holds comes back, and losses are told exactly', async () => {
  const held = contents({
    areas: true,
    polygons: true,
    labels: true,
    pixels: true,
    supercategories: true,
    imageAttributes: true,
    attributes: true,
  })
  await fc.assert(
    // The first table of an empty content has no class and no box: it would not be recognised as one.
    fc.asyncProperty(fc.oneof(held, contents()), (content) =>
      expectExactLosses(exporter, importer, content),
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
  const categories = [{ id: 1, name: '=1+1' }]
  const files = exported(exporter, { name: 'x', categories, images: () => [] })
  const text = (name: string) => new TextDecoder().decode(files[name])
  expect(text('class-descriptions.csv')).toBe("/m/1_1,'=1+1\n")
  expect(text('annotations-bbox.csv')).toMatch(
    /^ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,/,
  )
  expect(Object.keys(files)).toEqual([
    'class-descriptions.csv',
    'images.csv',
    'annotations-bbox.csv',
  ])
})

test('no two classes have the same code', () => {
  const names = fc.array(fc.oneof(fc.constantFrom('a', 'A', 'a 2', 'ä', '', 'a_2'), fc.string()))
  fc.assert(
    fc.property(names, (list) => {
      const codes = labelCodes(list.map((name, i) => ({ id: i + 1, name })))
      expect(new Set(codes.values()).size).toBe(list.length)
      for (const code of codes.values()) expect(code).toMatch(/^\/m\/[a-z0-9_]+$/)
    }),
  )
})
