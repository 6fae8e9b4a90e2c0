import { setImmediate } from 'node:timers/promises'
import type { Attributes } from '../shared/dataset'
import type { Db } from './db'
import { ExistingContent } from './existing-content'
import { loadingInBulk } from './facet-sources'
import { type ImportCounts, ImportWriter, type StoredRecord } from './import-writer'
import { attributesText } from './json'
import { RecordSpool } from './record-spool'
import { guarded } from './sqlite-fault'
import { importCancelled } from './store-errors'

/** A new data set of this name, unique in the project; or the id of the one that is added to. */
export type ImportTarget = { readonly name: string } | { readonly into: number }

export type ImportOrder = ImportTarget & ImportOrigin

export interface ImportOrigin {
  /** Id of the importer. */
  readonly importer: string
  /** Absolute path of the folder that the files of the records are relative to. */
  readonly root: string
  /** Of a new data set. */
  readonly attributes?: Attributes
}

export interface ImportOptions {
  readonly signal?: AbortSignal
  /** Waits while the import is paused; the project can be written meanwhile. */
  readonly checkpoint?: () => Promise<void>
  /** Called now and then with what is stored so far. */
  readonly progress?: (counts: ImportCounts) => void
}

/** Records one by one, or in lists, which is quicker. */
export type RecordStream =
  AsyncIterable<StoredRecord | readonly StoredRecord[]> | Iterable<StoredRecord>

export interface ImportOutcome extends ImportCounts {
  readonly datasetId: number
  readonly importId: number
}

const RECORDS_A_TURN = 1_000

/**
 * Reads all records, so that they can be stored without waiting for anything. The caller closes the spool.
 * @throws AppError E_DISK_FULL, and what the stream throws; AbortError
 */
export async function gatherRecords(
  folder: string,
  records: RecordStream,
  { signal }: ImportOptions,
): Promise<RecordSpool> {
  const spool = new RecordSpool(folder)
  let waiting: StoredRecord[] = []
  /** Whether others should have their turn now. */
  const add = (batch: StoredRecord | readonly StoredRecord[]): boolean => {
    if (!isList(batch)) waiting.push(batch)
    else for (const record of batch) waiting.push(record)
    if (waiting.length < RECORDS_A_TURN) return false
    spool.add(waiting)
    waiting = []
    return true
  }
  const turn = async (): Promise<void> => {
    if (signal?.aborted) throw importCancelled()
    await setImmediate()
  }
  try {
    await turn()
    if (Symbol.asyncIterator in records) {
      for await (const batch of records) if (add(batch)) await turn()
    } else {
      for (const record of records) if (add(record)) await turn()
    }
    await turn()
    spool.add(waiting)
    return spool
  } catch (error) {
    spool.close()
    throw error
  }
}

/** Stores what was gathered; to be called inside one transaction. @throws AppError, AbortError */
export async function storeImport(
  db: Db,
  order: ImportOrder,
  records: RecordSpool,
  { signal, progress }: ImportOptions,
): Promise<ImportOutcome> {
  const startedMs = Date.now()
  const folderId =
    db.value<number>('SELECT id FROM folders WHERE path = ?', order.root) ??
    db.run('INSERT INTO folders (path) VALUES (?)', order.root).id
  const isNew = 'name' in order
  const datasetId = isNew
    ? db.run(
        'INSERT INTO datasets (name, importer, folder_id, created_ms, attributes) VALUES (?, ?, ?, ?, ?)',
        order.name,
        order.importer,
        folderId,
        startedMs,
        attributesText(order.attributes ?? {}),
      ).id
    : order.into
  const importId = db.run(
    `INSERT INTO imports (dataset_id, importer, root, started_ms, finished_ms, images, objects, patches, problems)
      VALUES (?, ?, ?, ?, 0, 0, 0, 0, 0)`,
    datasetId,
    order.importer,
    order.root,
    startedMs,
  ).id
  const existing = isNew ? null : new ExistingContent(db, datasetId)
  const writer = new ImportWriter(db, { id: datasetId, importId, folderId }, existing)
  const pause = async (): Promise<void> => {
    if (signal?.aborted) throw importCancelled()
    progress?.({ ...writer.counts })
    await setImmediate()
  }
  const load = async (): Promise<void> => {
    await pause()
    let sinceTurn = 0
    for (const list of records.lists()) {
      guarded(db.path, () => {
        for (const record of list) writer.add(record)
      })
      sinceTurn += list.length
      if (sinceTurn < RECORDS_A_TURN) continue
      sinceTurn = 0
      await pause()
    }
    await pause()
  }
  // In bulk only new pictures are filed.
  await (isNew ? loadingInBulk(db, load) : load())
  const { images, objects, patches, problems, there } = writer.counts
  db.run(
    'UPDATE imports SET finished_ms = ?, images = ?, objects = ?, patches = ?, problems = ? WHERE id = ?',
    Date.now(),
    images,
    objects,
    patches,
    problems,
    importId,
  )
  return { datasetId, importId, images, objects, patches, problems, there }
}

/** `Array.isArray` does not know lists that are read only. */
const isList = (batch: StoredRecord | readonly StoredRecord[]): batch is readonly StoredRecord[] =>
  Array.isArray(batch)
