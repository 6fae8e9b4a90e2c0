import type { z } from 'zod'
import type { VerifyPicture } from '../engine/import/check-picture'
import type { ImportCounts } from '../engine/import/checked-records'
import { importRecordBatches } from '../engine/import/import-records'
import { ImportReport } from '../engine/import/import-report'
import { expectShortLivedRecords } from '../engine/import/short-lived-records'
import type { JsonValue } from '../shared/dataset'
import type { ImporterPlugin } from '../shared/plugin'
import type { ImportOutcome, ImportTarget, Project } from '../store'
import { type ImportPlace, withoutKeeping } from './import-place'
import { importEmpty } from './service-errors'
import { storedRecords } from './stored-records'

export type ImportOrder<P extends z.ZodObject = z.ZodObject> = ImportTarget & ImportReading<P>

export interface ImportReading<P extends z.ZodObject = z.ZodObject> {
  readonly importer: ImporterPlugin<P>
  readonly params: z.infer<P>
}

export interface ImportSteps {
  readonly signal?: AbortSignal
  /** Waits while the import is paused: `JobControl.checkpoint`. Others write to the project meanwhile. */
  readonly checkpoint?: () => Promise<void>
  /** Called for every image that is read. */
  readonly onImage?: (images: number) => void
  /** Decodes every picture. */
  readonly verify?: VerifyPicture
  /** Width times height. */
  readonly maxPixels?: number
  /** Takes all problems, also those of an import that is refused. */
  readonly report?: ImportReport
}

export interface ImportResult {
  /** Null if nothing was to be stored. */
  readonly datasetId: number | null
  /** What was read and can be used. */
  readonly counts: ImportCounts
  /** How much of it the data set had before. */
  readonly there: ImportOutcome['there']
  readonly report: ImportReport
}

/**
 * Imports what `place` holds as a new data set or into one, whole or not at all: see `Datasets.import`. What
 * the pictures really hold (digest, size, format, orientation, whether they are there at all) is stored with them.
 * @throws AppError E_DATASET_EXISTS, E_ROW_UNKNOWN, E_IMPORT_EMPTY, E_DISK_FULL, and whatever refuses the whole import;
 * the reason of the abort
 */
export async function importDataset<P extends z.ZodObject>(
  project: Project,
  place: ImportPlace,
  order: ImportOrder<P>,
  steps: ImportSteps = {},
): Promise<ImportResult> {
  expectShortLivedRecords()
  const { importer, params } = order
  const attributes: Record<string, JsonValue> = {
    params: params as JsonValue, // settings are plain values: they come from the command line or a form
    ...(place.archiveSha256 === null ? {} : { archiveSha256: place.archiveSha256 }),
  }
  const reading = readRecords(place, order, steps)
  try {
    const outcome = await project.datasets.import(
      { ...targetOf(order), importer: importer.id, root: place.root, attributes },
      reading.records,
      {
        ...(steps.signal ? { signal: steps.signal } : {}),
        ...(steps.checkpoint ? { checkpoint: steps.checkpoint } : {}),
      },
    )
    return { datasetId: outcome.datasetId, there: outcome.there, ...reading.result() }
  } catch (error) {
    place.source.discard()
    throw steps.signal?.aborted ? steps.signal.reason : error
  }
}

/** Everything that an import does but store: reads all records, and looks at all pictures. @throws as `importDataset` */
export async function checkDataset<P extends z.ZodObject>(
  place: ImportPlace,
  order: ImportReading<P>,
  steps: ImportSteps = {},
): Promise<ImportResult> {
  expectShortLivedRecords()
  const dry = { ...place, source: withoutKeeping(place.source) }
  const reading = readRecords(dry, order, steps)
  const records = reading.records[Symbol.asyncIterator]()
  while ((await records.next()).done !== true) steps.signal?.throwIfAborted()
  return { datasetId: null, there: { images: 0, objects: 0, patches: 0 }, ...reading.result() }
}

const targetOf = (order: ImportTarget): ImportTarget =>
  'into' in order ? { into: order.into } : { name: order.name }

async function* paced<T>(
  batches: AsyncIterable<T>,
  checkpoint: (() => Promise<void>) | undefined,
): AsyncGenerator<T> {
  for await (const batch of batches) {
    await checkpoint?.()
    yield batch
  }
}

function readRecords<P extends z.ZodObject>(
  { source }: ImportPlace,
  { importer, params }: ImportReading<P>,
  steps: ImportSteps,
) {
  const { signal, verify, maxPixels } = steps
  const report = steps.report ?? new ImportReport()
  const ending: { counts?: ImportCounts } = {}
  const checked = importRecordBatches(source, importer, params, {
    ...(signal ? { signal } : {}),
    ...(verify ? { verify } : {}),
    ...(maxPixels === undefined ? {} : { maxPixels }),
  })
  const records = storedRecords(paced(checked, steps.checkpoint), report, {
    ...(steps.onImage ? { onImage: steps.onImage } : {}),
    onEnd(counts) {
      if (counts.images === 0) throw importEmpty(source.rootName, counts.skippedImages, report)
      ending.counts = counts
    },
  })
  const result = () => {
    if (ending.counts === undefined) throw new Error('an import ended without its last record')
    return { counts: ending.counts, report }
  }
  return { records, result }
}
