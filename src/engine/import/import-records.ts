import type { z } from 'zod'
import type { ImportedImage, ImportRecord } from '../../shared/dataset/records'
import { noImages } from '../../shared/image-errors'
import type { ImporterPlugin } from '../../shared/plugin/kinds'
import { checkImage, type ImageAnswer } from './check-image'
import { checkPicture, checkRows, type CheckedFile, type CheckOptions } from './check-picture'
import type { CheckedRecord } from './checked-records'
import type { ImportSource } from './import-source'
import { importBatches } from './import-batches'
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
  for await (const records of importRecordBatches(source, importer, params, options)) {
    yield* records
  }
}

/**
 * The same in lists, none of them empty: handing over millions of records one by one would take longer than all else.
 * @throws AppError as `importRecords`
 */
export async function* importRecordBatches<P extends z.ZodObject>(
  source: ImportSource,
  importer: ImporterPlugin<P>,
  params: z.infer<P>,
  options: ImportOptions = {},
): AsyncGenerator<readonly CheckedRecord[]> {
  const checks = new RecordChecks()
  const queue = new WaitingRecords(checks, options.filesInFlight ?? 16)
  const files = new FileChecks(source, options)
  let found = false
  let complete = false
  try {
    for await (const records of importBatches(importer, source, params, options.maxPixels)) {
      for (const record of records) {
        options.signal?.throwIfAborted()
        found = true
        if (record.kind === 'image') queue.addImage(files.check(record.image))
        else queue.add(record)
        while (queue.isFull) await queue.passFirst()
      }
      const passed = checks.take()
      if (passed.length > 0) yield passed
    }
    while (queue.isWaiting) {
      options.signal?.throwIfAborted()
      await queue.passFirst()
    }
    const problems = source.takeProblems()
    if (!found && problems.length === 0) throw noImages(source.rootName, true, 0)
    checks.finish(problems)
    yield checks.take()
    complete = true
  } finally {
    // What is still being read may be written after this; it must not outlive the import.
    await queue.settled()
    if (!complete) source.discard()
  }
}

/** Records that wait for the pictures in front of them, so that all leave in the order of the importer. */
class WaitingRecords {
  readonly #checks: RecordChecks
  readonly #filesInFlight: number
  #queue: Waiting[] = []
  #images = 0

  constructor(checks: RecordChecks, filesInFlight: number) {
    this.#checks = checks
    this.#filesInFlight = filesInFlight
  }

  get isWaiting(): boolean {
    return this.#queue.length > 0
  }

  get isFull(): boolean {
    return this.#images >= this.#filesInFlight || this.#queue.length >= longestQueue
  }

  addImage(answer: Promise<ImageAnswer>): void {
    answer.catch(() => undefined) // thrown when its turn comes
    this.#queue.push({ kind: 'image', answer })
    this.#images++
  }

  add(record: Exclude<ImportRecord, { kind: 'image' }>): void {
    if (this.isWaiting) this.#queue.push({ kind: 'other', record })
    else this.#checks.pass(record)
  }

  /** The first record and what follows it up to the next picture. */
  async passFirst(): Promise<void> {
    const next = this.#queue.findIndex(({ kind }, place) => kind === 'image' && place > 0)
    const going = this.#queue.splice(0, next < 0 ? this.#queue.length : next)
    for (const record of going) {
      if (record.kind === 'image') {
        this.#images--
        this.#checks.passImage(await record.answer)
      } else this.#checks.pass(record.record)
    }
  }

  /** Waits until nothing is read any more, whatever comes of it. */
  async settled(): Promise<void> {
    for (const { answer } of this.#queue.filter((waiting) => waiting.kind === 'image')) {
      await answer.catch(() => undefined)
    }
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
