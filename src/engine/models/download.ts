import { open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../shared/errors'
import { writeFault } from '../files/write-file'
import { judge, StatusError } from './download-faults'
import { httpGet, showAddress, SilenceError } from './http-get'
import { downloadNotWritten, downloadSize } from './pull-errors'

export interface DownloadLimits {
  /** Longest wait for an answer. */
  readonly answerMs: number
  /** Longest silence within one. */
  readonly stallMs: number
  /** Tries in a row that bring nothing worth mentioning. */
  readonly tries: number
  /** Pause after the first failed try; it doubles with each. */
  readonly pauseMs: number
}

export const usualLimits: DownloadLimits = {
  answerMs: 30_000,
  stallMs: 30_000,
  tries: 4,
  pauseMs: 1_000,
}

export interface DownloadRequest {
  readonly address: string
  /** File that holds what has come so far: what it has is not asked for again. */
  readonly part: string
  /** Of the whole file: more is never written. */
  readonly sizeBytes: number
  readonly signal: AbortSignal
  readonly limits: DownloadLimits
  /** `done` bytes are on the disk. */
  readonly onProgress: (done: number) => void
  readonly onRetry: (fault: AppError, waitMs: number) => void
}

/** A try that moved less than this has moved nothing: a server may not keep us busy byte by byte. */
const WORTH_MENTIONING = 65_536
const LONGEST_PAUSE_MS = 30_000

/**
 * Brings `part` to its full size, over broken connections if need be. Its content is not looked at here.
 * @returns bytes that were there before and were kept
 * @throws AppError the E_DOWNLOAD_ codes, E_DISK_FULL, E_WRITE_DENIED, E_WRITE_FAILED; the signal's reason. `part`
 * stays for the next time
 */
export async function download(request: DownloadRequest): Promise<{ keptBytes: number }> {
  const { address, part, sizeBytes, signal, limits, onRetry } = request
  /** Where the first answer began. */
  const began: { from?: number } = {}
  for (let failures = 0; ; ) {
    signal.throwIfAborted()
    const before = await sizeOf(part)
    if (before === sizeBytes) return { keptBytes: began.from ?? before }
    try {
      await oneTry(request, (from) => (began.from ??= from))
      return { keptBytes: began.from ?? 0 }
    } catch (error) {
      signal.throwIfAborted()
      const { fault, isPassing, waitMs } = judge(error, address)
      failures = (await sizeOf(part)) - before >= WORTH_MENTIONING ? 1 : failures + 1
      if (!isPassing || failures >= limits.tries) throw fault
      const pause = Math.min(
        LONGEST_PAUSE_MS,
        Math.max(waitMs, limits.pauseMs * 2 ** (failures - 1)),
      )
      onRetry(fault, pause)
      await sleep(pause, undefined, { signal })
    }
  }
}

/** Removes a partial download. */
export async function dropPart(part: string): Promise<void> {
  await rm(part, { force: true })
  await rm(validatorFile(part), { force: true })
}

export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0
}

async function oneTry(request: DownloadRequest, onStart: (from: number) => void): Promise<void> {
  const { address, part, sizeBytes, signal, limits } = request
  if ((await sizeOf(part)) > sizeBytes) await dropPart(part)
  const offset = await sizeOf(part)
  const validator = offset > 0 ? await readValidator(part, address) : null
  const response = await httpGet(address, {
    headers: {
      ...(offset > 0 ? { range: `bytes=${offset}-` } : {}),
      ...(validator === null ? {} : { 'if-range': validator }),
    },
    signal,
    answerMs: limits.answerMs,
  })
  try {
    const status = response.statusCode ?? 0
    if (offset > 0 && (status === 416 || (status === 206 && !goesOn(response, offset, sizeBytes)))) {
      // What is here is not the beginning of what is there.
      await dropPart(part)
      response.destroy()
      await oneTry(request, onStart)
      return
    }
    if (status !== 200 && !(status === 206 && offset > 0)) throw statusError(response)
    const from = status === 206 ? offset : 0
    const length = response.headers['content-length']
    if (length !== undefined && from + Number(length) !== sizeBytes) {
      throw downloadSize(showAddress(address), sizeBytes, `${from + Number(length)} bytes`)
    }
    onStart(from)
    if (from === 0) await keepValidator(part, address, response)
    await receive(response, from, request)
  } finally {
    response.destroy()
  }
}

/** Whether a partial answer starts where we stopped and belongs to a file of the right size. */
function goesOn(response: IncomingMessage, offset: number, sizeBytes: number): boolean {
  const [, from, total] =
    /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers['content-range'] ?? '') ?? []
  return Number(from) === offset && Number(total) === sizeBytes
}

async function receive(
  response: IncomingMessage,
  from: number,
  { address, part, sizeBytes, limits, onProgress }: DownloadRequest,
): Promise<void> {
  await using file = await written(part, () => open(part, from > 0 ? 'r+' : 'w', 0o600))
  const clock = setTimeout(() => {
    response.destroy(new SilenceError(`nothing came for ${limits.stallMs / 1_000} seconds`))
  }, limits.stallMs)
  let at = from
  try {
    for await (const piece of response) {
      clock.refresh()
      const bytes = piece as Uint8Array // without an encoding, a stream gives Buffers
      if (at + bytes.length > sizeBytes) {
        await dropPart(part)
        throw downloadSize(showAddress(address), sizeBytes, `more than ${sizeBytes} bytes`)
      }
      await written(part, () => writeAll(file, bytes, at))
      at += bytes.length
      onProgress(at)
    }
  } finally {
    clearTimeout(clock)
  }
  if (at < sizeBytes) {
    // Without a length or chunks, the end of the connection is the only end there is, and says nothing.
    if (response.headers['transfer-encoding'] === undefined) {
      throw Object.assign(new Error('the answer ended early'), { code: 'ECONNRESET' })
    }
    await dropPart(part)
    throw downloadSize(showAddress(address), sizeBytes, `${at} bytes`)
  }
  await written(part, () => file.sync())
}

/** All of it: a write may stop short on a full disk. */
async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten
  }
}

function statusError(response: IncomingMessage): StatusError {
  const seconds = Number(response.headers['retry-after'])
  const { statusCode = 0, statusMessage = '' } = response
  return new StatusError(statusCode, statusMessage, seconds > 0 ? seconds * 1_000 : 0)
}

// What the server calls this version of the file lies beside the part, so that it can be asked for the rest of the same.
const validatorFile = (part: string) => `${part}.json`

async function keepValidator(
  part: string,
  address: string,
  { headers }: IncomingMessage,
): Promise<void> {
  const strong = headers.etag?.startsWith('"') ? headers.etag : headers['last-modified']
  await rm(validatorFile(part), { force: true })
  if (strong === undefined) return
  const text = JSON.stringify({ address, validator: strong })
  await written(part, () => writeFile(validatorFile(part), text, { mode: 0o600 }))
}

/** Null where there is none, or one of another server. */
async function readValidator(part: string, address: string): Promise<string | null> {
  try {
    const kept: unknown = JSON.parse(await readFile(validatorFile(part), 'utf8'))
    if (typeof kept !== 'object' || kept === null) return null
    if (!('address' in kept) || !('validator' in kept) || kept.address !== address) return null
    return typeof kept.validator === 'string' ? kept.validator : null
  } catch {
    return null
  }
}

async function written<T>(part: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw error instanceof AppError ? error : downloadNotWritten(writeFault(part, error), true)
  }
}
