import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import importer from '../../../src/datasets/coco/importer'
import { readCocoResults } from '../../../src/datasets/coco/results'
import { AppError } from '../../../src/shared/errors'
import type { JsonValue } from '../../../src/shared/dataset'
import { memoryFiles } from '../../support/memory-files'
import { fuzzing, mutatedBytes, mutatedJson } from '../../support/mutations'
import { readAll } from '../read-all'
import { collected } from '../reading/json-support'

const folder = new URL('../../fixtures/formats/coco/', import.meta.url)
const bytes = new Uint8Array(readFileSync(new URL('annotations.json', folder)))
const results = new Uint8Array(readFileSync(new URL('results.json', folder)))
const asJson = (from: Uint8Array) => JSON.parse(new TextDecoder().decode(from)) as JsonValue // our own fixture

/** Reading ends in time, with records and problems or an `AppError`; `readAll` checks the records. */
async function expectAnswer(read: () => Promise<unknown>): Promise<void> {
  const started = process.cpuUsage()
  try {
    await read()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    expect(error.code).toMatch(/^E_/)
    expect(error.message).toMatch(/a\.json|memory/)
    expect(error.message.length).toBeLessThan(600)
  }
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000) // ms
}

const importOf = (file: Uint8Array | string, entry: boolean) =>
  expectAnswer(() =>
    readAll(
      importer,
      memoryFiles({ 'a.json': file, 'images/a.png': 'x' }, entry ? { entry: 'a.json' } : {}),
      {},
    ),
  )

const resultsOf = (file: Uint8Array | string) =>
  expectAnswer(() =>
    collected(readCocoResults(memoryFiles({ 'a.json': file }).stream('a.json'), 'a.json')),
  )

test('fuzz: damaged bytes of a data set', async () => {
  const property = fc.asyncProperty(mutatedBytes(bytes), fc.boolean(), importOf)
  await fc.assert(property, fuzzing)
})

test('fuzz: damaged structures of a data set', async () => {
  const mutated = mutatedJson(asJson(bytes)).map((value) => JSON.stringify(value))
  await fc.assert(fc.asyncProperty(mutated, fc.boolean(), importOf), fuzzing)
})

test('fuzz: damaged results', async () => {
  const mutated = mutatedJson(asJson(results)).map((value) => JSON.stringify(value))
  await fc.assert(fc.asyncProperty(mutatedBytes(results), resultsOf), fuzzing)
  await fc.assert(fc.asyncProperty(mutated, resultsOf), fuzzing)
})
