import type { Detection } from '../shared/vision'
import { detectionChange } from './change'
import type { Db } from './db'
import type { CertificateRecord, RunFailure, RunResult } from './run-records'
import { ANY_CLASS } from './run-terms'
import { editInvalid, rowUnknown } from './store-errors'

const RUN_STAGE = 0
const BARE_STAGE = 1

/** `known`: the run has a result for this key already, and nothing was written. */
export type Stored = 'stored' | 'known'

/** Writes the results of one run; to be called inside a transaction. */
export class ResultWriter {
  readonly #db: Db
  readonly #runId: number
  /** Class ids of the project by position in the run's classes. */
  readonly #classIds: readonly number[]

  /** @throws AppError E_ROW_UNKNOWN */
  constructor(db: Db, runId: number) {
    this.#db = db
    this.#runId = runId
    if (db.value<number>('SELECT 1 FROM runs WHERE id = ?', runId) === undefined) {
      throw rowUnknown('run', runId)
    }
    this.#classIds = db.column<number>(
      'SELECT class_id FROM run_classes WHERE run_id = ? ORDER BY position',
      runId,
    )
  }

  /** @throws AppError E_EDIT_INVALID before anything is written */
  check({ file, detections, before }: RunResult): void {
    for (const { box, score, classId } of [...detections, ...(before ?? [])]) {
      if (this.#classIds[classId] === undefined) {
        throw editInvalid(
          `${file}: a detection has class ${classId}, and the run ${this.#classIds.length} classes`,
        )
      }
      if (![...box, score].every(Number.isFinite)) {
        throw editInvalid(
          `${file}: a detection has the box ${box.join(', ')} and the score ${score}`,
        )
      }
    }
  }

  store(result: RunResult): Stored {
    if (!this.#makeRoom(result.key)) return 'known'
    const { detections, before } = result
    const itemId = this.#addItem(result, {
      detections: detections.length,
      max_score: detections.length > 0 ? Math.max(...detections.map((found) => found.score)) : null,
      change: before ? detectionChange(before, detections) : null,
      error: null,
    })
    this.#addDetections(itemId, RUN_STAGE, detections)
    if (before) this.#addDetections(itemId, BARE_STAGE, before)
    this.#addPostings(itemId, result.memberId, detections)
    for (const [name, text] of Object.entries(result.masks)) {
      this.#db.run(
        'INSERT INTO masks (item_id, name, width, height, text) VALUES (?, ?, ?, ?, ?)',
        itemId,
        name,
        result.width ?? 0,
        result.height ?? 0,
        text,
      )
    }
    this.#db.run(
      'INSERT INTO traces (item_id, stages, notes, warnings) VALUES (?, ?, ?, ?)',
      itemId,
      JSON.stringify(result.stages),
      JSON.stringify(result.notes),
      JSON.stringify(result.warnings),
    )
    for (const [k, certificate] of (result.certificates ?? []).entries()) {
      this.#addCertificate(itemId, result.memberId, k, certificate)
    }
    this.#count('done', detections.length)
    return 'stored'
  }

  fail({ key, memberId, file, error }: RunFailure): Stored {
    if (this.#db.value('SELECT 1 FROM run_items WHERE run_id = ? AND key = ?', this.#runId, key)) {
      return 'known'
    }
    this.#addItem(
      { key, file, ...(memberId === undefined ? {} : { memberId }) },
      { detections: 0, max_score: null, change: null, error: JSON.stringify(error) },
    )
    this.#count('failed', 0)
    return 'stored'
  }

  /** False if there is a result; a failure is cleared away. */
  #makeRoom(key: string): boolean {
    const there = this.#db.get<{ id: number; error: string | null }>(
      'SELECT id, error FROM run_items WHERE run_id = ? AND key = ?',
      this.#runId,
      key,
    )
    if (!there) return true
    if (there.error === null) return false
    this.#db.run('DELETE FROM run_items WHERE id = ?', there.id)
    this.#db.run('UPDATE runs SET failed = failed - 1 WHERE id = ?', this.#runId)
    return true
  }

  #addItem(
    about: Pick<RunResult, 'key' | 'file' | 'memberId' | 'sha256' | 'width' | 'height'>,
    outcome: {
      detections: number
      max_score: number | null
      change: number | null
      error: string | null
    },
  ): number {
    return this.#db.run(
      `INSERT INTO run_items (run_id, key, member_id, file, sha256, width, height, detections, max_score, change, error)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      this.#runId,
      about.key,
      about.memberId ?? null,
      about.file,
      about.sha256 ?? null,
      about.width ?? null,
      about.height ?? null,
      outcome.detections,
      outcome.max_score,
      outcome.change,
      outcome.error,
    ).id
  }

  #addDetections(itemId: number, stage: number, detections: readonly Detection[]): void {
    const insert = this.#db.prepare(
      `INSERT INTO detections (run_id, item_id, stage, class_id, position, score, x1, y1, x2, y2)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    for (const { box, score, classId } of detections) {
      insert.run(this.#runId, itemId, stage, this.#classIds[classId] ?? 0, classId, score, ...box)
    }
  }

  /** One entry for each class found, and one for any class. */
  #addPostings(
    itemId: number,
    memberId: number | undefined,
    detections: readonly Detection[],
  ): void {
    const ranges = new Map<number, { min: number; max: number; count: number }>()
    for (const { score, classId } of detections) {
      for (const id of [this.#classIds[classId] ?? 0, ANY_CLASS]) {
        const range = ranges.get(id)
        ranges.set(id, {
          min: Math.min(score, range?.min ?? score),
          max: Math.max(score, range?.max ?? score),
          count: (range?.count ?? 0) + 1,
        })
      }
    }
    for (const [classId, { min, max, count }] of ranges) {
      if (memberId !== undefined) {
        this.#db.run(
          'INSERT OR REPLACE INTO run_postings VALUES (?, ?, ?, ?, ?, ?)',
          this.#runId,
          classId,
          memberId,
          itemId,
          min,
          max,
        )
      }
      if (classId === ANY_CLASS) continue
      this.#db.run(
        `UPDATE run_classes SET images = images + 1, detections = detections + ?
          WHERE run_id = ? AND position = ?`,
        count,
        this.#runId,
        this.#classIds.indexOf(classId),
      )
    }
  }

  #addCertificate(
    itemId: number,
    memberId: number | undefined,
    position: number,
    certificate: CertificateRecord,
  ): void {
    const { objectId, method, certified, radius, ...details } = certificate
    this.#db.run(
      `INSERT INTO certificates (run_id, item_id, member_id, object_id, position, method, certified, radius, details)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      this.#runId,
      itemId,
      memberId ?? null,
      objectId ?? null,
      position,
      method,
      certified ? 1 : 0,
      radius ?? null,
      JSON.stringify(details),
    )
  }

  #count(what: 'done' | 'failed', detections: number): void {
    this.#db.run(
      `UPDATE runs SET ${what} = ${what} + 1, detections = detections + ? WHERE id = ?`,
      detections,
      this.#runId,
    )
  }
}
