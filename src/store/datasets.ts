import type { Attributes, ImportProblem } from '../shared/dataset'
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { Db } from './db'
import { FACET } from './facet-codes'
import { loadingInBulk } from './facet-sources'
import { type ImportCounts, ImportWriter, type StoredRecord } from './import-writer'
import { attributesFrom, attributesText, parseWith } from './json'
import { pageOfIds, type Page, type PageRequest } from './paging'
import { guarded } from './sqlite-fault'
import { datasetExists, datasetUnknown, importCancelled, rowUnknown } from './store-errors'
import type { Writer } from './writer'

export interface ImportOrder {
  /** Name of the new data set, unique in the project. */
  readonly name: string
  /** Id of the importer. */
  readonly importer: string
  /** Absolute path of the folder that the files of the records are relative to. */
  readonly root: string
  readonly attributes?: Attributes
}

export interface ImportOptions {
  readonly signal?: AbortSignal
  /** Called now and then with what is read so far. */
  readonly progress?: (counts: ImportCounts) => void
}

/** Records one by one, or in lists, which is quicker. */
export type RecordStream =
  AsyncIterable<StoredRecord | readonly StoredRecord[]> | Iterable<StoredRecord>

export interface ImportOutcome extends ImportCounts {
  readonly datasetId: number
  readonly importId: number
}

export interface Dataset {
  readonly id: number
  readonly name: string
  readonly importer: string
  readonly root: string
  readonly createdMs: number
  readonly attributes: Attributes
  readonly images: number
  readonly splits: readonly {
    readonly id: number
    readonly name: string
    readonly images: number
  }[]
}

/** `id` is the id of the data set's own category; objects are filtered by it or by the class it names. */
export interface Category {
  readonly id: number
  readonly sourceId: string
  readonly name: string
  readonly classId: number
  readonly supercategory: string | null
}

interface DatasetRow {
  readonly id: number
  readonly name: string
  readonly importer: string
  readonly root: string
  readonly createdMs: number
  readonly attributes: string
}

const DATASET = `SELECT datasets.id, datasets.name, importer, folders.path AS root, created_ms AS createdMs, attributes
  FROM datasets JOIN folders ON folders.id = folder_id`
const RECORDS_A_TURN = 1_000

/** The data sets of a project: imported whole or not at all. */
export class Datasets {
  readonly #db: Db
  readonly #writer: Writer

  constructor(db: Db, writer: Writer) {
    this.#db = db
    this.#writer = writer
  }

  /** By name. */
  list(): Dataset[] {
    return this.#db
      .all<DatasetRow>(`${DATASET} ORDER BY datasets.name`)
      .map((row) => this.#complete(row))
  }

  /** @throws AppError E_DATASET_UNKNOWN */
  byName(name: string): Dataset {
    const row = this.#db.get<DatasetRow>(`${DATASET} WHERE datasets.name = ?`, name)
    if (!row) {
      throw datasetUnknown(name, this.#db.column<string>('SELECT name FROM datasets ORDER BY name'))
    }
    return this.#complete(row)
  }

  /** @throws AppError E_ROW_UNKNOWN */
  byId(id: number): Dataset {
    const row = this.#db.get<DatasetRow>(`${DATASET} WHERE datasets.id = ?`, id)
    if (!row) throw rowUnknown('data set', id)
    return this.#complete(row)
  }

  /** By id. */
  categories(datasetId: number): Category[] {
    return this.#db.all<Category>(
      `SELECT categories.id, source_id AS sourceId, classes.name, class_id AS classId, supercategory
        FROM categories JOIN classes ON classes.id = class_id WHERE dataset_id = ? ORDER BY categories.id`,
      datasetId,
    )
  }

  /**
   * Stores what an importer reads as a new data set, in one transaction: if the stream throws, or `signal` aborts, or the
   * process dies, the project is as before. Lists show the data set when it is whole; until then nothing else can be
   * written (edits are refused with E_PROJECT_BUSY, results wait).
   * @throws AppError E_DATASET_EXISTS, E_PROJECT_BUSY, E_DISK_FULL, E_ANN_CATEGORY_UNKNOWN, E_ANN_CATEGORY_TWICE,
   * E_ANN_IMAGE_UNKNOWN, E_ANN_IMAGE_TWICE, E_BBOX_NOT_FINITE, and what the stream throws; AbortError
   */
  async import(
    order: ImportOrder,
    records: RecordStream,
    options: ImportOptions = {},
  ): Promise<ImportOutcome> {
    return this.#writer.exclusively(order.name, async () => {
      const db = new Db(this.#db.path)
      try {
        db.exec('BEGIN IMMEDIATE')
        this.#writer.requireLock()
        const outcome = await storeImport(db, order, records, options)
        db.exec('COMMIT')
        return outcome
      } finally {
        if (db.inTransaction) db.exec('ROLLBACK')
        db.close()
        this.#cutLog()
      }
    })
  }

  /** Lines of the report of the data set's import. */
  problems(
    datasetId: number,
    page: PageRequest = {},
  ): Page<ImportProblem & { readonly id: number }> {
    const importId =
      this.#db.value<number>('SELECT id FROM imports WHERE dataset_id = ?', datasetId) ?? 0
    return pageOfIds(page, (bound, order, after, limit) =>
      this.#db
        .all<{ id: number; problem: string }>(
          `SELECT id, problem FROM import_problems WHERE import_id = ? AND id ${bound} ? ORDER BY id ${order} LIMIT ?`,
          importId,
          after,
          limit,
        )
        .map(({ id, problem }) => ({ id, ...parseWith(problemSchema, problem) })),
    )
  }

