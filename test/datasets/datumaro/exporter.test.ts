import fc from 'fast-check'
import { expect, test } from 'vitest'
import exporter from '../../../src/datasets/datumaro/exporter'
import importer from '../../../src/datasets/datumaro/importer'
import { splitOfSubset, subsetName } from '../../../src/datasets/datumaro/subset-name'
import { contents } from '../contents'
import { expectExactLosses, exported } from '../round-trip'

test('what the format holds comes back, and losses are told exactly', async () => {
  const held = contents({ areas: true, labels: true, pixels: true })
  await fc.assert(
    fc.asyncProperty(fc.oneof(held, contents()), (content) =>
      expectExactLosses(exporter, importer, content),
    ),
    { numRuns: 150 },
  )
})

test('the files of splits have harmless names that can be read back', () => {
  fc.assert(
    fc.property(
      fc.option(fc.oneof(fc.string(), fc.constantFrom('default', '.', '..', '', 'a/b'))),
      (split) => {
        const name = subsetName(split)
        expect(splitOfSubset(name)).toBe(split)
        expect(name).toMatch(/^[\w%-][\w%.-]*$/)
        expect(name).not.toMatch(/\.$/)
      },
    ),
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
  const text = new TextDecoder().decode(exported(exporter, empty)['annotations/default.json'])
  expect(JSON.parse(text)).toMatchObject({
    categories: { label: { labels: [{ name: 'person' }] } },
  })
})
