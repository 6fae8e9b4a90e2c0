import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { makeFolder } from './files/make-folder'
import { errorCode } from './files/read-file'
import type { PartialCertificates } from './picture-progress'
import type { VisionResult } from './vision-job'
import { writeFault } from './files/write-file'

/** Which file a result speaks of, and that it has not changed since. */
export interface FileState {
  /** Distinct for every file, be its name UTF-8 or not. */
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
}

/** A finished picture as the journal keeps it. */
export interface Entry extends FileState {
  /** Pictures that were written for it; absolute paths. */
  readonly written: readonly string[]
  readonly result: VisionResult
}

/** A picture that was cut off. */
export interface PartialEntry extends FileState {
  readonly partial: PartialCertificates
}

/** `other`: a journal of a run with other settings, models or version; its results must not be mixed in. */
export interface EarlierAttempt {
  readonly run: 'none' | 'same' | 'other'
  readonly entries: ReadonlyMap<string, Entry>
  /** The last of each picture. */
  readonly partials: ReadonlyMap<string, PartialEntry>
}

const SYNC_EVERY_MS = 1_000
const CHUNK_BYTES = 1 << 20

/**
 * The results of a run that is under way, one JSON line each, beside the file they will end up in. What is in it
 * survives a kill; a run that ends removes it. The first line names the run.
 */
export class Journal {
  readonly path: string
  readonly #runKey: string
  #file = -1
  #entries = 0
  #partials = 0
  #lastSync = 0

  constructor(path: string, runKey: string) {
    this.path = path
    this.#runKey = runKey
  }

  /** Results so far, those of earlier attempts included. */
  get entries(): number {
    return this.#entries
  }

  /** Whether nothing in it saves a later attempt any work. */
  get isEmpty(): boolean {
    return this.#entries === 0 && this.#partials === 0
  }

  /** What an earlier attempt has left. A torn line is passed over. @throws AppError where it cannot be read */
  read(): EarlierAttempt {
    const entries = new Map<string, Entry>()
    const partials = new Map<string, PartialEntry>()
    const lines = this.#lines()
    const head = lines.next().value
    if (head === undefined || head === '') return { run: 'none', entries, partials }
    if (head !== this.#head()) return { run: 'other', entries, partials }
    for (const line of lines) {
      const entry = parseEntry(line)
      if (entry && 'partial' in entry) partials.set(entry.path, entry)
      else if (entry) entries.set(entry.path, entry)
    }
    return { run: 'same', entries, partials }
  }

  /**
   * Opens the journal for a new attempt, with what is kept of the one before, which stands until this one is whole.
   * @throws AppError E_DISK_FULL, E_WRITE_DENIED, E_WRITE_FAILED
   */
  begin(kept: Iterable<Entry>, cut: Iterable<PartialEntry> = []): void {
    const fresh = `${this.path}.new`
    this.#guarded(() => {
      makeFolder(dirname(this.path))
      this.#file = openSync(fresh, 'w')
    })
    try {
      this.#append(this.#head())
      for (const entry of kept) this.#note(entry)
      for (const entry of cut) this.#notePartial(entry)
      this.#guarded(() => {
        fsyncSync(this.#file)
        renameSync(fresh, this.path)
      })
    } catch (error) {
      this.close()
      rmSync(fresh, { force: true })
      throw error
    }
  }

  /** @throws AppError E_DISK_FULL, E_WRITE_FAILED */
  add(entry: Entry): void {
    this.#note(entry)
    this.#sync()
  }

  /** @throws AppError E_DISK_FULL, E_WRITE_FAILED */
  addPartial(entry: PartialEntry): void {
    this.#notePartial(entry)
    this.#sync()
  }

  #sync(): void {
    const now = performance.now()
    if (now - this.#lastSync > SYNC_EVERY_MS) {
      this.#guarded(() => {
        fsyncSync(this.#file)
      })
      this.#lastSync = now
    }
  }

  /** Stops writing; the file stays for `--resume`. */
  close(): void {
    if (this.#file >= 0) closeSync(this.#file)
    this.#file = -1
  }

  remove(): void {
    this.close()
    rmSync(this.path, { force: true })
  }

  #head(): string {
    return JSON.stringify({ journal: 'patchwarden/1', run: this.#runKey })
  }

  #note(entry: Entry): void {
    this.#append(JSON.stringify(entry))
    this.#entries++
  }

  #notePartial(entry: PartialEntry): void {
    this.#append(JSON.stringify(entry))
    this.#partials++
  }

  #append(line: string): void {
    const bytes = Buffer.from(`${line}\n`)
    this.#guarded(() => {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at)
    })
  }

  /** Lines one by one: the journal of a long run is longer than the longest text there can be. */
  *#lines(): Generator<string, undefined> {
    let file: number
    try {
      file = openSync(this.path, 'r')
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return
      throw writeFault(this.path, error)
    }
    try {
      const chunk = Buffer.alloc(CHUNK_BYTES)
      let rest: Buffer[] = []
      for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
        let from = 0
        for (let at = chunk.indexOf(10); at >= 0 && at < length; at = chunk.indexOf(10, from)) {
          yield Buffer.concat([...rest, chunk.subarray(from, at)]).toString()
          rest = []
          from = at + 1
        }
        rest.push(Buffer.from(chunk.subarray(from, length)))
      }
      yield Buffer.concat(rest).toString() // what is after the last line break is torn, or empty
    } finally {
      closeSync(file)
    }
  }

  #guarded(act: () => void): void {
    try {
      act()
    } catch (error) {
      throw writeFault(this.path, error)
    }
  }
}

export function sameFile(a: FileState, b: FileState): boolean {
  return a.path === b.path && a.size === b.size && a.mtimeMs === b.mtimeMs
}

const entryHead = z.looseObject({
  path: z.string(),
  size: z.number(),
  mtimeMs: z.number(),
})
const finished = entryHead.extend({
  written: z.array(z.string()),
  result: z.looseObject({ index: z.number() }),
})
const cutOff = entryHead.extend({ partial: z.looseObject({ sha256: z.string() }) })

function parseEntry(line: string): Entry | PartialEntry | null {
  try {
    // Our own file, whose first line matched: a line that parses and has an entry's head is whole.
    return finished.or(cutOff).parse(JSON.parse(line)) as unknown as Entry | PartialEntry
  } catch {
    return null
  }
}
