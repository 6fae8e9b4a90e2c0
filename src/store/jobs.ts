import type { Attributes, JsonValue } from '../shared/dataset'
import type { ErrorRecord } from '../shared/errors'
import { z } from 'zod'
import type { Db } from './db'
import type { GroupCommit } from './group-commit'
import { attributesFrom, attributesText, parseWith } from './json'
import { pageOfIds, type Page, type PageRequest } from './paging'
import { errorSchema } from './run-records'
import { editInvalid, rowUnknown } from './store-errors'
import type { Writer } from './writer'

export const jobStates = ['queued', 'running', 'paused', 'cancelled', 'failed', 'done'] as const
export type JobState = (typeof jobStates)[number]

export const itemStates = ['queued', 'running', 'done', 'failed'] as const
export type ItemState = (typeof itemStates)[number]

export interface JobOrder {
  /** `import`, `run`, `certify`, `attack`, `export` … */
  readonly kind: string
  readonly name: string
  /** Inputs, pipeline, options, models by hash, versions. */
  readonly manifest: Attributes
  /** The run that it fills. */
  readonly runId?: number
}

/** `total` items, of which some are running, done or failed; the others wait. Times in milliseconds since 1970. */
export interface Job extends JobOrder {
  readonly id: number
  readonly state: JobState
  readonly createdMs: number
  readonly startedMs: number | null
  readonly finishedMs: number | null
  readonly total: number
  readonly running: number
  readonly done: number
  readonly failed: number
  readonly error: ErrorRecord | null
}

export interface NewItem {
  /** Hash of all that determines the result; a second item of the same key is dropped. */
  readonly key: string
  /** What the worker is told. */
  readonly payload: JsonValue
}

export interface JobItem extends NewItem {
  readonly id: number
  readonly state: ItemState
  /** How often it was begun. */
  readonly attempts: number
  readonly error: ErrorRecord | null
}

/** What was found of a process that had died. */
export interface Recovery {
  /** Items that wait again. */
  readonly requeued: number
  /** Items that were under way at every one of three deaths: they are taken to be the cause, and failed. */
  readonly givenUp: number
}

interface JobRow extends Omit<Job, 'state' | 'manifest' | 'error' | 'runId'> {
  readonly state: number
  readonly manifest: string
  readonly error: string | null
  readonly runId: number | null
}

interface ItemRow extends Omit<JobItem, 'state' | 'payload' | 'error'> {
  readonly state: number
  readonly payload: string
  readonly error: string | null
}

const JOB = `SELECT id, kind, name, manifest, run_id AS runId, state, created_ms AS createdMs, started_ms AS startedMs,
    finished_ms AS finishedMs, total, running, done, failed, error FROM jobs`
const JOB_ITEM = 'SELECT id, key, payload, state, attempts, error FROM job_items'
const MOST_ATTEMPTS = 3
const payloadSchema = z.json()

/** From which states a job may go to which: ended ones stay ended. */
const ALLOWED: Readonly<Record<JobState, readonly JobState[]>> = {
  queued: ['running', 'paused', 'cancelled', 'failed', 'done'],
  running: ['queued', 'paused', 'cancelled', 'failed', 'done'],
  // Work that is in its last step ends although it is paused.
  paused: ['queued', 'running', 'cancelled', 'failed', 'done'],
  cancelled: [],
  failed: ['queued'],
  done: [],
}

/** Work under way, and its items. What was confirmed survives the death of the process. */
export class Jobs {
  readonly #db: Db
  readonly #writer: Writer
  readonly #group: GroupCommit

  constructor(db: Db, writer: Writer, group: GroupCommit) {
    this.#db = db
    this.#writer = writer
    this.#group = group
  }

