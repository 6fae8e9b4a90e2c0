import type { FileSource } from '../../../shared/dataset'
import { fileEmpty } from '../../../shared/image-errors'
import { itemBytes } from '../number-items'
import { ByteReader } from './byte-reader'
import { readPickle } from './pickle'
import { isWhole, textOf, type PickleHost } from './pickle-arrays'
import { storageType } from './pickle-names'
import {
  ArrayData,
  PickleArray,
  PickleDict,
  PickleList,
  PickleStorage,
  PickleTuple,
  Tensor,
  type PickleValue,
} from './pickle-values'
import { pickleMalformed } from './torch-errors'
import { locateEntry, readZipDirectory, type StoredEntry } from './zip-directory'

const maxArrayBytes = 4 * 2 ** 30
const legacyMagic = 119547037146038801333356n
const legacyVersion = 1001

/**
 * Reads what `torch.save` or `pickle.dump` wrote, without running it: the zip container, the legacy container, or a bare
 * pickle of arrays. Arrays and tensors stay in the file; `tensorChunks` reads them.
 * @throws AppError E_FILE_EMPTY, E_PICKLE_FORBIDDEN (names what the file asks for), E_PICKLE_MALFORMED
 */
export async function readTorch(files: FileSource, file: string): Promise<PickleValue> {
  const size = await files.size(file)
  if (size === 0) throw fileEmpty(file)
  const head = await files.readAt(file, 0, 4)
  const isZip = head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4
  return isZip ? readZipped(files, file, size) : readBare(files, file, size)
}

/** The tensor of a dictionary's entry, or undefined if it is missing or of another kind. */
export function tensorOf(value: PickleValue, key: string): Tensor | undefined {
  const entry = value instanceof PickleDict ? value.entries.get(key) : undefined
  if (entry instanceof PickleArray) return entry.tensor ?? undefined
  return entry instanceof Tensor ? entry : undefined
}

async function readZipped(files: FileSource, file: string, size: number): Promise<PickleValue> {
  const entries = await readZipDirectory(files, file)
  const pickleName = [...entries.keys()].find((name) => /^(?:[^/]*\/)?data\.pkl$/.test(name))
  if (pickleName === undefined) throw pickleMalformed(file, 'it holds no data.pkl')
  const folder = pickleName.slice(0, -'data.pkl'.length)
  const order = entries.get(`${folder}byteorder`)
  const bigEndian = order !== undefined && (await entryText(files, file, order)) === 'big'
  const host = new Storages(file, size, bigEndian, (key, bytes) => {
    const entry = entries.get(`${folder}data/${key}`)
    if (entry?.length !== bytes) {
      const found = entry === undefined ? 'is missing' : `has ${entry.length} bytes, not ${bytes}`
      throw pickleMalformed(file, `its entry data/${key} ${found}`)
    }
  })
  const pickle = await locateEntry(files, file, entryOf(entries, pickleName, file))
  const reader = new ByteReader(files, file, pickle.at, pickle.at + pickle.length)
  const value = await readPickle(reader, host)
  for (const [key, { data }] of host.storages) {
    const place = await locateEntry(files, file, entryOf(entries, `${folder}data/${key}`, file))
    data.at = place.at
  }
  return value
}

async function readBare(files: FileSource, file: string, size: number): Promise<PickleValue> {
  const reader = new ByteReader(files, file, 0, size)
  const first = await readPickle(reader, new Storages(file, size, false, noStorage(file)))
  if (first !== legacyMagic) return first
  return readLegacy(files, reader, size)
}

