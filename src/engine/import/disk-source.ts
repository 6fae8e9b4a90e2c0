import { hash, createHash } from 'node:crypto'
import { closeSync, fstatSync, lstatSync, read, readSync, statSync, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '../../shared/errors'
import {
  fileIsLink,
  fileNotFound,
  fileNotRegular,
  pathInvalid,
  showPath,
} from '../../shared/image-errors'
import { resolveName } from '../../shared/dataset/resolve-name'
import {
  errorCode,
  kindOf,
  openRegularFile,
  readFault,
  readRegularFile,
  type FileContents,
  type FilePath,
  type OpenFile,
} from '../files/read-file'
import { DiskFolders } from './disk-folders'
import type { FileDigest, ImportSource, LoadedFile } from './import-source'
import { ListingProblems } from './listing-problems'

const readInto = promisify(read)

/** Annotations are read whole up to this size; what may be larger is streamed. */
const largestRead = 2 ** 31 - 1
const pieceBytes = 1 << 18
const smallFile = 1 << 18

/**
 * The files below a folder of the disk; or, if `path` names a file, below the folder that it is in. Regular files only,
 * links are never followed, and the kind of a file is looked at before it is opened.
 * @throws AppError E_FILE_NOT_FOUND, E_FILE_NOT_REGULAR, E_FILE_UNREADABLE, E_PATH_INVALID
 */
export async function diskSource(path: string): Promise<ImportSource> {
  if (path === '' || path.includes('\0')) throw pathInvalid(path, 'it is empty or holds a NUL')
  try {
    const stats = await stat(path)
    const absolute = resolve(path)
    if (stats.isDirectory()) return new DiskSource(absolute, null)
    if (stats.isFile()) return new DiskSource(dirname(absolute), basename(absolute))
    throw fileNotRegular(path, kindOf(stats))
  } catch (error) {
    throw error instanceof AppError ? error : readFault(error, path)
  }
}

class DiskSource implements ImportSource {
  readonly entry: string | null
  readonly rootName: string
  readonly #problems = new ListingProblems()
  readonly #folders: DiskFolders
  readonly #pace = new Pace()

  constructor(root: string, entry: string | null) {
    this.entry = entry
    this.rootName = basename(root)
    const slashed = process.platform === 'win32' ? root.replaceAll('\\', '/') : root
    this.#folders = new DiskFolders(slashed, this.#problems)
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- listing a folder is quicker than a turn of the event loop
  async *list(folder = ''): AsyncGenerator<string> {
    yield* this.#folders.files(folder.replace(/\/+$/, ''))
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- its errors belong into the promise
  async has(name: string): Promise<boolean> {
    try {
      return this.#stats(name)?.isFile() ?? false
    } catch (error) {
      if (error instanceof AppError || errorCode(error) !== '') return false
      throw error
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- its errors belong into the promise
  async size(name: string): Promise<number> {
    try {
      const stats = this.#stats(name)
      if (stats === undefined) throw fileNotFound(name)
      if (stats.isFile()) return stats.size
      throw stats.isSymbolicLink() ? fileIsLink(name) : fileNotRegular(name, kindOf(stats))
    } catch (error) {
      throw error instanceof AppError ? error : readFault(error, name)
    }
  }

  async read(name: string): Promise<Uint8Array> {
    const options = { name, maxBytes: largestRead, followLinks: this.#followed(name) }
    return (await readRegularFile(this.#path(name), options)).bytes
  }

  async *stream(name: string): AsyncGenerator<Uint8Array> {
    const open = this.#open(name)
    try {
      for (let at = 0; ;) {
        const piece = new Uint8Array(pieceBytes)
        const length = await fill(open.file, piece, at, name)
        if (length > 0) yield piece.subarray(0, length)
        if (length < piece.length) return
        at += length
      }
    } finally {
      closeSync(open.file)
    }
  }

  async readAt(name: string, offset: number, length: number): Promise<Uint8Array> {
    const open = this.#open(name)
    try {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, open.stats.size - offset)))
      return bytes.subarray(0, await fill(open.file, bytes, offset, name))
    } finally {
      closeSync(open.file)
    }
  }

  resolve(nameInData: string, fromFolder?: string): string {
    return resolveName(nameInData, fromFolder)
  }

  takeProblems() {
    return this.#problems.take()
  }

  async load(name: string): Promise<LoadedFile> {
    const { bytes, warnings } = await (this.#pace.isQuick()
      ? this.#readSmall(name)
      : this.#readAny(name))
    return { bytes, size: bytes.length, sha256: hash('sha256', bytes), warnings }
  }

  async digest(name: string): Promise<FileDigest> {
    const open = this.#open(name)
    try {
      const digest = createHash('sha256')
      const piece = new Uint8Array(4 * pieceBytes)
      let size = 0
      for (let length = piece.length; length === piece.length; size += length) {
        length = await fill(open.file, piece, size, name)
        digest.update(piece.subarray(0, length))
      }
      return { sha256: digest.digest('hex'), size, warnings: changes(open, size, name) }
    } finally {
      closeSync(open.file)
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- files of the disk stay where they are
  async keep(name: string): Promise<FilePath> {
    return this.#path(name)
  }

  discard(): void {
    // Nothing was written.
  }

  close(): void {
    // Each file was closed when it had been read.
  }

  /** In one go, without waiting, if the file is small. */
  #readSmall(name: string): FileContents | Promise<FileContents> {
    const start = performance.now()
    const open = this.#open(name)
    try {
      if (open.stats.size > smallFile || open.stats.size === 0) return this.#readAny(name)
      const bytes = new Uint8Array(open.stats.size)
      const length = readSync(open.file, bytes)
      this.#pace.note(performance.now() - start)
      const whole = length < bytes.length ? bytes.subarray(0, length) : bytes
      return { bytes: whole, warnings: changes(open, length, name) }
    } catch (error) {
      throw error instanceof AppError ? error : readFault(error, name)
    } finally {
      closeSync(open.file)
    }
  }

  #readAny(name: string): Promise<FileContents> {
    return readRegularFile(this.#path(name), { name, followLinks: this.#followed(name) })
  }

  /** The one file that the user named may be a link; what is found below the root may not. */
  #followed(name: string): boolean {
    return name === this.entry
  }

  /** Undefined where there is no such file: names that are not there are asked for by the thousand. */
  #stats(name: string): Stats | undefined {
    const path = this.#path(name)
    const target = typeof path === 'string' ? path : Buffer.from(path)
    return (this.#followed(name) ? statSync : lstatSync)(target, { throwIfNoEntry: false })
  }

  #path(name: string): FilePath {
    if (name.includes('\0')) throw pathInvalid(name, 'it contains a NUL character')
    return this.#folders.path(name)
  }

  #open(name: string): OpenFile {
    return openRegularFile(this.#path(name), { name, followLinks: this.#followed(name) })
  }
}

/**
 * Whether the disk answers faster than another thread could be asked to wait for it. Files that are in memory or on a fast
 * disk are read at once; where one took long, the next ones are read side by side by other threads.
 */
class Pace {
  #slowInRow = 0
  #leftToOthers = 0

  isQuick(): boolean {
    if (this.#leftToOthers === 0) return true
    this.#leftToOthers--
    return false
  }

  note(milliseconds: number): void {
    this.#slowInRow = milliseconds > 2 ? this.#slowInRow + 1 : 0
    // A single one may have waited for the processor.
    if (this.#slowInRow >= 3) this.#leftToOthers = 64
  }
}

/** Reads until `bytes` is full or the file ends; answers how many bytes that were. */
async function fill(file: number, bytes: Uint8Array, at: number, name: string): Promise<number> {
  let length = 0
  try {
    while (length < bytes.length) {
      const { bytesRead } = await readInto(file, bytes, length, bytes.length - length, at + length)
      if (bytesRead === 0) break
      length += bytesRead
    }
  } catch (error) {
    throw readFault(error, name)
  }
  return length
}

function changes({ file, stats }: OpenFile, size: number, name: string): FileDigest['warnings'] {
  const after = fstatSync(file)
  if (size === stats.size && after.size === size && after.mtimeMs === stats.mtimeMs) return []
  const message = `${showPath(name)} was written to while it was read; the digest is of what was read.`
  return [{ code: 'W_FILE_CHANGED', message }]
}
