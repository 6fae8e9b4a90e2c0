import fc from 'fast-check'
import { expect } from 'vitest'
import type { z } from 'zod'
import type { FileSource, JsonValue } from '../../src/shared/dataset'
import { AppError } from '../../src/shared/errors'
import type { ImporterPlugin } from '../../src/shared/plugin'
import { memoryFiles } from '../support/memory-files'
import { fuzzing, mutatedBytes, mutatedJson } from '../support/mutations'
import { readAll } from './read-all'

/** Reads damaged files: each must come out as records, problems or an AppError, and soon. */
export async function expectCalm<P extends z.ZodObject>(
  importer: ImporterPlugin<P>,
  files: FileSource,
  params: z.input<P>,
): Promise<void> {
  const start = performance.now()
  try {
    await importer.recognizes(files)
    await readAll(importer, files, params)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
  }
  expect(performance.now() - start).toBeLessThan(10_000)
}

/** Damages one of the files at a time; the others stay as they are. */
export async function fuzzFiles<P extends z.ZodObject>(
  importer: ImporterPlugin<P>,
  seeds: readonly Readonly<Record<string, Uint8Array>>[],
  params: fc.Arbitrary<z.input<P>>,
): Promise<void> {
  const damaged = fc
    .constantFrom(...seeds)
    .chain((seed) =>
      fc
        .constantFrom(...Object.keys(seed))
        .chain((name) =>
          mutatedBytes(seed[name] ?? new Uint8Array()).map((bytes) => ({ ...seed, [name]: bytes })),
        ),
    )
  await fc.assert(
    fc.asyncProperty(damaged, params, async (files, given) => {
      await expectCalm(importer, memoryFiles(files, { pieceBytes: 97 }), given)
    }),
    fuzzing,
  )
}

/** Damages one of the files, as bytes and (JSON) in its structure: only AppErrors and problems may come of it. */
export async function expectSturdy<Q extends z.ZodObject>(
  importer: ImporterPlugin<Q>,
  files: Readonly<Record<string, Uint8Array>>,
  name: string,
): Promise<void> {
  const bytes = files[name] ?? new Uint8Array()
  const damaged: fc.Arbitrary<Uint8Array>[] = [mutatedBytes(bytes)]
  if (name.endsWith('.json')) {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as JsonValue // what JSON has
    const structures = mutatedJson(value).map((changed) => JSON.stringify(changed))
    damaged.push(structures.map((text) => new TextEncoder().encode(text)))
  }
  await fc.assert(
    fc.asyncProperty(fc.oneof(...damaged), async (changed) => {
      // Every field has a default.
      await expectCalm(importer, memoryFiles({ ...files, [name]: changed }), {} as z.input<Q>)
    }),
    fuzzing,
  )
}
