import { z } from 'zod'
import type { JsonValue } from '../shared/dataset'
import type { Db } from './db'
import { parseWith } from './json'
import type { Writer } from './writer'

const jsonSchema = z.json()

/** Settings of the project, as JSON values by name. */
export class Settings {
  readonly #db: Db
  readonly #writer: Writer

  constructor(db: Db, writer: Writer) {
    this.#db = db
    this.#writer = writer
  }

  get(name: string): JsonValue | undefined {
    const text = this.#db.value<string>('SELECT value FROM settings WHERE name = ?', name)
    return text === undefined ? undefined : parseWith(jsonSchema, text)
  }

  /** `undefined` removes the setting. */
  set(name: string, value: JsonValue | undefined): void {
    this.#writer.write(() => {
      if (value === undefined) this.#db.run('DELETE FROM settings WHERE name = ?', name)
      else {
        const sql = 'INSERT OR REPLACE INTO settings VALUES (?, ?)'
        this.#db.run(sql, name, JSON.stringify(value))
      }
    })
  }
}
