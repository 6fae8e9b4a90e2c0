import fc from 'fast-check'
import { test } from 'vitest'
import importer from '../../../src/datasets/cvat/importer'
import { memoryFiles } from '../../support/memory-files'
import { fuzzing } from '../../support/mutations'
import { fixtureFiles } from '../canonical-scene'
import { expectCalm, fuzzFiles } from '../fuzz-importer'

test('fuzz: damaged bytes', async () => {
  await fuzzFiles(importer, [fixtureFiles('cvat')], fc.constant({}))
})

test('fuzz: shapes with any values', async () => {
  const value = fc.oneof(
    fc.constantFrom(
      '',
      '0',
      '1',
      '5',
      '-1',
      '1.5',
      '1e308',
      'nan',
      '1,1;2,2;3,3',
      '0, 25',
      '1e9',
      '5,5,5,5,5',
    ),
    fc.double().map(String),
    fc.string({ maxLength: 5 }).map((text) => text.replace(/[<>&"]/g, '')),
  )
  const keys = 'label xtl ytl xbr ybr rotation points cx cy rx ry rle left top width height'.split(
    ' ',
  )
  const shape = fc
    .tuple(
      fc.constantFrom('box', 'polygon', 'ellipse', 'mask', 'tag', 'points', 'cuboid'),
      fc.dictionary(fc.constantFrom(...keys), value, { minKeys: 4 }),
    )
    .map(([name, given]) => {
      const attributes = Object.entries({ label: 'a', ...given })
      return `<${name} ${attributes.map(([key, text]) => `${key}="${text}"`).join(' ')}/>`
    })
  const image = fc
    .tuple(fc.constantFrom('a.png', '../a', 'C:\\a', ''), value, value, fc.array(shape))
    .map(
      ([name, w, h, shapes]) =>
        `<image name="${name}" width="${w}" height="${h}">${shapes.join('')}</image>`,
    )
  await fc.assert(
    fc.asyncProperty(fc.array(image, { maxLength: 3 }), async (images) => {
      const text = `<annotations>${images.join('')}</annotations>`
      await expectCalm(importer, memoryFiles({ 'annotations.xml': text }), {})
    }),
    fuzzing,
  )
})
