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
  readonly #afterImport: (() => void)[] = []

  constructor(db: Db, lock: WriterLock | null) {
    this.db = db
    this.#lock = lock
  }

  /** The data set that is being imported, during which nothing else can be written. */
  get importing(): string | null {
    return this.#importing
  }

  /** @throws AppError E_PROJECT_READ_ONLY, E_PROJECT_BUSY (an import is under way), E_PROJECT_LOCKED, E_DISK_FULL */
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
      throw projectBusy(this.db.path, `the data set "${this.#importing}" is being imported`)
    }
  }

  /** Results may be handed in during an import: they wait for its end. @throws AppError E_PROJECT_READ_ONLY */
  requireOpenForResults(): void {
    if (!this.#lock) throw projectReadOnly(this.db.path)
  }

  /** Keeps other writes out until `act` has settled: an import is one transaction on a connection of its own. */
  async exclusively<T>(name: string, act: () => Promise<T>): Promise<T> {
    this.requireWritable()
    this.#importing = name
    if (this.#lock) this.#lock.isQuiet = true
    try {
      return await act()
    } finally {
      this.#importing = null
      if (this.#lock) this.#lock.isQuiet = false
      for (const wake of this.#afterImport.splice(0)) wake()
    }
  }

  /** Calls `wake` once the import that is under way has ended. */
  whenImported(wake: () => void): void {
    this.#afterImport.push(wake)
  }

  /** Resolves when no import is under way. */
  async imported(): Promise<void> {
    if (this.#importing === null) return
    await new Promise<void>((resolve) => {
      this.whenImported(resolve)
    })
  }

  /** Inside a transaction on another connection of ours. */
  requireLock(): void {
    this.#lock?.require()
  }
}