  /** @throws AppError E_DATASET_EXISTS, E_ROW_UNKNOWN */
  rename(id: number, name: string): void {
    this.#writer.write(() => {
      requireFree(this.#db, name, id)
      const { changes } = this.#db.run('UPDATE datasets SET name = ? WHERE id = ?', name, id)
      if (changes === 0) throw rowUnknown('data set', id)
    })
  }

  /**
   * Removes a data set with its annotations; files and results of runs stay. Cannot be undone, and the undo log ends
   * here, because its steps may speak of what is gone.
   * @throws AppError E_ROW_UNKNOWN
   */
  remove(id: number): void {
    this.#writer.write(() => {
      this.byId(id)
      this.#db.run('DELETE FROM undo_actions')
      this.#db.run('DELETE FROM members WHERE dataset_id = ?', id)
      this.#db.run('DELETE FROM datasets WHERE id = ?', id)
    })
  }

  /** The write-ahead log has grown by all of an import. If it cannot be cut now, a later commit will. */
  #cutLog(): void {
    try {
      this.#db.pragma('wal_checkpoint(TRUNCATE)')
    } catch {
      // A reader is in the way or the disk is full: the import is stored, or refused, all the same.
    }
  }

  #complete(row: DatasetRow): Dataset {
    return {
      ...row,
      attributes: attributesFrom(row.attributes),
      images:
        this.#db.value<number>(
          'SELECT images FROM facet_counts WHERE facet = ? AND value = ? AND dataset_id = ?',
          FACET.dataset,
          row.id,
          row.id,
        ) ?? 0,
      splits: this.#db.all(
        `SELECT splits.id, name, coalesce(images, 0) AS images FROM splits LEFT JOIN facet_counts
          ON facet = ? AND value = splits.id AND facet_counts.dataset_id = splits.dataset_id
          WHERE splits.dataset_id = ? ORDER BY name`,
        FACET.split,
        row.id,
      ),
    }
  }
}

async function storeImport(
  db: Db,
  order: ImportOrder,
  records: RecordStream,
  { signal, progress }: ImportOptions,
): Promise<ImportOutcome> {
  const startedMs = Date.now()
  requireFree(db, order.name)
  const folderId =
    db.value<number>('SELECT id FROM folders WHERE path = ?', order.root) ??
    db.run('INSERT INTO folders (path) VALUES (?)', order.root).id
  const datasetId = db.run(
    'INSERT INTO datasets (name, importer, folder_id, created_ms, attributes) VALUES (?, ?, ?, ?, ?)',
    order.name,
    order.importer,
    folderId,
    startedMs,
    attributesText(order.attributes ?? {}),
  ).id
  const importId = db.run(
    `INSERT INTO imports (dataset_id, importer, root, started_ms, finished_ms, images, objects, patches, problems)
      VALUES (?, ?, ?, ?, 0, 0, 0, 0, 0)`,
    datasetId,
    order.importer,
    order.root,
    startedMs,
  ).id
  const writer = new ImportWriter(db, { id: datasetId, importId, folderId })
  let sinceTurn = 0
  /** Whether others should have their turn now. */
  const add = (batch: StoredRecord | readonly StoredRecord[]): boolean => {
    guarded(db.path, () => {
      if (!isList(batch)) writer.add(batch)
      else for (const record of batch) writer.add(record)
    })
    sinceTurn += isList(batch) ? batch.length : 1
    if (sinceTurn < RECORDS_A_TURN) return false
    sinceTurn = 0
    return true
  }
  const pause = async (): Promise<void> => {
    if (signal?.aborted) throw importCancelled()
    progress?.({ ...writer.counts })
    await setImmediate()
  }
  await loadingInBulk(db, async () => {
    await pause()
    if (Symbol.asyncIterator in records) {
      for await (const batch of records) if (add(batch)) await pause()
    } else {
      for (const record of records) if (add(record)) await pause()
    }
    await pause()
  })
  const { images, objects, patches, problems } = writer.counts
  db.run(
    'UPDATE imports SET finished_ms = ?, images = ?, objects = ?, patches = ?, problems = ? WHERE id = ?',
    Date.now(),
    images,
    objects,
    patches,
    problems,
    importId,
  )
  return { datasetId, importId, images, objects, patches, problems }
}

/** `Array.isArray` does not know lists that are read only. */
const isList = (batch: StoredRecord | readonly StoredRecord[]): batch is readonly StoredRecord[] =>
  Array.isArray(batch)

function requireFree(db: Db, name: string, exceptId = 0): void {
  const id = db.value<number>('SELECT id FROM datasets WHERE name = ?', name)
  if (id !== undefined && id !== exceptId) throw datasetExists(name)
}

const problemSchema = z
  .object({
    decision: z.enum(['accept-with-warning', 'skip-record', 'skip-file']),
    code: z.string(),
    file: z.string(),
    line: z.number().exactOptional(),
    record: z.number().exactOptional(),
    offset: z.number().exactOptional(),
    message: z.string(),
  })
  .strip()
