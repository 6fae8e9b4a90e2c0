import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, open, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError } from '../../shared/errors'
import { makeFolder } from '../files/make-folder'
import { writeFault } from '../files/write-file'
import { modelLink, modelNotCopied, modelNotFound, modelNotOnnx, modelTooLarge } from './model-errors'
import { onnxLimits } from './onnx-file'
import { errorCode, reasonOf } from '../files/read-file'

/** A model's bytes where nobody else writes: a regular file with one link, named by its digest. */
export interface PrivateCopy {
  readonly path: string
  readonly sha256: string
  readonly sizeBytes: number
}

/**
 * Copies a model, by content, into `<cacheDir>/models/<sha256>.onnx`, unless it is there already. Links of a path that
 * the user typed are followed: the copy is what gets loaded.
 * @throws AppError E_MODEL_NOT_FOUND, E_MODEL_TOO_LARGE, E_MODEL_NOT_ONNX (not a file, unreadable), E_MODEL_LINK;
 * E_DISK_FULL, E_WRITE_DENIED, E_WRITE_FAILED where the cache cannot be written
 */
export async function copyPrivately(
  path: string,
  cacheDir: string,
  maxBytes = onnxLimits.fileBytes,
): Promise<PrivateCopy> {
  await checkSize(path, maxBytes)
  const folder = resolve(cacheDir, 'models')
  const seen = await digestOf(path)
  const known = join(folder, `${seen.sha256}.onnx`)
  if (await isIntact(known, seen.sha256, seen.sizeBytes)) return { path: known, ...seen }
  // Digest and copy are made in one pass, so a file that changes meanwhile is stored under the name of what was copied.
  const temporary = join(folder, `.${randomBytes(8).toString('hex')}.tmp`)
  try {
    makeFolder(folder, 0o700)
    const copied = await copyWithDigest(path, temporary, maxBytes)
    const target = join(folder, `${copied.sha256}.onnx`)
    await rename(temporary, target)
    if (!(await isPlain(target))) throw modelLink(target, 'is not a plain file with one name')
    return { path: target, ...copied }
  } catch (error) {
    throw error instanceof AppError ? error : modelNotCopied(writeFault(folder, error))
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined) // nothing is there where nothing can be
  }
}

/** @throws AppError E_MODEL_NOT_FOUND, E_MODEL_NOT_ONNX */
export async function digestOf(path: string): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const chunk of chunksOf(path)) {
    hash.update(chunk)
    sizeBytes += chunk.length
  }
  return { sha256: hash.digest('hex'), sizeBytes }
}

async function copyWithDigest(path: string, target: string, maxBytes: number) {
  const hash = createHash('sha256')
  let sizeBytes = 0
  await using file = await open(target, 'wx', 0o600)
  for await (const chunk of chunksOf(path)) {
    sizeBytes += chunk.length
    if (sizeBytes > maxBytes) throw tooLarge(path, sizeBytes, maxBytes)
    hash.update(chunk)
    await file.appendFile(chunk) // all of it: write() may stop short on a full disk
  }
  await file.sync()
  return { sha256: hash.digest('hex'), sizeBytes }
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  try {
    // Without an encoding, a stream gives Buffers.
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
      yield chunk as Buffer
  } catch (error) {
    throw readFault(path, error)
  }
}

async function checkSize(path: string, maxBytes: number): Promise<void> {
  const stats = await stat(path).catch((error: unknown) => {
    throw readFault(path, error)
  })
  if (!stats.isFile()) throw modelNotOnnx(path, 'it is not a file')
  if (stats.size > maxBytes) throw tooLarge(path, stats.size, maxBytes)
}

async function isPlain(path: string): Promise<boolean> {
  const stats = await lstat(path)
  return stats.isFile() && stats.nlink === 1
}

/** The private copy of a model, where the cache has it and it is still what its name says. */
export async function privateCopyOf(
  sha256: string,
  sizeBytes: number,
  cacheDir: string,
): Promise<PrivateCopy | null> {
  const path = join(resolve(cacheDir, 'models'), `${sha256}.onnx`)
  return (await isIntact(path, sha256, sizeBytes)) ? { path, sha256, sizeBytes } : null
}

/** What is in the cache counts only if it is still what its name says. */
async function isIntact(path: string, sha256: string, sizeBytes: number): Promise<boolean> {
  try {
    const stats = await lstat(path)
    if (!stats.isFile() || stats.nlink !== 1 || stats.size !== sizeBytes) return false
    return (await digestOf(path)).sha256 === sha256
  } catch {
    return false
  }
}

function tooLarge(path: string, bytes: number, limit: number) {
  return modelTooLarge(path, `${bytes} bytes`, `${limit} bytes`)
}

function readFault(path: string, error: unknown) {
  const missing = ['ENOENT', 'ENOTDIR'].includes(errorCode(error))
  return missing ? modelNotFound(path, error) : modelNotOnnx(path, reasonOf(error), error)
}
