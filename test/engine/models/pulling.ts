import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { pullModel } from '../../../src/engine/models/model-pull'
import type { PullRequest } from '../../../src/engine/models/model-pull'
import { AppError } from '../../../src/shared/errors'
import { fileServer, inTurn } from '../../support/file-server'
import type { Answer } from '../../support/file-server'
import { filesBelow } from '../../support/program'
import { catalogOf, digest, largeModel } from '../../support/pull-fixture'
import { createTestStore } from '../../support/test-store'

/** Patient, for a busy machine may be silent for a while. */
export const limits = { answerMs: 30_000, stallMs: 30_000, tries: 3, pauseMs: 5 }
export const hasty = { ...limits, answerMs: 200, stallMs: 200 }
export const size = largeModel.length
export const half = Math.floor(size / 2)
export const other = largeModel.map((byte, k) => (k === size - 50 ? byte ^ 1 : byte))

/** Folders for the program, a project and the cache, new for every test, and pulls of the model `pets` into them. */
export function usePulling() {
  let files: Awaited<ReturnType<typeof createTestStore>>
  beforeEach(async () => {
    files = await createTestStore()
  })
  afterEach(() => {
    files.remove()
  })
  const stored = () => filesBelow(join(files.projectDir, 'models'))

  return {
    get files() {
      return files
    },
    /** Other folders from now on. */
    move: (places: { readonly projectDir?: string; readonly cacheDir?: string }): void => {
      files = { ...files, ...places }
    },
    partOf: () => join(files.cacheDir, 'downloads', `${digest(largeModel)}.part`),
    stored,

    /** A pull of `pets`, with everything it told. */
    pull: async (request: Partial<PullRequest> = {}) => {
      const told: string[] = []
      let last = 0
      const outcome = await pullModel(files, {
        id: 'pets',
        signal: new AbortController().signal,
        limits,
        events: {
          start: (_address, done) => told.push(`start ${done}`),
          progress: (done) => (last = done),
          retry: ({ code }) => told.push(`retry ${code}`),
          nextAddress: ({ code }) => told.push(`next ${code}`),
        },
        ...request,
      })
      return { ...outcome, told, last }
    },

    /** A server, and a catalogue that names it. */
    served: async (...answers: readonly Answer[]) => {
      const server = await fileServer(inTurn(...answers))
      files.write('package/models/catalog.json', catalogOf([server.url]))
      return server
    },

    /** Nothing of a model is to be seen, neither in the project nor in the cache. */
    expectNothingStored: (): void => {
      expect(stored()).toEqual([])
      expect(filesBelow(join(files.cacheDir, 'models'))).toEqual([])
    },
  }
}

export async function failure(action: Promise<unknown>): Promise<AppError> {
  const error: unknown = await action.then(
    () => new Error('nothing was wrong'),
    (reason: unknown) => reason,
  )
  if (error instanceof AppError) return error
  throw error
}
