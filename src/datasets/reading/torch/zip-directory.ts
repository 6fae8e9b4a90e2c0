import type { FileSource } from '../../../shared/dataset'
import { pickleMalformed } from './torch-errors'

/** An entry that is stored as it is: its bytes are a part of the file. */
export interface StoredEntry {
  readonly at: number
  readonly length: number
}

const maxEntries = 10_000
const maxDirectoryBytes = 4 * 2 ** 20
const endMark = 0x06054b50
const end64Mark = 0x06064b50
const locatorMark = 0x07064b50
const entryMark = 0x02014b50
const localMark = 0x04034b50

/**
 * The entries of a torch file by name. Only the directory at its end is read. Other zip files are refused: torch never
 * packs, and an entry must lie inside the file.
 * @throws AppError E_PICKLE_MALFORMED
 */
export async function readZipDirectory(
  files: FileSource,
  file: string,
): Promise<ReadonlyMap<string, StoredEntry>> {
  const { at, length, count } = await findDirectory(files, file)
  if (count > maxEntries || length > maxDirectoryBytes) {
    throw pickleMalformed(file, `it has ${count} entries`)
  }
  const bytes = await files.readAt(file, at, length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries = new Map<string, StoredEntry>()
  let next = 0
  for (let i = 0; i < count; i++) {
    if (next + 46 > bytes.length || view.getUint32(next, true) !== entryMark) {
      throw pickleMalformed(file, 'its list of entries is damaged', at + next)
    }
    const method = view.getUint16(next + 10, true)
    const nameLength = view.getUint16(next + 28, true)
    const extraLength = view.getUint16(next + 30, true)
    const end = next + 46 + nameLength + extraLength + view.getUint16(next + 32, true)
    if (end > bytes.length) throw pickleMalformed(file, 'its list of entries is cut short')
    const name = String.fromCharCode(...bytes.subarray(next + 46, next + 46 + nameLength))
    if (method !== 0)
      throw pickleMalformed(file, `its entry ${name} is packed, which torch never does`)
    if (entries.has(name)) throw pickleMalformed(file, `its entry ${name} occurs twice`)
    const extra = bytes.subarray(next + 46 + nameLength, next + 46 + nameLength + extraLength)
    const sizes = entrySizes(view, next, extra)
    if (sizes === null || sizes.packed !== sizes.length) {
      throw pickleMalformed(file, `the size of its entry ${name} is damaged`)
    }
    entries.set(name, { at: sizes.local, length: sizes.length })
    next = end
  }
  return entries
}

/** Where the bytes of an entry begin: behind its own header, whose length only that header tells. */
export async function locateEntry(
  files: FileSource,
  file: string,
  entry: StoredEntry,
): Promise<StoredEntry> {
  const size = await files.size(file)
  if (entry.at + 30 > size) throw pickleMalformed(file, 'an entry lies outside the file')
  const header = await files.readAt(file, entry.at, 30)
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  if (header.length < 30 || view.getUint32(0, true) !== localMark) {
    throw pickleMalformed(file, 'an entry has no header', entry.at)
  }
  const at = entry.at + 30 + view.getUint16(26, true) + view.getUint16(28, true)
  if (at + entry.length > size) throw pickleMalformed(file, 'an entry is cut short', at)
  return { at, length: entry.length }
}

interface Directory {
  readonly at: number
  readonly length: number
  readonly count: number
}

async function findDirectory(files: FileSource, file: string): Promise<Directory> {
  const size = await files.size(file)
  // The end record has 22 bytes and a comment of at most 65,535; the locator of large files stands before it.
  const tailAt = Math.max(0, size - 65_557 - 20)
  const tail = await files.readAt(file, tailAt, size - tailAt)
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  let end = tail.length - 22
  while (end >= 0 && view.getUint32(end, true) !== endMark) end--
  if (end < 0) throw pickleMalformed(file, 'its list of entries is missing: it is cut short')
  let directory: Directory = {
    count: view.getUint16(end + 10, true),
    length: view.getUint32(end + 12, true),
    at: view.getUint32(end + 16, true),
  }
  if (end >= 20 && view.getUint32(end - 20, true) === locatorMark) {
    directory = await readEnd64(files, file, Number(view.getBigUint64(end - 12, true)), size)
  }
  if (directory.at + directory.length > size) {
    throw pickleMalformed(file, 'its list of entries lies outside the file')
  }
  return directory
}

async function readEnd64(
  files: FileSource,
  file: string,
  at: number,
  size: number,
): Promise<Directory> {
  const record = await files.readAt(file, Math.min(at, size), 56)
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength)
  if (record.length < 56 || view.getUint32(0, true) !== end64Mark) {
    throw pickleMalformed(file, 'its list of entries is damaged', at)
  }
  return {
    count: Number(view.getBigUint64(32, true)),
    length: Number(view.getBigUint64(40, true)),
    at: Number(view.getBigUint64(48, true)),
  }
}

const large = 0xffffffff

/** Sizes and place of an entry; where 32 bits do not do, they stand in an extra field (number 1). */
function entrySizes(view: DataView, at: number, extra: Uint8Array) {
  let packed = view.getUint32(at + 20, true)
  let length = view.getUint32(at + 24, true)
  let local = view.getUint32(at + 42, true)
  if (packed !== large && length !== large && local !== large) return { packed, length, local }
  const fields = new DataView(extra.buffer, extra.byteOffset, extra.byteLength)
  for (let i = 0; i + 4 <= extra.length; i += 4 + fields.getUint16(i + 2, true)) {
    if (fields.getUint16(i, true) !== 1) continue
    let next = i + 4
    const end = Math.min(extra.length, next + fields.getUint16(i + 2, true))
    const wide = (value: number) => {
      if (value !== large || next + 8 > end) return value
      next += 8
      return Number(fields.getBigUint64(next - 8, true))
    }
    length = wide(length)
    packed = wide(packed)
    local = wide(local)
    return { packed, length, local }
  }
  return null
}
