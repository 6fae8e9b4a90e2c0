import type { Writer } from './writer'

interface Entry {
  store(): void
  done(error?: unknown): void
}

const MOST_WAITING = 500
const LONGEST_WAIT_MS = 200

/**
 * Gathers many small writes into one transaction: it is committed after 200 ms or 500 writes, whichever comes first. A
 * write is confirmed when it is on the disk.
 */
export class GroupCommit {
  readonly #writer: Writer
  #entries: Entry[] = []
  #timer: NodeJS.Timeout | null = null
  #waitsForImport = false

  constructor(writer: Writer) {
    this.#writer = writer
  }

  /**
   * Resolves once what `store` did is on the disk. Where `store` throws, its own write alone is taken back.
   * @throws what `store` throws; AppError E_DISK_FULL and others of `Writer.write`, for all that were gathered: nothing of
   * them is stored, and each may be tried again
   */
  add<T>(store: () => T): Promise<T> {
    this.#writer.requireOpenForResults()
    return new Promise<T>((resolve, reject) => {
      let answer: { readonly value: T } | null = null
      this.#entries.push({
        store: () => {
          answer = { value: store() }
        },
        done: (error) => {
          if (answer && error === undefined) resolve(answer.value)
          else reject(error instanceof Error ? error : new Error(String(error)))
        },
      })
      if (this.#entries.length >= MOST_WAITING) this.flush()
      else
        this.#timer ??= setTimeout(() => {
          this.flush()
        }, LONGEST_WAIT_MS)
    })
  }

  /** Commits what is waiting, now; while an import is under way, after it. */
  flush(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#entries.length === 0) return
    if (this.#writer.importing !== null) {
      if (this.#waitsForImport) return
      this.#waitsForImport = true
      this.#writer.whenImported(() => {
        this.#waitsForImport = false
        this.flush()
      })
      return
    }
    const entries = this.#entries
    this.#entries = []
    const faults = new Map<Entry, unknown>()
    try {
      this.#writer.write(() => {
        for (const entry of entries) {
          const fault = this.#storeAlone(entry)
          if (fault !== undefined) faults.set(entry, fault)
        }
      })
    } catch (error) {
      for (const entry of entries) entry.done(error)
      return
    }
    for (const entry of entries) entry.done(faults.get(entry))
  }

  /** What went wrong with this write alone; a fault that ends the transaction is thrown. */
  #storeAlone(entry: Entry): unknown {
    const { db } = this.#writer
    db.run('SAVEPOINT result')
    try {
      entry.store()
    } catch (error) {
      if (!db.inTransaction) throw error
      db.run('ROLLBACK TO result')
      db.run('RELEASE result')
      return error
    }
    db.run('RELEASE result')
    return undefined
  }
}
