import fc from 'fast-check'
import { test } from 'vitest'
import type { JsonValue } from '../../../src/shared/dataset'
import importer from '../../../src/datasets/labelme/importer'
import { memoryFiles } from '../../support/memory-files'
import { fuzzing, mutatedJson } from '../../support/mutations'
import { fixtureFiles } from '../canonical-scene'
import { expectCalm, fuzzFiles } from '../fuzz-importer'

const scene = fixtureFiles('labelme')

test('fuzz: damaged bytes', async () => {
  await fuzzFiles(importer, [scene], fc.constant({}))
})

test('fuzz: damaged structures', async () => {
  const documents = Object.values(scene).map(
    (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as JsonValue,
  )
  const damaged = fc.constantFrom(...documents).chain((document) => mutatedJson(document))
  await fc.assert(
    fc.asyncProperty(damaged, async (value) => {
      await expectCalm(importer, memoryFiles({ 'x/a.json': JSON.stringify(value) }), {})
    }),
    fuzzing,
  )
})
