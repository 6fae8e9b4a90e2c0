import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  read,
  statSync,
  type Stats,
} from 'node:fs'
import { promisify } from 'node:util'
import { AppError } from '../../shared/errors'
import {
  fileEmpty,
  fileIsLink,
  fileNotFound,
  fileNotRegular,
  fileUnreadable,
  imageTooLarge,
  pathInvalid,
  showPath,
  type ImageWarning,
} from '../../shared/image-errors'

/** A path, or the raw bytes of one whose name is not UTF-8. */
export type FilePath = string | Uint8Array

export interface ReadFileOptions {
  /** Longer files are refused unread. Default 1 GiB. */
  readonly maxBytes?: number
  /** Follow `path` if it is itself a link: for names that the user gave, never for names found in a folder. */
  readonly followLinks?: boolean
  /** What to call the file in messages; default its path. */
  readonly name?: string
}

export interface FileContents {
  readonly bytes: Uint8Array
  readonly warnings: readonly ImageWarning[]
}

const readInto = promisify(read)

const defaultMaxBytes = 2 ** 30
// Absent on Windows, where lstat alone has to do.
const openFlags = constants.O_RDONLY | optionalFlag('O_NONBLOCK')

/**
 * All bytes of a regular file, through one handle. The type is looked at before opening (a pipe would hang, a device may
 * act), and again on the open handle, so that a name swapped in between gains nothing.
 * @throws AppError E_FILE_NOT_FOUND, E_LINK, E_FILE_NOT_REGULAR, E_FILE_UNREADABLE, E_FILE_EMPTY, E_IMAGE_TOO_LARGE,
 * E_PATH_INVALID
 */
export async function readRegularFile(
  path: FilePath,
  options: ReadFileOptions = {},
): Promise<FileContents> {
  const shown = options.name ?? pathText(path)
  const { file, stats } = openRegularFile(path, options)
  try {
    return await readAll(file, stats, shown, options.maxBytes ?? defaultMaxBytes)
  } catch (error) {
    throw error instanceof AppError ? error : readFault(error, shown)
  } finally {
    closeSync(file)
  }
}

/** A regular file, open for reading: the caller closes it. */
export interface OpenFile {
  readonly file: number
  /** As the open handle gives them. */
  readonly stats: Stats
}

/**
 * Opens what `readRegularFile` would read, with the same checks.
 * @throws AppError E_FILE_NOT_FOUND, E_LINK, E_FILE_NOT_REGULAR, E_FILE_UNREADABLE, E_PATH_INVALID
 */
export function openRegularFile(
  path: FilePath,
  options: Pick<ReadFileOptions, 'followLinks' | 'name'> = {},
): OpenFile {
  const shown = options.name ?? pathText(path)
  const target = typeof path === 'string' ? path : Buffer.from(path)
  const follow = options.followLinks ?? false
  if (target.includes('\0')) throw pathInvalid(shown, 'it contains a NUL character')
  try {
    // Looking and opening take microseconds, a round trip through the thread pool twenty times as long: only the reading,
    // which may wait for the disk, is worth one.
    const found = (follow ? statSync : lstatSync)(target, { throwIfNoEntry: false })
    if (found === undefined) throw fileNotFound(shown)
    requireRegular(found, shown)
    const file = openSync(target, openFlags | (follow ? 0 : optionalFlag('O_NOFOLLOW')))
    try {
      const stats = fstatSync(file)
      requireRegular(stats, shown)
      return { file, stats }
    } catch (error) {
      closeSync(file)
      throw error
    }
  } catch (error) {
    throw error instanceof AppError ? error : readFault(error, shown)
  }
}

/** What to print for a path; bytes that are not UTF-8 show as the replacement character. */
export function pathText(path: FilePath): string {
  return typeof path === 'string' ? path : new TextDecoder().decode(path)
}

async function readAll(
  file: number,
  before: Stats,
  shown: string,
  maxBytes: number,
): Promise<FileContents> {
  if (before.size === 0) throw fileEmpty(shown)
  if (before.size > maxBytes) {
    throw imageTooLarge(shown, `the file has ${before.size} bytes`, `${maxBytes} bytes`)
  }
  const bytes = new Uint8Array(before.size)
  let length = 0
  while (length < bytes.length) {
    const { bytesRead } = await readInto(file, bytes, length, bytes.length - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  const after = fstatSync(file)
  const changed =
    length < bytes.length || after.size !== before.size || after.mtimeMs !== before.mtimeMs
  return {
    bytes: length < bytes.length ? bytes.subarray(0, length) : bytes,
    warnings: changed
      ? [
          {
            code: 'W_FILE_CHANGED',
            message: `${showPath(shown)} was written to while it was read; the digest is of what was read.`,
          },
        ]
      : [],
  }
}

function requireRegular(stats: Stats, shown: string): void {
  if (stats.isFile()) return
  if (stats.isSymbolicLink()) throw fileIsLink(shown)
  throw fileNotRegular(shown, kindOf(stats))
}

/** What a thing in a folder is, in words. */
export function kindOf(stats: Pick<Stats, 'isDirectory' | 'isFIFO' | 'isSocket'>): string {
  if (stats.isDirectory()) return 'a folder'
  if (stats.isFIFO()) return 'a named pipe'
  return stats.isSocket() ? 'a socket' : 'a device'
}

/** Why the system did not read, as an error that says what to do. */
export function readFault(error: unknown, shown: string): AppError {
  const code = errorCode(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return fileNotFound(shown)
  if (code === 'ELOOP' || code === 'EMLINK') return fileIsLink(shown)
  if (code === 'ENXIO') return fileNotRegular(shown, 'a socket or a device')
  if (code === 'ENAMETOOLONG') return pathInvalid(shown, 'the name is too long')
  return fileUnreadable(shown, reasonOf(error), error)
}

/** The system's error code, such as `EACCES`; empty if there is none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : ''
}

/** Why the system refused, in words that need no manual. */
export function reasonOf(error: unknown): string {
  const code = errorCode(error)
  const known: Readonly<Record<string, string>> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EBUSY: 'another program is using it',
    EIO: 'the disk reported a fault',
    EROFS: 'the disk is read-only',
    EMFILE: 'too many files are open',
    ENFILE: 'too many files are open',
    ENOENT: 'there is no such file or folder',
    EISDIR: 'a folder has this name',
    ENOTDIR: 'a part of the path is a file, not a folder',
    ENAMETOOLONG: 'the name is too long',
  }
  return known[code] ?? (error instanceof Error ? error.message : String(error))
}

function optionalFlag(name: 'O_NONBLOCK' | 'O_NOFOLLOW'): number {
  // The types promise the constant; Windows lacks it.
  return (constants as Partial<Record<string, number>>)[name] ?? 0
}
