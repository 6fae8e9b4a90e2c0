import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import type { VisionResult } from './vision-job'

/** A finished picture as the journal keeps it: enough to know that the file has not changed since. */
interface Entry {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
  readonly result: VisionResult
}

/** Which file a result speaks of. */
export interface FileState {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
}

const SYNC_EVERY_MS = 1_000

/**
 * The results of a run that is under way, one JSON line each, beside the file they will end up in. What is in it
 * survives a kill; a run that ends removes it. The first line names the run: results of other settings are never mixed in.
 */
export class Journal {
  readonly path: string
  readonly #runKey: string
  #file = -1
  #lastSync = 0

  constructor(path: string, runKey: string) {
    this.path = path
    this.#runKey = runKey
  }

  /** Results of an earlier attempt at the same run, by path. A torn last line is passed over. */
  read(): Map<string, Entry> {
    const entries = new Map<string, Entry>()
    if (!existsSync(this.path)) return entries
    const [head, ...lines] = readFileSync(this.path, 'utf8').split('\n')
    if (head !== this.#head()) return entries
    for (const line of lines) {
      const entry = parseEntry(line)
      if (entry) entries.set(entry.path, entry)
    }
    return entries
  }

  /** Opens the journal for a new attempt, with what is kept of the one before. */
  begin(kept: Iterable<Entry>): void {
    this.#file = openSync(this.path, 'w')
    this.#append(this.#head())
    for (const entry of kept) this.#append(JSON.stringify(entry))
  }

  add(file: FileState, result: VisionResult): void {
    const entry: Entry = { path: file.path, size: file.size, mtimeMs: file.mtimeMs, result }
    this.#append(JSON.stringify(entry))
    const now = performance.now()
    if (now - this.#lastSync > SYNC_EVERY_MS) {
      fsyncSync(this.#file)
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

  #append(line: string): void {
    appendFileSync(this.#file, `${line}\n`)
  }
}

export function sameFile(a: FileState, b: FileState): boolean {
  return a.path === b.path && a.size === b.size && a.mtimeMs === b.mtimeMs
}

function parseEntry(line: string): Entry | null {
  try {
    // Our own file, whose first line matched: the shape is known once it parses.
    return JSON.parse(line) as Entry
  } catch {
    return null
  }
}
