import type { z } from 'zod'
import type { FileSource } from '../../shared/dataset/file-source'
import type { ImportProblem, ImportRecord } from '../../shared/dataset/records'
import { AppError, toErrorRecord, type ErrorRecord } from '../../shared/errors'
import type { ImporterPlugin } from '../../shared/plugin/kinds'
import { importBatches } from './import-batches'
import { isPatchCategory } from './patch-objects'

export interface PreviewLimit {
  /** Records that are looked at. Default 100,000. */
  readonly records?: number
  /** Default 2,000. */
  readonly milliseconds?: number
  /** Problems that are shown. Default 20. */
  readonly problems?: number
}

/** What an import would bring, as far as it was looked at. Pictures were not checked. */
export interface ImportPreview {
  /** False if a limit ended the look: the counts are then at least so many. */
  readonly complete: boolean
  readonly images: number
  readonly objects: number
  readonly patches: number
  readonly categories: readonly string[]
  /** Images by split; those without one under the empty text. */
  readonly splits: ReadonlyMap<string, number>
  readonly problemCount: number
  readonly problems: readonly ImportProblem[]
  /** Why the import would be refused. */
  readonly refusal: ErrorRecord | null
}

/** Reads what an importer would yield, stores nothing and checks no picture, and ends in bounded time. */
export async function preview<P extends z.ZodObject>(
  source: FileSource,
  importer: ImporterPlugin<P>,
  params: z.infer<P>,
  limit: PreviewLimit = {},
): Promise<ImportPreview> {
  const tally = new Tally(limit.problems ?? 20)
  const batches = importBatches(importer, source, params)[Symbol.asyncIterator]()
  const clock = startClock(limit.milliseconds ?? 2_000)
  try {
    const most = limit.records ?? 100_000
    for (let seen = 0; seen < most && !clock.over();) {
      const next = await Promise.race([batches.next(), clock.ended])
      if (next === null) break
      if (next.done === true) return tally.result(true, null)
      for (const record of next.value.slice(0, most - seen)) tally.add(record)
      seen += next.value.length
    }
    return tally.result(false, null)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return tally.result(true, toErrorRecord(error))
  } finally {
    clock.stop()
    // Not awaited: an importer that hangs would hang this, too.
    batches.return?.().catch(() => undefined)
  }
}

function startClock(milliseconds: number) {
  const end = performance.now() + milliseconds
  let timer: NodeJS.Timeout | undefined
  const ended = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, milliseconds, null)
  })
  return {
    ended,
    // The timer alone does not do: an importer that never waits keeps it from going off.
    over: () => performance.now() >= end,
    stop: () => {
      clearTimeout(timer)
    },
  }
}

class Tally {
  readonly #maxProblems: number
  readonly #categories: string[] = []
  readonly #patchCategories = new Set<string>()
  readonly #splits = new Map<string, number>()
  readonly #problems: ImportProblem[] = []
  #images = 0
  #objects = 0
  #patches = 0
  #problemCount = 0

  constructor(maxProblems: number) {
    this.#maxProblems = maxProblems
  }

  add(record: ImportRecord): void {
    switch (record.kind) {
      case 'category':
        if (isPatchCategory(record.category)) this.#patchCategories.add(record.category.sourceId)
        else this.#categories.push(record.category.name)
        return
      case 'image': {
        const split = record.image.split ?? ''
        this.#images++
        this.#splits.set(split, (this.#splits.get(split) ?? 0) + 1)
        return
      }
      case 'object':
        if (this.#patchCategories.has(record.object.categoryId)) this.#patches++
        else this.#objects++
        return
      case 'patch':
        this.#patches++
        return
      case 'problem':
        this.#problemCount++
        if (this.#problems.length < this.#maxProblems) this.#problems.push(record.problem)
    }
  }

  result(complete: boolean, refusal: ErrorRecord | null): ImportPreview {
    return {
      complete,
      images: this.#images,
      objects: this.#objects,
      patches: this.#patches,
      categories: this.#categories,
      splits: this.#splits,
      problemCount: this.#problemCount,
      problems: this.#problems,
      refusal,
    }
  }
}
