import type { Db } from './db'
import type { WriterLock } from './lock'
import { projectBusy, projectReadOnly } from './store-errors'

/**
 * The one door through which a project is written. Everything in `write` is one transaction, on the disk when it returns.
 */
export class Writer {
  readonly db: Db
  readonly #lock: WriterLock | null
  #importing: string | null = null
  #importsUnderWay = 0
  readonly #afterImport: (() => void)[] = []
  readonly #whenIdle: (() => void)[] = []

  constructor(db: Db, lock: WriterLock | null) {
    this.db = db
    this.#lock = lock
  }

  /** What is being stored in one long transaction, during which nothing else can be written. */
  get importing(): string | null {
    return this.#importing
  }

  /** @throws AppError E_PROJECT_READ_ONLY, E_PROJECT_BUSY (an import or a removal is being stored), E_PROJECT_LOCKED, E_DISK_FULL */
  write<T>(act: () => T): T {
    this.requireWritable()
    return this.db.transaction(() => {
      this.#lock?.require()
      return act()
    })
  }

  requireWritable(): void {
    if (!this.#lock) throw projectReadOnly(this.db.path)
    if (this.#importing !== null) {
      throw projectBusy(this.db.path, this.#importing)
    }
  }

  /** Keeps the project open until `act` has settled. @throws AppError E_PROJECT_READ_ONLY */
  async whileImporting<T>(act: () => Promise<T>): Promise<T> {
    this.requireOpenForResults()
    this.#importsUnderWay++
    try {
      return await act()
    } finally {
      this.#importsUnderWay--
      if (this.#importsUnderWay === 0) for (const wake of this.#whenIdle.splice(0)) wake()
    }
  }

  /** Results may be handed in during an import: they wait for its end. @throws AppError E_PROJECT_READ_ONLY */
  requireOpenForResults(): void {
    if (!this.#lock) throw projectReadOnly(this.db.path)
  }

  /**
   * Keeps other writes out until `act` has settled: an import or a removal is one transaction on a connection of its own.
   * Waits for another one to end. `doing` is told to who wants to write meanwhile.
   */
  async exclusively<T>(doing: string, act: () => Promise<T>): Promise<T> {
    while (this.#importing !== null) await this.#stored()
    this.requireWritable()
    this.#importing = doing
    if (this.#lock) this.#lock.isQuiet = true
    try {
      return await act()
    } finally {
      this.#importing = null
      if (this.#lock) this.#lock.isQuiet = false
      for (const wake of this.#afterImport.splice(0)) wake()
    }
  }

  /** Calls `wake` once the import that is being stored has ended. */
  whenImported(wake: () => void): void {
    this.#afterImport.push(wake)
  }

  /** Resolves when no import is under way, neither read nor stored. */
  async imported(): Promise<void> {
    if (this.#importsUnderWay === 0) return
    await new Promise<void>((resolve) => {
      this.#whenIdle.push(resolve)
    })
  }

  async #stored(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.whenImported(resolve)
    })
  }

  /** Inside a transaction on another connection of ours. */
  requireLock(): void {
    this.#lock?.require()
  }
}
