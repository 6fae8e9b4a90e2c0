import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { writeFileAtomic } from '../engine/files/write-file'

const MAX_BYTES = 65_536

/** A small JSON file of settings. A damaged, foreign or missing one counts as the defaults and is never a fault. */
export class StateFile<T> {
  readonly #path: string
  #value: T
  #writing: Promise<void> = Promise.resolve()

  constructor(path: string, schema: z.ZodType<T>, defaults: T) {
    this.#path = path
    this.#value = readState(path, schema) ?? defaults
  }

  get value(): T {
    return this.#value
  }

  /** Writes are whole and in order; a full disk loses a setting, not the app. */
  set(value: T): void {
    this.#value = value
    this.#writing = this.#writing
      .then(() => writeFileAtomic(this.#path, `${JSON.stringify(value, undefined, 2)}\n`))
      .catch(() => undefined)
  }

  /** Resolves when all that was set has been written. */
  settled(): Promise<void> {
    return this.#writing
  }
}

function readState<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    // Read at start, before there is a window to block; the file is tiny.
    const text = readFileSync(path, 'utf8')
    if (text.length > MAX_BYTES) return undefined
    const parsed = schema.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
