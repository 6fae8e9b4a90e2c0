import type { Db } from './db'
import type { GroupCommit } from './group-commit'
import { attributesFrom, attributesText } from './json'
import { NameTable } from './names'
import { pageOfIds, type Page, type PageRequest } from './paging'
import { listItemsByChange } from './ranked-lists'
import { readItem, readItemDetail, ITEM, type ItemRow } from './run-items'
import {
  runStates,
  type Run,
  type RunClass,
  type RunFailure,
  type RunItem,
  type RunItemDetail,
  type RunOrder,
  type RunResult,
  type RunState,
} from './run-records'
import { runMarks, runTimes, type RunMark } from './run-marks'
import { ResultWriter, type Stored } from './result-writer'
import { rowUnknown } from './store-errors'
import type { Writer } from './writer'

interface RunRow extends Omit<Run, 'state' | 'manifest'> {
  readonly state: number
  readonly manifest: string
}

const RUN = `SELECT id, name, kind, manifest, state, created_ms AS createdMs, finished_ms AS finishedMs, total, done, failed,
    detections FROM runs`

/** Runs and their results. Runs are layers: none changes another. */
export class Runs {
  readonly #db: Db
  readonly #writer: Writer
  readonly #group: GroupCommit
  readonly #writers = new Map<number, ResultWriter>()
  /** Keys that are handed in but not yet on the disk. */
  readonly #waiting = new Map<string, number>()

  constructor(db: Db, writer: Writer, group: GroupCommit) {
    this.#db = db
    this.#writer = writer
    this.#group = group
  }

  get count(): number {
    return this.#db.value<number>('SELECT COUNT(*) FROM runs') ?? 0
  }

