import { randomUUID } from 'node:crypto'
import { closeSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { writeFault } from '../engine/files/write-file'
import type { StoredRecord } from './import-writer'

const PREFIX = 'importing-'
const SUFFIX = '.tmp'
/** More than this goes to a file. */
const HELD_BYTES = 4 << 20

/**
 * Records of an import that wait to be stored: reading a data set may take long, or be paused, and the project is written
 * by others meanwhile. Memory does not grow with their number. The file is ours alone and is gone when the spool is closed.
 */
export class RecordSpool implements Disposable {
  readonly #folder: string
  readonly #path: string
  #held: Buffer[] = []
  #heldBytes = 0
  #file: number | null = null

  constructor(folder: string) {
    this.#folder = folder
    this.#path = join(folder, `${PREFIX}${randomUUID()}${SUFFIX}`)
  }

  /** @throws AppError E_DISK_FULL, E_WRITE_DENIED, E_WRITE_FAILED */
  add(records: readonly StoredRecord[]): void {
    const body = serialize(records)
    const head = Buffer.alloc(4)
    head.writeUInt32LE(body.length)
    this.#held.push(head, body)
    this.#heldBytes += head.length + body.length
    if (this.#heldBytes >= HELD_BYTES) this.#spill()
  }

  /** All lists, in the order in which they came. */
  *lists(): Generator<readonly StoredRecord[]> {
    if (this.#file === null) {
      for (let k = 1; k < this.#held.length; k += 2) {
        yield deserialize(this.#held[k] ?? Buffer.alloc(0)) as readonly StoredRecord[] // as `add` took them
      }
      return
    }
    this.#spill()
    let at = 0
    for (;;) {
      const head = this.#read(4, at)
      if (head.length === 0) return
      const length = head.readUInt32LE()
      yield deserialize(this.#read(length, at + 4)) as readonly StoredRecord[] // as `add` took them
      at += 4 + length
    }
  }

  close(): void {
    this.#held = []
    if (this.#file === null) return
    closeSync(this.#file)
    this.#file = null
    rmSync(this.#path, { force: true })
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #spill(): void {
    try {
      this.#file ??= openSync(this.#path, 'wx+')
      const bytes = Buffer.concat(this.#held)
      for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done)
    } catch (error) {
      throw writeFault(this.#folder, error)
    }
    this.#held = []
    this.#heldBytes = 0
  }

  /** Fewer bytes only at the end of the file. */
  #read(length: number, at: number): Buffer {
    const bytes = Buffer.alloc(length)
    let done = 0
    while (done < length) {
      const read =
        this.#file === null ? 0 : readSync(this.#file, bytes, done, length - done, at + done)
      if (read === 0) break
      done += read
    }
    return bytes.subarray(0, done)
  }
}

/** What a process that was killed has left; to be called by the one that has the project for writing. */
export function removeSpools(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(PREFIX) && name.endsWith(SUFFIX))
      rmSync(join(folder, name), { force: true })
  }
}
