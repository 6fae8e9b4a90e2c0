import { rename } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { AppError } from '../../shared/errors'
import type { ModelCard } from '../../shared/model-card'
import { makeFolder } from '../files/make-folder'
import { writeFault } from '../files/write-file'
import { download, dropPart, sizeOf, usualLimits } from './download'
import type { DownloadLimits } from './download'
import { whileLocked } from './download-lock'
import { showAddress } from './http-get'
import { restoreModel } from './model-add'
import { readCardFile } from './model-card-file'
import { readCatalog } from './model-catalog'
import type { CatalogEntry } from './model-catalog'
import { copyPrivately, digestOf, privateCopyOf } from './model-copy'
import type { PrivateCopy } from './model-copy'
import { openModelStore } from './model-store'
import type { ModelLocations } from './model-store'
import { nearestName } from './nearest-name'
import {
  downloadAddress,
  downloadChecksum,
  downloadFailed,
  downloadNotWritten,
  downloadSize,
  pullExists,
  pullNoAddress,
  pullUnknown,
} from './pull-errors'

export interface PullRequest {
  /** Of a model in the catalogue. */
  readonly id: string
  /** A file, or the address of a mirror, in place of the catalogue's addresses. */
  readonly from?: string
  /** Download again what is here already, and put it in place of what is stored. */
  readonly force?: boolean
  readonly signal: AbortSignal
  readonly limits?: DownloadLimits
  readonly events?: Partial<PullEvents>
}

export interface PullEvents {
  /** A download starts; `done` bytes of it are here from an earlier one. */
  start(address: string, done: number, sizeBytes: number): void
  progress(done: number, sizeBytes: number): void
  /** A try failed, and another one follows. */
  retry(fault: AppError, waitMs: number): void
  /** An address failed, and another one follows. */
  nextAddress(fault: AppError): void
}

export interface PullOutcome {
  readonly id: string
  readonly card: ModelCard
  /** Folder of the model in the project or the package. */
  readonly folder: string
  readonly sizeBytes: number
  /** `present`: nothing was done; `cache`: a verified copy was on this machine. */
  readonly source: 'present' | 'cache' | 'file' | 'download'
  /** Where it came from, without what may be secret in it. */
  readonly from?: string
  /** Bytes kept of an earlier, interrupted download. */
  readonly keptBytes: number
}

/** An interrupted pull: what has come so far. */
export async function partialBytes(locations: ModelLocations, id: string): Promise<number> {
  const entry = (await readCatalog(locations.packageRoot)).byId(id)
  return entry === undefined ? 0 : sizeOf(partFile(locations, entry))
}

/**
 * Downloads a model of the catalogue, verifies size and digest, and stores it with its card in the project. Nothing is
 * visible there before it is verified.
 * @throws AppError E_MODEL_UNKNOWN, E_MODEL_NO_ADDRESS, E_MODEL_EXISTS, the E_DOWNLOAD_ codes, E_DISK_FULL,
 * E_WRITE_DENIED, E_WRITE_FAILED and what is wrong with a file named by `from`; the signal's reason
 */
export async function pullModel(
  locations: ModelLocations,
  request: PullRequest,
): Promise<PullOutcome> {
  const catalog = await readCatalog(locations.packageRoot)
  const entry = catalog.byId(request.id)
  if (entry === undefined) {
    const known = catalog.entries.map(({ card }) => card.id)
    throw pullUnknown(request.id, known, nearestName(request.id, known))
  }
  const { card, sizeBytes } = entry
  const folder = join(locations.projectDir, 'models', card.id)
  const common = { id: card.id, card, folder, sizeBytes }
  const state = await stateOf(locations, entry, folder)
  if (state === 'intact' && !request.force) return { ...common, source: 'present', keptBytes: 0 }
  const { copy, ...got } = await obtain(locations, entry, request)
  if (state === 'absent') {
    await (await openModelStore(locations)).add(copy.path, { id: card.id })
  } else {
    // Its owner may have changed the card: it stays, if that is enough.
    await restoreModel(folder, card, copy, true)
    const isEnough = (await stateOf(locations, entry, folder)) === 'intact'
    if (!isEnough) await restoreModel(folder, card, copy, false)
  }
  return { ...common, ...got }
}

/** What is stored under the id: `damaged` is a file that is no longer what its card says, or a card that is broken. */
async function stateOf(
  locations: ModelLocations,
  { card: { id, sha256 } }: CatalogEntry,
  folder: string,
): Promise<'absent' | 'intact' | 'damaged'> {
  const store = await openModelStore(locations)
  try {
    if ((await store.resolve(id)).card.sha256 === sha256) return 'intact'
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (error.code === 'E_MODEL_UNKNOWN') return 'absent'
    const stored = await readCardFile(join(folder, 'model.json')).catch(() => null)
    if (stored === null || stored.sha256 === sha256) return 'damaged'
  }
  throw pullExists(id, folder)
}

interface Obtained {
  readonly copy: PrivateCopy
  readonly source: 'cache' | 'file' | 'download'
  readonly from?: string
  readonly keptBytes: number
}

