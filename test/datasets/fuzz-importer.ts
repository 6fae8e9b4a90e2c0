import fc from 'fast-check'
import { expect } from 'vitest'
import type { z } from 'zod'
import type { FileSource } from '../../src/shared/dataset'
import { AppError } from '../../src/shared/errors'
import type { ImporterPlugin } from '../../src/shared/plugin'
import { memoryFiles } from '../support/memory-files'
import { fuzzing, mutatedBytes } from '../support/mutations'
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
