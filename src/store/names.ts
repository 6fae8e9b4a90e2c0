import type { Db } from './db'

/** Ids of names that are kept once for the whole project, made where they are new. Remembers what it has seen. */
export class NameTable {
  readonly #db: Db
  readonly #table: 'classes' | 'labels'
  readonly #ids = new Map<string, number>()

  constructor(db: Db, table: 'classes' | 'labels') {
    this.#db = db
    this.#table = table
  }

  /** To be called inside a transaction, and the table thrown away if that is rolled back. */
  idOf(name: string): number {
    const seen = this.#ids.get(name)
    if (seen !== undefined) return seen
    const id =
      this.#db.value<number>(`SELECT id FROM ${this.#table} WHERE name = ?`, name) ??
      this.#db.run(`INSERT INTO ${this.#table} (name) VALUES (?)`, name).id
    this.#ids.set(name, id)
    return id
  }
}
