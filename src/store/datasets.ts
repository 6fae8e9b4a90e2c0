import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Attributes, ImportProblem } from '../shared/dataset'
import { z } from 'zod'
import { Db } from './db'
import { FACET } from './facet-codes'
import { attributesFrom, parseWith } from './json'
import { pageOfIds, type Page, type PageRequest } from './paging'
import { datasetExists, datasetUnknown, rowUnknown } from './store-errors'
import {
  gatherRecords,
  type ImportOptions,
  type ImportOrder,
  type ImportOutcome,
  type RecordStream,
  storeImport,
} from './store-import'
import type { Writer } from './writer'

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

const REMOVED_A_TURN = 200

/** The data sets of a project. What is imported is imported whole or not at all. */
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
   * Stores what an importer reads as a new data set, or adds it to one, in one transaction: if the stream throws, or
   * `signal` aborts, or the process dies, the project is as before. The records are gathered first, while others write;
   * only while they are stored nothing else can be written (edits are refused with E_PROJECT_BUSY, results wait). Lists
   * show what was imported when it is whole.
   *
   * Of a data set that is added to, nothing is changed or removed. A picture that it has (the same file, or the same
   * content under the same name) keeps what is said of it; it gets annotations that differ from all of its own in class,
   * box or shape, and a split or label where it has none. Classes are joined by name.
   * @throws AppError E_DATASET_EXISTS, E_ROW_UNKNOWN, E_PROJECT_READ_ONLY, E_DISK_FULL, E_ANN_CATEGORY_UNKNOWN,
   * E_ANN_CATEGORY_TWICE, E_ANN_IMAGE_UNKNOWN, E_ANN_IMAGE_TWICE, E_BBOX_NOT_FINITE, and what the stream throws; AbortError
   */
  async import(
    order: ImportOrder,
    records: RecordStream,
    options: ImportOptions = {},
  ): Promise<ImportOutcome> {
    return this.#writer.whileImporting(async () => {
      const name = this.#requireTarget(order)
      using spool = await gatherRecords(dirname(this.#db.path), records, options)
      await options.checkpoint?.()
      return await this.#inOneTransaction(`the data set "${name}" is being imported`, (db) => {
        // Others may have written meanwhile.
        this.#requireTarget(order)
        return storeImport(db, order, spool, options)
      })
    })
  }

  /** Runs `act` on a connection of its own: readers see all of it or nothing, and get their turns while it works. */
  #inOneTransaction<T>(doing: string, act: (db: Db) => Promise<T>): Promise<T> {
    return this.#writer.exclusively(doing, async () => {
      const db = new Db(this.#db.path)
      try {
        db.exec('BEGIN IMMEDIATE')
        this.#writer.requireLock()
        const answer = await act(db)
        db.exec('COMMIT')
        return answer
      } finally {
        if (db.inTransaction) db.exec('ROLLBACK')
        db.close()
        this.#cutLog()
      }
    })
  }

  /** Name of the data set to be, or of the one to be added to. @throws AppError E_DATASET_EXISTS, E_ROW_UNKNOWN */
  #requireTarget(order: ImportOrder): string {
    if ('into' in order) return this.byId(order.into).name
    requireFree(this.#db, order.name)
    return order.name
  }

  /** Absolute folders that the pictures of a data set lie in; that of its first import comes first. */
  folders(datasetId: number): string[] {
    return this.#db.column<string>(
      `SELECT path FROM folders JOIN datasets ON datasets.id = ? WHERE folders.id = datasets.folder_id OR EXISTS (
          SELECT 1 FROM files JOIN members ON file_id = files.id
            WHERE files.folder_id = folders.id AND dataset_id = datasets.id)
        ORDER BY folders.id = datasets.folder_id DESC, folders.id`,
      datasetId,
    )
  }

  /** Absolute folders that pictures of any data set lie in, or that one was imported from. */
  allFolders(): string[] {
    return this.#db.column<string>(
      `SELECT path FROM folders WHERE EXISTS (SELECT 1 FROM datasets WHERE folder_id = folders.id) OR EXISTS (
        SELECT 1 FROM files JOIN members ON file_id = files.id WHERE files.folder_id = folders.id) ORDER BY id`,
    )
  }

  /** Id of the newest import, 0 before the first. What is annotated changes by imports and by edits alone. */
  newestImport(): number {
    return this.#db.column<number | null>('SELECT max(id) FROM imports')[0] ?? 0
  }

  /** Lines of the reports of the data set's imports, oldest first. */
  problems(
    datasetId: number,
    page: PageRequest = {},
  ): Page<ImportProblem & { readonly id: number }> {
    return pageOfIds(page, (bound, order, after, limit) => {
      const rows: { id: number; problem: string }[] = []
      // An import is one transaction, so its problems have ids in a row: one import after the other is the order of ids.
      const imports = this.#db.column<number>(
        `SELECT id FROM imports WHERE dataset_id = ? ORDER BY id ${order}`,
        datasetId,
      )
      for (const importId of imports) {
        if (rows.length === limit) break
        const more = this.#db.all<{ id: number; problem: string }>(
          `SELECT id, problem FROM import_problems WHERE import_id = ? AND id ${bound} ? ORDER BY id ${order} LIMIT ?`,
          importId,
          after,
          limit - rows.length,
        )
        rows.push(...more)
      }
      return rows.map(({ id, problem }) => ({ id, ...parseWith(problemSchema, problem) }))
    })
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
   * One transaction, during which readers and other work of the process go on.
   * @throws AppError E_ROW_UNKNOWN, E_PROJECT_READ_ONLY, E_DISK_FULL
   */
  async remove(id: number): Promise<void> {
    const { name } = this.byId(id)
    await this.#inOneTransaction(`the data set "${name}" is being removed`, async (db) => {
      this.byId(id)
      db.run('DELETE FROM undo_actions')
      const some = `DELETE FROM members WHERE id IN (SELECT id FROM members WHERE dataset_id = ? LIMIT ${REMOVED_A_TURN})`
      // Its triggers take some tenths of a second for a thousand members: others get their turns in between.
      while (db.run(some, id).changes > 0) await setImmediate()
      db.run('DELETE FROM datasets WHERE id = ?', id)
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