async function readLegacy(
  files: FileSource,
  reader: ByteReader,
  size: number,
): Promise<PickleValue> {
  const { file } = reader
  const plain = new Storages(file, size, false, noStorage(file))
  const version = await readPickle(reader, plain)
  if (version !== legacyVersion) throw pickleMalformed(file, 'its legacy version is not 1001')
  const system = await readPickle(reader, plain)
  const little = system instanceof PickleDict ? system.entries.get('little_endian') : undefined
  if (typeof little !== 'boolean') throw pickleMalformed(file, 'its byte order is not told')
  const host = new Storages(file, size, !little, () => undefined)
  const value = await readPickle(reader, host)
  const keys = await readPickle(reader, plain)
  if (!(keys instanceof PickleList)) throw pickleMalformed(file, 'its storages are not listed')
  for (const item of keys.items) {
    const key = textOf(item)
    const storage = key === undefined ? undefined : host.storages.get(key)
    if (storage?.data.at !== null) throw pickleMalformed(file, 'its list of storages is damaged')
    await reader.lookAhead(8)
    const head = reader.take(8)
    const view = new DataView(head.buffer, head.byteOffset, 8)
    const count = Number(view.getBigInt64(0, little))
    if (count !== storage.count) {
      throw pickleMalformed(file, `a storage of ${storage.count} numbers comes with ${count}`)
    }
    storage.data.at = reader.position
    reader.skip(storage.data.length)
  }
  for (const { data } of host.storages.values()) {
    if (data.at === null) throw pickleMalformed(file, 'the numbers of a tensor are missing')
  }
  return value
}

/** Keeps the storages that a pickle names, and count of what arrays claim. */
class Storages implements PickleHost {
  readonly file: string
  readonly storages = new Map<string, PickleStorage>()
  readonly #fileBytes: number
  readonly #bigEndian: boolean
  readonly #check: (key: string, bytes: number) => void
  #claimed = 0

  constructor(
    file: string,
    fileBytes: number,
    bigEndian: boolean,
    check: (key: string, bytes: number) => void,
  ) {
    this.file = file
    this.#fileBytes = fileBytes
    this.#bigEndian = bigEndian
    this.#check = check
  }

  malformed(reason: string): Error {
    return pickleMalformed(this.file, reason)
  }

  claim(bytes: number): void {
    this.#claimed += bytes
    if (this.#claimed <= Math.min(maxArrayBytes, this.#fileBytes)) return
    throw this.malformed(
      `its arrays claim ${this.#claimed} bytes, and the file has ${this.#fileBytes} (limit 4 GiB)`,
    )
  }

  /** `('storage', type, key, place, count)`, in legacy files with a sixth part for views, which must be empty. */
  storage(id: PickleValue): PickleStorage {
    const parts = id instanceof PickleTuple ? id.items : []
    const [kind, typeName, keyText, , count, view] = parts
    const type = storageType(typeName)
    const key = textOf(keyText)
    if (textOf(kind) !== 'storage' || type === undefined || key === undefined || !isWhole(count)) {
      throw this.malformed('a storage is not understood')
    }
    if (view !== undefined && view !== null) throw this.malformed('a storage is a view of another')
    const known = this.storages.get(key)
    if (known) {
      if (known.type === type && known.count === count) return known
      throw this.malformed(`its storage ${key} is described in two ways`)
    }
    const bytes = count * itemBytes[type]
    this.claim(bytes)
    this.#check(key, bytes)
    const data = new ArrayData(this.file, 'raw', null, bytes)
    const storage = new PickleStorage(type, count, data, this.#bigEndian)
    this.storages.set(key, storage)
    return storage
  }
}

function noStorage(file: string) {
  return () => {
    throw pickleMalformed(file, 'a tensor stands outside the container that has its numbers')
  }
}

function entryOf(entries: ReadonlyMap<string, StoredEntry>, name: string, file: string) {
  const entry = entries.get(name)
  if (entry === undefined) throw pickleMalformed(file, `it holds no ${name}`)
  return entry
}

async function entryText(files: FileSource, file: string, entry: StoredEntry): Promise<string> {
  const { at, length } = await locateEntry(files, file, entry)
  const bytes = await files.readAt(file, at, Math.min(length, 16))
  return String.fromCharCode(...bytes).trim()
}