  /** Answers the id of the new job, which is queued and has no items yet. */
  create({ kind, name, manifest, runId }: JobOrder): number {
    const sql = 'INSERT INTO jobs (kind, name, manifest, run_id, created_ms) VALUES (?, ?, ?, ?, ?)'
    return this.#writer.write(
      () => this.#db.run(sql, kind, name, attributesText(manifest), runId ?? null, Date.now()).id,
    )
  }

  /** For work that knows only on the way which run it fills. @throws AppError E_ROW_UNKNOWN */
  setRun(jobId: number, runId: number): void {
    this.#writer.write(() => {
      this.get(jobId)
      this.#db.run('UPDATE jobs SET run_id = ? WHERE id = ?', runId, jobId)
    })
  }

  /** In one transaction. Answers how many were new. */
  addItems(jobId: number, items: Iterable<NewItem>): number {
    return this.#writer.write(() => {
      this.get(jobId)
      const insert = this.#db.prepare(
        'INSERT INTO job_items (job_id, key, payload) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      )
      let added = 0
      for (const { key, payload } of items) {
        added += insert.run(jobId, key, JSON.stringify(payload)).changes
      }
      return added
    })
  }

  /** Newest first. */
  list(state?: JobState, page: PageRequest = {}): Page<Job> {
    const newestFirst = { ...page, backward: !(page.backward ?? false) }
    return pageOfIds(newestFirst, (bound, order, after, limit) =>
      this.#db
        .all<JobRow>(
          `${JOB} WHERE ${state === undefined ? '' : 'state = ? AND '}id ${bound} ? ORDER BY id ${order} LIMIT ?`,
          ...(state === undefined ? [] : [jobStates.indexOf(state)]),
          after,
          limit,
        )
        .map(jobOf),
    )
  }

  /** Newest first. */
  listOfKind(kind: string, page: PageRequest = {}): Page<Job> {
    const newestFirst = { ...page, backward: !(page.backward ?? false) }
    return pageOfIds(newestFirst, (bound, order, after, limit) =>
      this.#db
        .all<JobRow>(
          `${JOB} WHERE kind = ? AND id ${bound} ? ORDER BY id ${order} LIMIT ?`,
          kind,
          after,
          limit,
        )
        .map(jobOf),
    )
  }

  /** @throws AppError E_ROW_UNKNOWN */
  get(id: number): Job {
    const row = this.#db.get<JobRow>(`${JOB} WHERE id = ?`, id)
    if (!row) throw rowUnknown('job', id)
    return jobOf(row)
  }

  /** In the order in which they were added. */
  items(jobId: number, state?: ItemState, page: PageRequest = {}): Page<JobItem> {
    return pageOfIds(page, (bound, order, after, limit) =>
      this.#db
        .all<ItemRow>(
          `${JOB_ITEM} WHERE job_id = ?${state === undefined ? '' : ' AND state = ?'} AND id ${bound} ?
            ORDER BY id ${order} LIMIT ?`,
          jobId,
          ...(state === undefined ? [] : [itemStates.indexOf(state)]),
          after,
          limit,
        )
        .map(itemOf),
    )
  }

  /**
   * Pauses, goes on with, cancels or ends a job. Leaving `running` puts the items that are under way back into the queue;
   * their results are still welcome.
   * @throws AppError E_ROW_UNKNOWN, E_EDIT_INVALID where an ended job would begin again
   */
  setState(id: number, state: JobState, error?: ErrorRecord): void {
    this.#group.flush()
    this.#writer.write(() => {
      const now = this.get(id).state
      if (now === state) return
      if (!ALLOWED[now].includes(state))
        throw editInvalid(`job ${id} is ${now}, so it cannot be ${state}`)
      if (now === 'running') this.#requeue(id)
      const ended = state === 'cancelled' || state === 'failed' || state === 'done'
      this.#db.run(
        `UPDATE jobs SET state = ?, error = ?, started_ms = coalesce(started_ms, ?), finished_ms = ? WHERE id = ?`,
        jobStates.indexOf(state),
        error ? JSON.stringify(error) : null,
        state === 'running' ? Date.now() : null,
        ended ? Date.now() : null,
        id,
      )
    })
  }

  /** Takes up to `count` waiting items for work, in their order; none unless the job is running. */
  claim(jobId: number, count: number): JobItem[] {
    this.#group.flush()
    return this.#writer.write(() => {
      if (this.get(jobId).state !== 'running') return []
      const rows = this.#db.all<ItemRow>(
        `${JOB_ITEM} WHERE job_id = ? AND state = 0 ORDER BY id LIMIT ?`,
        jobId,
        count,
      )
      for (const { id } of rows) {
        this.#db.run('UPDATE job_items SET state = 1, attempts = attempts + 1 WHERE id = ?', id)
      }
      return rows.map((row) => ({
        ...itemOf(row),
        state: 'running' as const,
        attempts: row.attempts + 1,
      }))
    })
  }

  /** Resolves when it is on the disk, with other writes of the same 200 ms. Telling it twice makes no difference. */
  async itemDone(jobId: number, key: string): Promise<void> {
    await this.#settle(jobId, key, 'done', null)
  }

  /** As `itemDone`; an item that is done stays done. */
  async itemFailed(jobId: number, key: string, error: ErrorRecord): Promise<void> {
    await this.#settle(jobId, key, 'failed', error)
  }

  /** Adds an item, unless it is there, and says what became of it: as `itemDone`, or as `itemFailed` where there is an error. */
  async settleItem(jobId: number, item: NewItem, error: ErrorRecord | null = null): Promise<void> {
    await this.#group.add(() => {
      this.#db.run(
        'INSERT INTO job_items (job_id, key, payload) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        jobId,
        item.key,
        JSON.stringify(item.payload),
      )
      this.#settleNow(jobId, item.key, error === null ? 'done' : 'failed', error)
    })
  }

  /** Lets failed items wait again; answers how many. */
  retryFailed(jobId: number): number {
    return this.#writer.write(
      () =>
        this.#db.run(
          'UPDATE job_items SET state = 0, attempts = 0, error = NULL WHERE job_id = ? AND state = 3',
          jobId,
        ).changes,
    )
  }

  /** @throws AppError E_ROW_UNKNOWN, E_EDIT_INVALID while it is running */
  remove(id: number): void {
    this.#writer.write(() => {
      if (this.get(id).state === 'running') throw editInvalid(`job ${id} is running`)
      this.#db.run('DELETE FROM jobs WHERE id = ?', id)
    })
  }

  /** After the death of the process that had the project: called once when a project is opened for writing. */
  recover(): Recovery {
    return this.#writer.write(() => {
      const poisoned: ErrorRecord = {
        code: 'E_ITEM_ABANDONED',
        message: `The work on this item was cut off ${MOST_ATTEMPTS} times.`,
        hint: 'It may be what ends the program. Leave it out, or try it again by itself.',
      }
      const givenUp = this.#db.run(
        'UPDATE job_items SET state = 3, error = ? WHERE state = 1 AND attempts >= ?',
        JSON.stringify(poisoned),
        MOST_ATTEMPTS,
      ).changes
      const requeued = this.#db.run('UPDATE job_items SET state = 0 WHERE state = 1').changes
      this.#db.run('UPDATE jobs SET state = 0 WHERE state = 1')
      return { requeued, givenUp }
    })
  }

  async #settle(
    jobId: number,
    key: string,
    state: 'done' | 'failed',
    error: ErrorRecord | null,
  ): Promise<void> {
    await this.#group.add(() => {
      if (this.#settleNow(jobId, key, state, error)) return
      const there = this.#db.value<number>(
        'SELECT 1 FROM job_items WHERE job_id = ? AND key = ?',
        jobId,
        key,
      )
      if (there === undefined) throw rowUnknown(`item of job ${jobId}`, key)
    })
  }

  /** False where there is no such item, or it is done already. */
  #settleNow(
    jobId: number,
    key: string,
    state: 'done' | 'failed',
    error: ErrorRecord | null,
  ): boolean {
    const { changes } = this.#db.run(
      'UPDATE job_items SET state = ?, error = ? WHERE job_id = ? AND key = ? AND state <> 2',
      itemStates.indexOf(state),
      error && JSON.stringify(error),
      jobId,
      key,
    )
    return changes > 0
  }

  /** What was cut off on purpose is not held against an item. */
  #requeue(jobId: number): void {
    this.#db.run(
      'UPDATE job_items SET state = 0, attempts = attempts - 1 WHERE job_id = ? AND state = 1',
      jobId,
    )
  }
}

function jobOf({ runId, ...row }: JobRow): Job {
  return {
    ...row,
    ...(runId === null ? {} : { runId }),
    manifest: attributesFrom(row.manifest),
    state: jobStates[row.state] ?? 'failed',
    error: row.error === null ? null : parseWith(errorSchema, row.error),
  }
}

function itemOf(row: ItemRow): JobItem {
  return {
    ...row,
    payload: parseWith(payloadSchema, row.payload),
    state: itemStates[row.state] ?? 'failed',
    error: row.error === null ? null : parseWith(errorSchema, row.error),
  }
}