  /** Answers the id of the new run. */
  start(order: RunOrder): number {
    return this.#writer.write(() => {
      const { id } = this.#db.run(
        'INSERT INTO runs (name, kind, manifest, created_ms, total) VALUES (?, ?, ?, ?, ?)',
        order.name,
        order.kind,
        attributesText(order.manifest),
        Date.now(),
        order.total,
      )
      const classes = new NameTable(this.#db, 'classes')
      for (const [position, name] of order.classNames.entries()) {
        this.#db.run(
          'INSERT INTO run_classes (run_id, position, class_id) VALUES (?, ?, ?)',
          id,
          position,
          classes.idOf(name),
        )
      }
      return id
    })
  }

  /** @throws AppError E_ROW_UNKNOWN */
  finish(id: number, state: Exclude<RunState, 'running'>): void {
    this.#group.flush()
    this.#writer.write(() => {
      const { changes } = this.#db.run(
        'UPDATE runs SET state = ?, finished_ms = ? WHERE id = ?',
        runStates.indexOf(state),
        Date.now(),
        id,
      )
      if (changes === 0) throw rowUnknown('run', id)
    })
  }

  /**
   * Stores a result, once: for a key that the run has already, nothing is written. Resolves when it is on the disk,
   * 200 ms later at most (or after an import that is under way).
   * @throws AppError E_ROW_UNKNOWN, E_EDIT_INVALID; E_DISK_FULL and others of writing: then nothing is stored, and the
   * result may be handed in again
   */
  async storeResult(runId: number, result: RunResult): Promise<Stored> {
    const writer = this.#resultWriter(runId)
    writer.check(result)
    this.#waiting.set(result.key, (this.#waiting.get(result.key) ?? 0) + 1)
    try {
      return await this.#group.add(() => writer.store(result))
    } finally {
      const left = (this.#waiting.get(result.key) ?? 1) - 1
      if (left > 0) this.#waiting.set(result.key, left)
      else this.#waiting.delete(result.key)
    }
  }

  /** Notes that a picture could not be done; a result that is there already stays. */
  async storeFailure(runId: number, failure: RunFailure): Promise<Stored> {
    const writer = this.#resultWriter(runId)
    return this.#group.add(() => writer.fail(failure))
  }

  /** Whether some run has, or is about to have, a result for this key: then it need not be computed. */
  hasResult(key: string): boolean {
    return this.#waiting.has(key) || this.#itemWith(key) !== undefined
  }

  /** The result that some run has for this key, to be stored in another run as well. */
  resultFor(key: string): RunItemDetail | undefined {
    if (this.#waiting.has(key)) this.#group.flush()
    const id = this.#itemWith(key)
    return id === undefined ? undefined : this.item(id)
  }

  /** Newest first. */
  list(kind?: string, page: PageRequest = {}): Page<Run> {
    const newestFirst = { ...page, backward: !(page.backward ?? false) }
    return pageOfIds(newestFirst, (bound, order, after, limit) =>
      this.#db
        .all<RunRow>(
          `${RUN} WHERE ${kind === undefined ? '' : 'kind = ? AND '}id ${bound} ? ORDER BY id ${order} LIMIT ?`,
          ...(kind === undefined ? [] : [kind]),
          after,
          limit,
        )
        .map(runOf),
    )
  }

  /** @throws AppError E_ROW_UNKNOWN */
  get(id: number): Run {
    const row = this.#db.get<RunRow>(`${RUN} WHERE id = ?`, id)
    if (!row) throw rowUnknown('run', id)
    return runOf(row)
  }

  /** In the order of the detector, with how often each was found. */
  classes(runId: number): RunClass[] {
    return this.#db.all(
      `SELECT class_id AS classId, name, images, detections FROM run_classes JOIN classes ON classes.id = class_id
        WHERE run_id = ? ORDER BY position`,
      runId,
    )
  }

  /** Pictures of a run in the order in which they were done; `failed` lists those that were not. */
  items(runId: number, which: 'all' | 'failed' = 'all', page: PageRequest = {}): Page<RunItem> {
    return pageOfIds(page, (bound, order, after, limit) =>
      this.#db
        .all<ItemRow>(
          `${ITEM} WHERE run_id = ?${which === 'failed' ? ' AND error IS NOT NULL' : ''} AND id ${bound} ?
            ORDER BY id ${order} LIMIT ?`,
          runId,
          after,
          limit,
        )
        .map(readItem),
    )
  }

  /** What became of its pictures, in short; those after an item only, to go on with. */
  marks(runId: number, afterItem = 0, limit = Number.MAX_SAFE_INTEGER): RunMark[] {
    return runMarks(this.#db, runId, afterItem, limit)
  }

  /** Milliseconds that the first pictures of a run took, all stages together. */
  times(runId: number, limit = 301): number[] {
    return runTimes(this.#db, runId, limit)
  }

  /** @throws AppError E_ROW_UNKNOWN */
  rename(id: number, name: string): void {
    this.#writer.write(() => {
      const { changes } = this.#db.run('UPDATE runs SET name = ? WHERE id = ?', name, id)
      if (changes === 0) throw rowUnknown('run', id)
    })
  }

  /** Pictures that the run and its own bare detector (`before`) answer, most differently answered first. */
  itemsByChange(runId: number, page: PageRequest = {}): Page<RunItem> {
    return listItemsByChange(this.#db, runId, page)
  }

  /** With everything that was found. @throws AppError E_ROW_UNKNOWN */
  item(itemId: number): RunItemDetail {
    const detail = readItemDetail(this.#db, itemId)
    if (!detail) throw rowUnknown('result', itemId)
    return detail
  }

  /** What all runs found in one picture, oldest run first. */
  ofImage(memberId: number): RunItem[] {
    return this.#db
      .all<ItemRow>(`${ITEM} WHERE member_id = ? ORDER BY run_id, id`, memberId)
      .map(readItem)
  }

  /** What one run found in one picture. */
  itemOfImage(runId: number, memberId: number): RunItemDetail | undefined {
    const id = this.#db.value<number>(
      'SELECT id FROM run_items WHERE member_id = ? AND run_id = ? ORDER BY id DESC LIMIT 1',
      memberId,
      runId,
    )
    return id === undefined ? undefined : this.item(id)
  }

  /** Removes a run with its results. @throws AppError E_ROW_UNKNOWN */
  remove(id: number): void {
    this.#group.flush()
    this.#writer.write(() => {
      const { changes } = this.#db.run('DELETE FROM runs WHERE id = ?', id)
      if (changes === 0) throw rowUnknown('run', id)
      this.#writers.delete(id)
    })
  }

  #itemWith(key: string): number | undefined {
    return this.#db.value<number>(
      'SELECT id FROM run_items WHERE key = ? AND error IS NULL LIMIT 1',
      key,
    )
  }

  #resultWriter(runId: number): ResultWriter {
    let writer = this.#writers.get(runId)
    if (!writer) {
      writer = new ResultWriter(this.#db, runId)
      this.#writers.set(runId, writer)
    }
    return writer
  }
}

function runOf(row: RunRow): Run {
  return {
    ...row,
    manifest: attributesFrom(row.manifest),
    state: runStates[row.state] ?? 'failed',
  }
}
