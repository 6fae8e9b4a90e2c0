import { read } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { promisify } from 'node:util'
import { crc32, createInflateRaw, inflateRaw } from 'node:zlib'
import { archiveCorrupt } from './archive-errors'
import { requireRatio, type ZipEntry } from './zip-listing'

const readInto = promisify(read)
const inflateInto = promisify(inflateRaw)

/** An archive that is open for reading. */
export interface OpenZip {
  readonly file: number
  readonly name: string
  readonly maxRatio: number
}

const pieceBytes = 1 << 18

/**
 * One entry, unpacked. What comes out is counted, and held to the stated size and check sum.
 * @throws AppError E_ARCHIVE_CORRUPT, E_ARCHIVE_RATIO
 */
export async function readEntry(zip: OpenZip, entry: ZipEntry): Promise<Uint8Array> {
  const packed = await readPacked(zip, entry.start, entry.compressedBytes)
  const bytes = entry.deflated ? await inflate(zip, entry, packed) : packed
  requireWhole(zip, entry, bytes.length, crc32(bytes))
  return bytes
}

/** `readEntry` piece by piece, for entries of any size. A reader that stops early sees no check sum. */
export async function* streamEntry(zip: OpenZip, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  let bytes = 0
  let sum = 0
  for await (const piece of entry.deflated ? inflating(zip, entry) : packedPieces(zip, entry)) {
    bytes += piece.length
    requireRatio(zip.name, entry, bytes, zip.maxRatio)
    if (bytes > entry.bytes) throw sizeLie(zip, entry)
    sum = crc32(piece, sum)
    yield piece
  }
  requireWhole(zip, entry, bytes, sum)
}

/** Part of an entry that is stored as it is. */
export function readStored(
  zip: OpenZip,
  entry: ZipEntry,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const from = Math.min(Math.max(0, offset), entry.bytes)
  return readPacked(zip, entry.start + from, Math.min(length, entry.bytes - from))
}

async function readPacked(zip: OpenZip, start: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, length))
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await readInto(zip.file, bytes, at, bytes.length - at, start + at)
    if (bytesRead === 0) throw archiveCorrupt(zip.name, 'it ends early')
    at += bytesRead
  }
  return bytes
}

async function inflate(zip: OpenZip, entry: ZipEntry, packed: Uint8Array): Promise<Uint8Array> {
  try {
    return plain(await inflateInto(packed, { maxOutputLength: Math.max(1, entry.bytes) }))
  } catch (error) {
    throw inflateFault(zip, entry, error)
  }
}

async function* packedPieces(zip: OpenZip, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < entry.compressedBytes; at += pieceBytes) {
    yield await readPacked(zip, entry.start + at, Math.min(pieceBytes, entry.compressedBytes - at))
  }
}

async function* inflating(zip: OpenZip, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const inflated = createInflateRaw()
  // Faults of either end come out of the iteration below.
  pipeline(Readable.from(packedPieces(zip, entry)), inflated, () => undefined)
  try {
    for await (const piece of inflated) yield plain(piece as Buffer) // zlib gives bytes
  } catch (error) {
    throw inflateFault(zip, entry, error)
  }
}

/** Node's buffers slice without copying, which no reader of plain bytes expects. */
const plain = (buffer: Buffer) =>
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)

function inflateFault(zip: OpenZip, entry: ZipEntry, error: unknown): Error {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    return error instanceof Error ? error : new Error(String(error))
  }
  if (error.code === 'ERR_BUFFER_TOO_LARGE') return sizeLie(zip, entry)
  if (!error.code.startsWith('Z_')) return error
  return archiveCorrupt(zip.name, `the entry ${entry.name} is damaged (${error.message})`, error)
}

const sizeLie = (zip: OpenZip, entry: ZipEntry) =>
  archiveCorrupt(
    zip.name,
    `the entry ${entry.name} unpacks to more than the ${entry.bytes} bytes that are stated`,
  )

function requireWhole(zip: OpenZip, entry: ZipEntry, bytes: number, sum: number): void {
  if (bytes !== entry.bytes) {
    throw bytes > entry.bytes
      ? sizeLie(zip, entry)
      : archiveCorrupt(
          zip.name,
          `the entry ${entry.name} unpacks to ${bytes} bytes, and ${entry.bytes} are stated`,
        )
  }
  if (sum !== entry.crc32) {
    throw archiveCorrupt(zip.name, `the check sum of the entry ${entry.name} is wrong`)
  }
}
