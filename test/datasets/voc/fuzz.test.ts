import fc from 'fast-check'
import { test } from 'vitest'
import exporter from '../../../src/datasets/voc/exporter'
import importer from '../../../src/datasets/voc/importer'
import { memoryFiles } from '../../support/memory-files'
import { fuzzing } from '../../support/mutations'
import { canonicalContent, fixtureFiles } from '../canonical-scene'
import { expectCalm, fuzzFiles } from '../fuzz-importer'
import { hostileCases, hostileFile } from '../hostile-cases'
import { exported } from '../round-trip'

const params = fc.record({ boxes: fc.constantFrom('auto', 'inclusive-1', 'exclusive-0') })

test('fuzz: damaged annotations, mask pictures and lists', async () => {
  const hostile = hostileCases('voc').map(({ path }) => ({
    'Annotations/a.xml': hostileFile(path),
  }))
  const seeds = [fixtureFiles('voc'), exported(exporter, canonicalContent(), {}), ...hostile]
  await fuzzFiles(importer, seeds, params)
})

test('fuzz: documents of any pieces', async () => {
  const piece = fc.constantFrom(
    ...[
      '<object>',
      '</object>',
      '<bndbox>',
      '</bndbox>',
      '<xmin>',
      '</xmin>',
      '<name>a</name>',
      '<size>',
    ],
    ...['<xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax>', '<filename>a.png</filename>'],
    ...[
      '1',
      '1e400',
      '-',
      'nan',
      '&amp;',
      '&x;',
      '&#0;',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<?x',
      '?>',
    ],
    ...[
      '<!DOCTYPE a>',
      '</size>',
      '<width>9',
      '</width>',
      '\0',
      '<folder>../..</folder>',
      '<part/>',
    ],
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 25 }), params, async (pieces, given) => {
      const text = `<annotation>${pieces.join('')}</annotation>`
      await expectCalm(importer, memoryFiles({ 'a.xml': text }), given)
    }),
    fuzzing,
  )
})