/** A verified copy in the cache, wherever it comes from. */
async function obtain(
  locations: ModelLocations,
  entry: CatalogEntry,
  request: PullRequest,
): Promise<Obtained> {
  const { from } = request
  const { card, sizeBytes } = entry
  if (from !== undefined && !isAddress(from)) {
    const copy = await verifiedFile(resolve(from), entry, locations.cacheDir)
    return { copy, source: 'file', from: resolve(from), keptBytes: 0 }
  }
  const cached = await privateCopyOf(card.sha256, sizeBytes, locations.cacheDir)
  if (cached !== null && from === undefined && !request.force) {
    return { copy: cached, source: 'cache', keptBytes: 0 }
  }
  const addresses = from === undefined ? entry.addresses : [from]
  if (addresses.length === 0) {
    throw pullNoAddress(card.id, entry.byHand ?? 'the catalogue has no address for it.')
  }
  return fetchFrom(addresses, locations, entry, request)
}

async function verifiedFile(
  file: string,
  { card, sizeBytes }: CatalogEntry,
  cacheDir: string,
): Promise<PrivateCopy> {
  const seen = await digestOf(file)
  if (seen.sizeBytes !== sizeBytes) throw downloadSize(file, sizeBytes, `${seen.sizeBytes} bytes`)
  if (seen.sha256 !== card.sha256) throw downloadChecksum(file, card.sha256, seen.sha256)
  const copy = await copyPrivately(file, cacheDir)
  if (copy.sha256 !== card.sha256) throw downloadChecksum(file, card.sha256, copy.sha256)
  return copy
}

async function fetchFrom(
  addresses: readonly string[],
  locations: ModelLocations,
  entry: CatalogEntry,
  request: PullRequest,
): Promise<Obtained> {
  const part = partFile(locations, entry)
  try {
    makeFolder(dirname(part), 0o700)
  } catch (error) {
    throw downloadNotWritten(writeFault(dirname(part), error), false)
  }
  return whileLocked(`${part}.lock`, entry.card.id, async () => {
    if (request.force) await dropPart(part)
    const got = await tryAddresses(addresses, part, entry, request)
    return { copy: await moveToCache(part, locations, entry), source: 'download', ...got }
  })
}

/** One address after the other. What one has left unfinished, the next may finish: the digest decides. */
async function tryAddresses(
  addresses: readonly string[],
  part: string,
  entry: CatalogEntry,
  request: PullRequest,
): Promise<{ from: string; keptBytes: number }> {
  const faults: AppError[] = []
  for (const [k, address] of addresses.entries()) {
    try {
      const keptBytes = await fetchOne(address, part, entry, request)
      return { from: showAddress(address), keptBytes }
    } catch (error) {
      // A disk that is full or closed is so for every address.
      if (!(error instanceof AppError) || !isOfAddress(error)) throw error
      faults.push(error)
      if (k + 1 < addresses.length) request.events?.nextAddress?.(error)
    }
  }
  const [only, ...others] = faults
  throw others.length === 0 && only ? only : downloadFailed(entry.card.id, faults)
}

const isOfAddress = ({ code }: AppError): boolean => code.startsWith('E_DOWNLOAD_')

/** One address, until `part` holds the right bytes. @returns bytes kept of an earlier download */
async function fetchOne(
  address: string,
  part: string,
  { card, sizeBytes }: CatalogEntry,
  { signal, limits = usualLimits, events = {} }: PullRequest,
): Promise<number> {
  for (;;) {
    events.start?.(address, await sizeOf(part), sizeBytes)
    const { keptBytes } = await download({
      ...{ address, part, sizeBytes, signal, limits },
      onProgress: (done) => events.progress?.(done, sizeBytes),
      onRetry: (fault, waitMs) => events.retry?.(fault, waitMs),
    })
    const { sha256 } = await digestOf(part)
    if (sha256 === card.sha256) return keptBytes
    await dropPart(part)
    const fault = downloadChecksum(showAddress(address), card.sha256, sha256)
    // What was kept may have been the wrong half: once more from the beginning.
    if (keptBytes === 0) throw fault
    events.retry?.(fault, 0)
  }
}

/** The verified download becomes the private copy that runs are loaded from. */
async function moveToCache(
  part: string,
  { cacheDir }: ModelLocations,
  { card, sizeBytes }: CatalogEntry,
): Promise<PrivateCopy> {
  const folder = resolve(cacheDir, 'models')
  const path = join(folder, `${card.sha256}.onnx`)
  try {
    makeFolder(folder, 0o700)
    await rename(part, path)
  } catch (error) {
    throw downloadNotWritten(writeFault(path, error), true)
  }
  await dropPart(part)
  return { path, sha256: card.sha256, sizeBytes }
}

function partFile({ cacheDir }: ModelLocations, { card }: CatalogEntry): string {
  return join(resolve(cacheDir, 'downloads'), `${card.sha256}.part`)
}

/** Everything with a scheme; a drive letter is none. */
function isAddress(from: string): boolean {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(from)) return false
  if (URL.parse(from) === null) throw downloadAddress(from, 'it is not an address')
  return true
}
