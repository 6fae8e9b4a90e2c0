import Database from 'better-sqlite3'
import { guarded, sqliteFault } from './sqlite-fault'

export type Value = string | number | null | Uint8Array

type Statement = Database.Statement<Value[]>

export interface DbOptions {
  readonly readonly?: boolean
  /** `FULL` waits for the disk at every commit; `NORMAL` may lose the last commits in a power cut. */
  readonly synchronous?: 'FULL' | 'NORMAL' | 'OFF'
}

const STATEMENTS_KEPT = 400
const BUSY_MS = 5_000

/**
 * One connection to one SQLite file, with the safety settings that all of ours have and prepared statements kept by their
 * text. What SQLite throws arrives as `AppError`.
 */
export class Db {
  readonly path: string
  readonly readonly: boolean
  readonly #raw: Database.Database
  readonly #statements = new Map<string, Statement>()

  /** @throws AppError E_PROJECT_UNREADABLE, E_PROJECT_DAMAGED, E_PROJECT_BUSY, E_DISK_FULL */
  constructor(path: string, options: DbOptions = {}) {
    this.path = path
    this.readonly = options.readonly ?? false
    this.#raw = guarded(
      path,
      () => new Database(path, { readonly: this.readonly, timeout: BUSY_MS }),
    )
    try {
      this.pragma('trusted_schema = OFF')
      this.pragma('cell_size_check = ON')
      this.pragma('foreign_keys = ON')
      this.pragma('temp_store = MEMORY')
      this.pragma('cache_size = -65536')
      this.pragma(`synchronous = ${options.synchronous ?? 'FULL'}`)
    } catch (error) {
      this.#raw.close()
      throw error
    }
  }

  get inTransaction(): boolean {
    return this.#raw.inTransaction
  }

  get isOpen(): boolean {
    return this.#raw.open
  }

  get<Row>(sql: string, ...values: Value[]): Row | undefined {
    // The caller names the columns in `sql`, and SQLite's strict tables hold the types.
    return guarded(this.path, () => this.prepare(sql).get(...values)) as Row | undefined
  }

  all<Row>(sql: string, ...values: Value[]): Row[] {
    return guarded(this.path, () => this.prepare(sql).all(...values)) as Row[] // as in get
  }

  /** The first column of the first row. */
  value<T extends Value>(sql: string, ...values: Value[]): T | undefined {
    return guarded(this.path, () => this.prepare(sql, true).get(...values)) as T | undefined // as in get
  }

  /** The first column of all rows. */
  column<T extends Value>(sql: string, ...values: Value[]): T[] {
    return guarded(this.path, () => this.prepare(sql, true).all(...values)) as T[] // as in get
  }

  /** How many rows were changed, and the id of the last one that was added. */
  run(sql: string, ...values: Value[]): { changes: number; id: number } {
    const done = guarded(this.path, () => this.prepare(sql).run(...values))
    return { changes: done.changes, id: Number(done.lastInsertRowid) }
  }

  /** For inner loops: a statement whose faults the caller guards. */
  prepare(sql: string, pluck = false): Statement {
    const key = pluck ? `${sql}\0pluck` : sql
    const known = this.#statements.get(key)
    if (known) return known
    if (this.#statements.size >= STATEMENTS_KEPT) this.#statements.clear()
    const statement = this.#raw.prepare<Value[]>(sql)
    if (pluck) statement.pluck()
    this.#statements.set(key, statement)
    return statement
  }

  exec(sql: string): void {
    guarded(this.path, () => this.#raw.exec(sql))
  }

  pragma(text: string): unknown {
    return guarded(this.path, () => this.#raw.pragma(text, { simple: true }))
  }

  pragmaRows<Row>(text: string): Row[] {
    return guarded(this.path, () => this.#raw.pragma(text)) as Row[] // columns as SQLite documents them
  }

  /** Runs `act` in one transaction: all of it is stored, or nothing. */
  transaction<T>(act: () => T): T {
    return guarded(this.path, () => {
      this.#raw.exec('BEGIN IMMEDIATE')
      try {
        const answer = act()
        this.#raw.exec('COMMIT')
        return answer
      } catch (error) {
        // A full disk ends the transaction by itself.
        if (this.#raw.inTransaction) this.#raw.exec('ROLLBACK')
        throw error
      }
    })
  }

  /** A consistent copy of the file while it is in use. */
  async backup(target: string): Promise<void> {
    try {
      await this.#raw.backup(target)
    } catch (error) {
      throw sqliteFault(target, error)
    }
  }

  close(): void {
    this.#statements.clear()
    if (this.#raw.open) this.#raw.close()
  }
}
