import { createHash, hash } from 'node:crypto'
import { closeSync, existsSync, rmSync, statfsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { AppError } from '../../shared/errors'
import { fileEmpty, fileNotFound } from '../../shared/image-errors'
import { resolveName } from '../../shared/dataset/resolve-name'
import { openRegularFile, type FilePath } from '../files/read-file'
import { writeFileAtomic } from '../files/write-file'
import type { FileDigest, ImportSource, LoadedFile } from './import-source'
import { ListingProblems } from './listing-problems'
import { listZip, type ZipEntry } from './zip-listing'
import { type OpenZip, readEntry, readStored, streamEntry } from './zip-read'

export interface ZipSourceOptions {
  /** Where `keep` puts the files that are to be opened later; made when the first comes. */
  readonly folder: string
  /** Bytes that all entries may have together, unpacked. Default: what is free on the disk of `folder`, at most 1 TiB. */
  readonly maxBytes?: number
}

/** Entries up to this size are unpacked in memory for random access, the last one at a time. */
const largestHeld = 1 << 26
const maxRatio = 200

/**
 * The files of a ZIP archive. The archive is listed and checked first; entries are read without being unpacked to the disk.
 * @throws AppError E_ARCHIVE_PATH, E_ARCHIVE_LINK, E_ARCHIVE_RATIO, E_ARCHIVE_DUPLICATE, E_ARCHIVE_CORRUPT, and those of
 * `openRegularFile`
 */
export async function zipSource(path: string, options: ZipSourceOptions): Promise<ImportSource> {
  const name = basename(path)
  const { file, stats } = openRegularFile(path, { name, followLinks: true })
  try {
    if (stats.size === 0) throw fileEmpty(name)
    const maxBytes = options.maxBytes ?? freeBytes(options.folder)
    const entries = await listZip(file, name, stats.size, { maxRatio, maxBytes })
    return new ZipSource({ file, name, maxRatio }, entries, options.folder)
  } catch (error) {
    closeSync(file)
    throw error
  }
}

class ZipSource implements ImportSource {
  readonly entry = null
  readonly rootName: string
  readonly #zip: OpenZip
  readonly #entries: ReadonlyMap<string, ZipEntry>
  readonly #names: readonly string[]
  readonly #folder: string
  readonly #problems = new ListingProblems()
  readonly #kept = new Set<string>()
  #held: { readonly name: string; readonly bytes: Promise<Uint8Array> } | undefined
  #fault: AppError | undefined
  #open = true

  constructor(zip: OpenZip, entries: ReadonlyMap<string, ZipEntry>, folder: string) {
    this.#zip = zip
    this.#entries = entries
    this.#folder = folder
    this.rootName = zip.name.replace(/\.zip$/i, '')
    this.#names = [...entries.keys()].sort()
    for (const [inner, names] of byFolder(this.#names)) this.#problems.checkNames(inner, names)
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the names are known
  async *list(folder = ''): AsyncGenerator<string> {
    const start = folder === '' ? '' : `${folder.replace(/\/+$/, '')}/`
    for (const name of this.#names) if (name.startsWith(start)) yield name
  }

  has(name: string): Promise<boolean> {
    return Promise.resolve(this.#entries.has(name))
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- its errors belong into the promise
  async size(name: string): Promise<number> {
    return this.#entry(name).bytes
  }

  read(name: string): Promise<Uint8Array> {
    return this.#guarded(async () => {
      const bytes = await readEntry(this.#zip, this.#entry(name))
      if (bytes.length === 0) throw fileEmpty(name)
      return bytes
    })
  }

  async *stream(name: string): AsyncGenerator<Uint8Array> {
    try {
      yield* streamEntry(this.#zip, this.#entry(name))
    } catch (error) {
      throw this.#remember(error)
    }
  }

  readAt(name: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#guarded(async () => {
      const entry = this.#entry(name)
      if (!entry.deflated) return readStored(this.#zip, entry, offset, length)
      if (entry.bytes <= largestHeld) {
        if (this.#held?.name !== name) this.#held = { name, bytes: this.read(name) }
        return (await this.#held.bytes).slice(Math.max(0, offset), offset + length)
      }
      const most = Math.max(0, Math.min(length, entry.bytes - offset))
      return partOf(streamEntry(this.#zip, entry), offset, most)
    })
  }

  resolve(nameInData: string, fromFolder?: string): string {
    return resolveName(nameInData, fromFolder)
  }

  /** @throws the fault of the archive that a reader may have taken for a fault of one file */
  takeProblems() {
    if (this.#fault !== undefined) throw this.#fault
    return this.#problems.take()
  }

  async load(name: string): Promise<LoadedFile> {
    const bytes = await this.read(name)
    return { bytes, size: bytes.length, sha256: hash('sha256', bytes), warnings: [] }
  }

  async digest(name: string): Promise<FileDigest> {
    const digest = createHash('sha256')
    for await (const piece of this.stream(name)) digest.update(piece)
    return { sha256: digest.digest('hex'), size: this.#entry(name).bytes, warnings: [] }
  }

  async keep(name: string, file: LoadedFile | FileDigest, ending: string): Promise<FilePath> {
    const path = join(this.#folder, `${file.sha256}.${ending}`)
    // Equal pictures share a file; and what an earlier import has kept is not this one's to discard.
    if (this.#kept.has(path) || existsSync(path)) return path
    this.#kept.add(path)
    const data = 'bytes' in file ? file.bytes : this.stream(name)
    // The archive stays where it is, so a file that a power cut loses can be unpacked again.
    await writeFileAtomic(path, data, { durable: false })
    return path
  }

  discard(): void {
    for (const path of this.#kept) rmSync(path, { force: true })
    this.#kept.clear()
  }

  close(): void {
    if (this.#open) closeSync(this.#zip.file)
    this.#open = false
  }

  #entry(name: string): ZipEntry {
    const entry = this.#entries.get(name)
    if (entry === undefined) throw fileNotFound(name)
    return entry
  }

  async #guarded<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      throw this.#remember(error)
    }
  }

  /** A lying archive is no archive to import, whoever finds it out and whatever he makes of it. */
  #remember(error: unknown): unknown {
    if (error instanceof AppError && error.code.startsWith('E_ARCHIVE_')) this.#fault ??= error
    return error
  }
}

function byFolder(names: readonly string[]): Map<string, string[]> {
  const folders = new Map<string, string[]>()
  for (const name of names) {
    const slash = name.lastIndexOf('/')
    const folder = slash < 0 ? '' : name.slice(0, slash)
    const inFolder = folders.get(folder)
    if (inFolder === undefined) folders.set(folder, [name.slice(slash + 1)])
    else inFolder.push(name.slice(slash + 1))
  }
  return folders
}

async function partOf(
  pieces: AsyncIterable<Uint8Array>,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const part = new Uint8Array(length)
  let at = 0
  let filled = 0
  for await (const piece of pieces) {
    const from = Math.max(0, offset - at)
    if (from < piece.length) {
      const wanted = piece.subarray(from, from + length - filled)
      part.set(wanted, filled)
      filled += wanted.length
    }
    at += piece.length
    if (filled === length) break
  }
  return part.subarray(0, filled)
}

/** Of the disk that holds the nearest folder that is already there. */
function freeBytes(folder: string): number {
  const most = 2 ** 40
  for (let at = folder; ; at = join(at, '..')) {
    try {
      const { bavail, bsize } = statfsSync(at)
      return Math.min(most, bavail * bsize)
    } catch (error) {
      if (at === join(at, '..')) throw error
    }
  }
}
