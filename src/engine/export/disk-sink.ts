import { closeSync, fsync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { FolderSink } from '../../shared/dataset/content'
import { AppError } from '../../shared/errors'
import { makeFolder } from '../files/make-folder'
import { writeFault } from '../files/write-file'

const syncFile = promisify(fsync)
const bufferBytes = 1 << 16
/** Files that are synced at the same time: the disk then joins them. */
const syncsInFlight = 16

/** An exporter's files below a folder of ours. Names come from plug-ins, so they are held to it. */
export class DiskSink implements FolderSink {
  readonly #folder: string
  /** What the user calls the folder, for messages. */
  readonly #shown: string
  readonly #names = new Set<string>()
  readonly #folders = new Set<string>()
  /** Paths whose bytes are ours and have to reach the disk. */
  readonly #written: string[] = []
  readonly #open = new Set<BufferedFile>()
  #bytes = 0

  constructor(folder: string, shown: string) {
    this.#folder = folder
    this.#shown = shown
  }

  get files(): number {
    return this.#names.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Reserves a name for a file that is put there by other means, and makes its folder. Answers the path. */
  place(name: string): string {
    if (/\\|\0|(?:^|\/)\.{0,2}(?:\/|$)/.test(name)) {
      throw new Error(`an exporter wants to write "${name}", which is no name below its folder`)
    }
    if (this.#names.has(name)) throw new Error(`an exporter writes "${name}" twice`)
    this.#names.add(name)
    const path = join(this.#folder, name)
    const folder = dirname(path)
    if (!this.#folders.has(folder)) {
      guarded(this.#shown, () => {
        makeFolder(folder)
      })
      this.#folders.add(folder)
    }
    return path
  }

  /** @throws AppError E_DISK_FULL, E_WRITE_DENIED, E_WRITE_FAILED, from each of its functions */
  file(name: string): { write(piece: string | Uint8Array): void; close(): void } {
    const path = this.place(name)
    const file = new BufferedFile(path, this.#shown)
    this.#open.add(file)
    this.noteWritten(path)
    return {
      write: (piece) => {
        file.write(piece)
      },
      close: () => {
        this.#bytes += file.close()
        this.#open.delete(file)
      },
    }
  }

  /** A file at a path that `place` gave holds bytes of its own, and `sync` is to wait for it. */
  noteWritten(path: string): void {
    this.#written.push(path)
  }

  /** Gives back what an exporter that failed has left open. */
  abandon(): void {
    for (const file of this.#open) file.abandon()
    this.#open.clear()
  }

  /** Waits until the disk has every file that was written. */
  async sync(): Promise<void> {
    const paths = this.#written.values()
    const lane = async () => {
      for (const path of paths) await guardedLater(this.#shown, () => syncPath(path, 'r+'))
    }
    await Promise.all(Array.from({ length: syncsInFlight }, lane))
    for (const folder of [this.#folder, ...this.#folders]) {
      // Windows and some network disks cannot sync a folder.
      await syncPath(folder, 'r').catch(() => undefined)
    }
  }
}

export async function syncPath(path: string, mode: 'r' | 'r+'): Promise<void> {
  const file = openSync(path, mode)
  try {
    await syncFile(file)
  } finally {
    closeSync(file)
  }
}

/** A file that is written in large pieces whatever it is given in. */
export class BufferedFile {
  readonly #file: number
  readonly #shown: string
  #text = ''
  #bytes = 0
  #open = true

  /** @param path must not be there; `shown` is what messages call it */
  constructor(path: string, shown: string) {
    this.#file = guarded(shown, () => openSync(path, 'wx'))
    this.#shown = shown
  }

  write(piece: string | Uint8Array): void {
    if (typeof piece === 'string') {
      this.#text += piece
      if (this.#text.length >= bufferBytes) this.#flush()
      return
    }
    this.#flush()
    this.#writeAll(piece)
  }

  /** Answers how many bytes were written in all. */
  close(): number {
    if (!this.#open) throw new Error('an exporter closes a file twice')
    this.#open = false
    try {
      this.#flush()
    } finally {
      guarded(this.#shown, () => {
        closeSync(this.#file)
      })
    }
    return this.#bytes
  }

  /** Closes the file without a word about what is missing in it. */
  abandon(): void {
    if (!this.#open) return
    this.#open = false
    closeSync(this.#file)
  }

  #flush(): void {
    if (this.#text === '') return
    const bytes = Buffer.from(this.#text)
    this.#text = ''
    this.#writeAll(bytes)
  }

  #writeAll(bytes: Uint8Array): void {
    guarded(this.#shown, () => {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at)
    })
    this.#bytes += bytes.length
  }
}

export function guarded<T>(shown: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw error instanceof AppError ? error : writeFault(shown, error)
  }
}

export async function guardedLater<T>(shown: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw error instanceof AppError ? error : writeFault(shown, error)
  }
}
