import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../../shared/errors'
import { diskFull, pathInvalid, writeDenied, writeFailed } from '../../shared/image-errors'
import { makeFolder } from './make-folder'
import { errorCode, reasonOf } from './read-file'

export type FileData = string | Uint8Array | Iterable<Piece> | AsyncIterable<Piece>
type Piece = string | Uint8Array

export interface WriteOptions {
  /**
   * Wait until the disk has the data (default). Without it a power cut can lose the file, though a killed process cannot;
   * right for thousands of pictures that can be made again.
   */
  readonly durable?: boolean
}

/** Text is gathered to pieces of this size before it is handed to the system. */
const bufferBytes = 1 << 16

/**
 * Writes a file whole or not at all: under a temporary name in the same folder (which is made if missing), then renamed.
 * On any failure, the data's own included, the temporary is removed and what stood under `path` is untouched. A device or
 * pipe is written to directly, and a link keeps pointing at the file it names.
 * @throws AppError E_DISK_FULL, E_WRITE_DENIED, E_WRITE_FAILED, E_PATH_INVALID; and whatever `data` throws
 */
export async function writeFileAtomic(
  path: string,
  data: FileData,
  options: WriteOptions = {},
): Promise<void> {
  if (path === '' || path.includes('\0')) throw pathInvalid(path, 'it is empty or holds a NUL')
  const target = await guarded(path, () => targetOf(path))
  if (!target.replaceable) {
    const device = await guarded(path, () => open(target.path, 'w'))
    await writeAndClose(device, path, data, false)
    return
  }
  const durable = options.durable ?? true
  const folder = dirname(target.path)
  // Short, because the final name may already be as long as the system allows.
  const name = `${temporaryPrefix(process.pid)}${randomBytes(6).toString('hex')}.tmp`
  const temporary = join(folder, name)
  const file = await guarded(path, async () => {
    makeFolder(folder)
    return open(temporary, 'wx')
  })
  try {
    await writeAndClose(file, path, data, durable)
    await guarded(path, () => rename(temporary, target.path))
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined) // the first fault is the one to tell
    throw error
  }
  if (durable) await syncFolder(folder)
}

/** Removes what a process that was killed while it wrote has left in these folders. */
export function removeTemporariesOf(pid: number, folders: Iterable<string>): void {
  for (const folder of new Set(folders)) {
    try {
      for (const name of readdirSync(folder)) {
        if (name.startsWith(temporaryPrefix(pid))) rmSync(join(folder, name), { force: true })
      }
    } catch {
      // A folder that is gone holds nothing.
    }
  }
}

const temporaryPrefix = (pid: number) => `.patchwarden-${pid}-`

/** Where the bytes really go; not replaceable if that is a device or a pipe, such as /dev/stdout. */
async function targetOf(path: string): Promise<{ path: string; replaceable: boolean }> {
  try {
    const stats = await stat(path)
    if (stats.isDirectory()) throw writeFailed(path, 'a folder has this name')
    return stats.isFile()
      ? { path: await realpath(path), replaceable: true }
      : { path, replaceable: false }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { path, replaceable: true }
    throw error
  }
}

async function writeAndClose(
  file: FileHandle,
  path: string,
  data: FileData,
  durable: boolean,
): Promise<void> {
  try {
    for await (const bytes of gathered(data)) await guarded(path, () => writeAll(file, bytes))
    if (durable) await guarded(path, () => file.sync())
  } finally {
    await guarded(path, () => file.close()) // network disks report a full disk only here
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    written += (await file.write(bytes, written, bytes.length - written)).bytesWritten
  }
}

async function* gathered(data: FileData): AsyncGenerator<Uint8Array> {
  if (typeof data === 'string') yield Buffer.from(data)
  else if (data instanceof Uint8Array) yield data
  else {
    let text = ''
    for await (const piece of data) {
      if (typeof piece === 'string') text += piece
      if (typeof piece === 'string' && text.length < bufferBytes) continue
      if (text !== '') yield Buffer.from(text)
      text = ''
      if (typeof piece !== 'string') yield piece
    }
    if (text !== '') yield Buffer.from(text)
  }
}

async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, 'r')
    await handle.sync()
  } catch {
    // Windows and some network disks cannot sync a folder; the file itself is safe by now.
  }
}

async function guarded<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw error instanceof AppError ? error : writeFault(path, error)
  }
}

/** Why the system did not write, as an error that says what to do. */
export function writeFault(path: string, error: unknown): AppError {
  switch (errorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(path, error)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return writeDenied(path, reasonOf(error), error)
    default:
      return writeFailed(path, reasonOf(error), error)
  }
}
