import type { z } from 'zod'
import type { ImportedImage, ImportRecord } from '../../shared/dataset/records'
import { noImages } from '../../shared/image-errors'
import type { ImporterPlugin } from '../../shared/plugin/kinds'
import { checkImage, type ImageAnswer } from './check-image'
import { checkPicture, checkRows, type CheckedFile, type CheckOptions } from './check-picture'
import type { CheckedRecord } from './checked-records'
import type { ImportSource } from './import-source'
import { importTools } from './import-tools'
import { RecordChecks } from './record-checks'

export interface ImportOptions extends CheckOptions {
  readonly signal?: AbortSignal
  /** Files that are read at the same time. Default 16. */
  readonly filesInFlight?: number
}

type Waiting =
  | { readonly kind: 'image'; readonly answer: Promise<ImageAnswer> }
  | { readonly kind: 'other'; readonly record: Exclude<ImportRecord, { kind: 'image' }> }

/** Records that may wait for the picture in front of them. */
const longestQueue = 4_096

/**
 * Runs an importer and adds what its pictures really hold: digest, size, format; all boxes, polygons and masks in pixels of
 * the upright picture. Pictures that cannot be used are told as problems and left out together with their objects. Records
 * come in the importer's order, the last one is `end`. When the import is refused or the caller stops early, what was
 * unpacked from an archive is removed.
 * @throws AppError whatever refuses the whole import, and E_NO_IMAGES where there is nothing at all
 */
export async function* importRecords<P extends z.ZodObject>(
  source: ImportSource,
  importer: ImporterPlugin<P>,
  params: z.infer<P>,
  options: ImportOptions = {},
): AsyncGenerator<CheckedRecord> {
  const checks = new RecordChecks()
  const files = new FileChecks(source, options)
  const tools = importTools(source, options.maxPixels)
  const queue: Waiting[] = []
  const inFlight = options.filesInFlight ?? 16
  let images = 0
  let found = false
  let complete = false
  try {
    for await (const record of importer.read(source, params, tools)) {
      options.signal?.throwIfAborted()
      found = true
      if (record.kind === 'image') {
        const answer = files.check(record.image)
        answer.catch(() => undefined) // thrown when its turn comes
        queue.push({ kind: 'image', answer })
        images++
      } else if (queue.length === 0) {
        yield* checks.pass(record)
      } else {
        queue.push({ kind: 'other', record })
      }
      if (images < inFlight && queue.length < longestQueue) continue
      const first = queue.shift()
      for (let next = first; next !== undefined; next = queue.shift()) {
        if (next.kind === 'image') {
          images--
          yield* checks.passImage(await next.answer)
        } else yield* checks.pass(next.record)
        if (queue[0]?.kind === 'image') break
      }
    }
    for (const next of queue) {
      options.signal?.throwIfAborted()
      if (next.kind === 'image') yield* checks.passImage(await next.answer)
      else yield* checks.pass(next.record)
    }
    const problems = source.takeProblems()
    if (!found && problems.length === 0) throw noImages(source.rootName, true, 0)
    for (const problem of problems) yield { kind: 'problem', problem }
    yield* checks.finish()
    complete = true
  } finally {
    // What is still being read may be written after this; it must not outlive the import.
    for (const next of queue) if (next.kind === 'image') await next.answer.catch(() => undefined)
    if (!complete) source.discard()
  }
}

/** Looks at files, each once although several images may share it. */
class FileChecks {
  readonly #source: ImportSource
  readonly #options: CheckOptions
  readonly #recent = new Map<string, Promise<CheckedFile>>()

  constructor(source: ImportSource, options: CheckOptions) {
    this.#source = source
    this.#options = options
  }

  async check(image: ImportedImage): Promise<ImageAnswer> {
    const rows = image.pixels?.kind === 'hdf5'
    const known = this.#recent.get(image.file)
    const file =
      known ??
      (rows
        ? checkRows(this.#source, image.file)
        : checkPicture(this.#source, image.file, this.#options))
    if (known === undefined) this.#remember(image.file, file)
    return checkImage(image, await file)
  }

  #remember(name: string, file: Promise<CheckedFile>): void {
    this.#recent.set(name, file)
    if (this.#recent.size <= 64) return
    const [oldest] = this.#recent.keys()
    if (oldest !== undefined) this.#recent.delete(oldest)
  }
}
