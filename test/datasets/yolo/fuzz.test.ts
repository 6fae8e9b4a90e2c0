import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDataYaml } from '../../../src/datasets/yolo/data-yaml'
import importer from '../../../src/datasets/yolo/importer'
import { memoryFiles } from '../../support/memory-files'
import { fuzzing } from '../../support/mutations'
import { fixtureFiles } from '../canonical-scene'
import { expectCalm, fuzzFiles } from '../fuzz-importer'
import { bitmap, hostileCases, hostileFile } from '../hostile-cases'

const params = fc.record({ predictions: fc.boolean() })

test('fuzz: damaged labels, configurations and pictures', async () => {
  const scenes = ['yolo-detect', 'yolo-segment'].map((format) => ({
    ...fixtureFiles(format),
    ...fixtureFiles('images', 'images/train/'),
  }))
  const hostile = hostileCases('yolo').map(({ path }) => ({
    'data.yaml': new TextEncoder().encode('names: [a, b]\ntrain: list.txt\n'),
    'list.txt': new TextEncoder().encode('./images/x.bmp\n'),
    'images/x.bmp': bitmap(48, 32),
    'labels/x.txt': hostileFile(path),
  }))
  await fuzzFiles(importer, [...scenes, ...hostile], params)
})

test('fuzz: lines of any words', async () => {
  const word = fc.oneof(
    fc.constantFrom(
      '0',
      '1',
      '0.5',
      '-1',
      'nan',
      '-inf',
      '1e999',
      '1e-999',
      '0,5',
      '0x1',
      '',
      '2',
      '1.99',
    ),
    fc.double().map(String),
    fc.string({ maxLength: 3 }),
  )
  const lines = fc.array(fc.array(word, { maxLength: 10 }).map((words) => words.join(' ')))
  await fc.assert(
    fc.asyncProperty(lines, params, async (rows, given) => {
      const files = { 'images/x.bmp': bitmap(48, 32), 'labels/x.txt': rows.join('\n') }
      await expectCalm(importer, memoryFiles(files), given)
    }),
    fuzzing,
  )
})

test('fuzz: configurations of any pieces of YAML', () => {
  const piece = fc.constantFrom(
    ...[
      'names:',
      'train: ',
      'path:',
      ' ',
      '\n',
      '- ',
      '  0: a',
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '"',
      "'",
    ],
    ...['\\', '\\x4', '\\u00e9', '#', '0', 'a', '|', '&x', '*x', '../', '\t', '\r'],
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const config = parseDataYaml(`names: [a]\n${pieces.join('')}`)
      for (const index of config?.names.keys() ?? []) expect(Number.isSafeInteger(index)).toBe(true)
    }),
    fuzzing,
  )
})
