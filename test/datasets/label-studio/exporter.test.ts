import fc from 'fast-check'
import { expect, test } from 'vitest'
import exporter from '../../../src/datasets/label-studio/exporter'
import importer from '../../../src/datasets/label-studio/importer'
import { contents } from '../contents'
import { expectExactLosses, exported } from '../round-trip'

test('what the format holds comes back, and losses are told exactly', async () => {
  const held = contents({
    areas: true,
    labels: true,
    pixels: true,
    imageAttributes: true,
    attributes: true,
    crowds: true,
    looseBoxes: true,
  })
  await fc.assert(
    fc.asyncProperty(fc.oneof(held, contents()), (content) =>
      expectExactLosses(exporter, importer, content),
    ),
    { numRuns: 150 },
  )
})

test('same content, same bytes; classes and interface are written even without images', () => {
  fc.assert(
    fc.property(contents(), (content) => {
      exported(exporter, content) // looks whether it is the same when it is written again
    }),
    { numRuns: 20 },
  )
  const categories = [{ id: 3, name: 'a "b" <c>', supercategory: 'x' }]
  const files = exported(exporter, { name: 'x', categories, images: () => [] })
  const text = (name: string) => new TextDecoder().decode(files[name])
  expect(text('tasks.json')).toBe('[]\n')
  expect(JSON.parse(text('classes.json'))).toEqual(categories)
  expect(text('label-config.xml')).toContain('<Label value="a &quot;b&quot; &lt;c&gt;"/>')
})
