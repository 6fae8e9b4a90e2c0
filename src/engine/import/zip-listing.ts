import { type Entry, fromFdPromise, getFileNameLowLevel } from 'yauzl'
import { AppError } from '../../shared/errors'
import { resolveName } from '../../shared/dataset/resolve-name'
import {
  archiveCorrupt,
  archiveDuplicate,
  archiveLink,
  archivePath,
  archiveRatio,
} from './archive-errors'

/** One file of an archive, checked as far as the archive's directory tells. */
export interface ZipEntry {
  readonly name: string
  /** Where the compressed bytes are in the archive. */
  readonly start: number
  readonly compressedBytes: number
  /** As stated; what inflating gives is held to it. */
  readonly bytes: number
  readonly crc32: number
  readonly deflated: boolean
}

export interface ZipLimits {
  /** Unpacked bytes over compressed bytes, for entries of more than `ratioFloor` bytes. */
  readonly maxRatio: number
  /** Of all entries together, unpacked. */
  readonly maxBytes: number
}

/** What unpacks to less than this does no harm, however well it was packed. */
const ratioFloor = 1 << 16

/**
 * Reads the directory of an archive and refuses what no honest archive holds, before any entry is opened.
 * @param file an open file descriptor; it stays open
 * @param fileBytes the size of the archive
 * @throws AppError E_ARCHIVE_PATH, E_ARCHIVE_LINK, E_ARCHIVE_RATIO, E_ARCHIVE_DUPLICATE, E_ARCHIVE_CORRUPT
 */
export async function listZip(
  file: number,
  archive: string,
  fileBytes: number,
  limits: ZipLimits,
): Promise<ReadonlyMap<string, ZipEntry>> {
  const entries = new Map<string, ZipEntry>()
  let compressed = 0
  let unpacked = 0
  try {
    const options = { autoClose: false, lazyEntries: true, decodeStrings: false }
    const zip = await fromFdPromise(file, options)
    for await (const entry of zip.eachEntry()) {
      const given = nameOf(entry)
      const name = safeName(archive, given)
      requireFile(archive, given, entry)
      if (given.endsWith('/') || given.endsWith('\\')) continue
      if (entries.has(name)) throw archiveDuplicate(archive, given)
      compressed += entry.compressedSize
      unpacked += entry.uncompressedSize
      if (compressed > fileBytes) {
        throw archiveCorrupt(archive, `its entries lie over each other, ${given} among them`)
      }
      if (unpacked > limits.maxBytes) {
        const what = `brings the unpacked size to ${unpacked} bytes, and ${limits.maxBytes} are allowed`
        throw archiveRatio(archive, given, what)
      }
      const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true })
      const found: ZipEntry = {
        name,
        start: fileDataStart,
        compressedBytes: entry.compressedSize,
        bytes: entry.uncompressedSize,
        crc32: entry.crc32,
        deflated: entry.compressionMethod === 8,
      }
      requireRatio(archive, found, found.bytes, limits.maxRatio)
      entries.set(name, found)
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw archiveCorrupt(archive, error instanceof Error ? error.message : String(error), error)
  }
  return entries
}

/** @throws AppError E_ARCHIVE_RATIO if `bytes`, stated or counted, are too many for what they were packed into */
export function requireRatio(
  archive: string,
  entry: ZipEntry,
  bytes: number,
  maxRatio: number,
): void {
  if (bytes <= ratioFloor || bytes <= maxRatio * entry.compressedBytes) return
  const what = `unpacks ${entry.compressedBytes} bytes to ${bytes} or more: beyond ${maxRatio} to 1`
  throw archiveRatio(archive, entry.name, what)
}

/** The name as written, with the backslashes that some packers leave in. */
const nameOf = (entry: Entry) =>
  getFileNameLowLevel(
    entry.generalPurposeBitFlag,
    entry.fileNameRaw,
    entry.extraFields,
    true, // strict: nothing is rewritten
  )

function safeName(archive: string, given: string): string {
  try {
    return resolveName(given.replace(/[\\/]+$/, ''))
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const reasons: Readonly<Record<string, string>> = {
      E_PATH_ESCAPES_ROOT: 'leads out of the folder that it is unpacked to',
      E_PATH_IS_URL: 'is an address',
    }
    throw archivePath(archive, given, reasons[error.code] ?? 'cannot be a file name')
  }
}

/** The file type bits of Unix, which packers keep in the upper half of the attributes. */
const typeBits = 0o170_000
const fileTypes = [0, 0o100_000, 0o040_000] // none stated, a file, a folder
const linkType = 0o120_000

function requireFile(archive: string, name: string, entry: Entry): void {
  const type = (entry.externalFileAttributes >>> 16) & typeBits
  if (type === linkType) throw archiveLink(archive, name)
  if (!fileTypes.includes(type)) {
    throw archiveCorrupt(archive, `the entry ${name} is neither a file nor a folder`)
  }
  if (entry.isEncrypted()) throw archiveCorrupt(archive, `the entry ${name} needs a password`)
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    throw archiveCorrupt(
      archive,
      `the entry ${name} is packed by method ${entry.compressionMethod}, which is not known here`,
    )
  }
}
