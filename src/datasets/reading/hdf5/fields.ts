import type { FileSource } from '../../../shared/dataset'
import { hdf5Corrupt } from './hdf5-errors'

/** An open HDF5 file: how wide its addresses and lengths are, and where address 0 is. */
export interface Hdf5File {
  readonly files: FileSource
  readonly name: string
  /** In bytes. */
  readonly size: number
  readonly addressBytes: 4 | 8
  readonly lengthBytes: 4 | 8
  readonly base: number
}

/** Reads a part of the file. @throws AppError E_HDF5_CORRUPT if it does not lie in the file */
export async function readPart(file: Hdf5File, address: number, length: number): Promise<Fields> {
  const at = file.base + address
  if (!Number.isSafeInteger(at + length) || at + length > file.size) {
    throw hdf5Corrupt(file.name, `its part at ${at} reaches beyond its ${file.size} bytes`)
  }
  const bytes = await file.files.readAt(file.name, at, length)
  if (bytes.length < length) {
    throw hdf5Corrupt(file.name, 'it became shorter while it was read')
  }
  return new Fields(bytes, file)
}

/** The fields of a part, one after the other, little-endian. Reading beyond the part is an E_HDF5_CORRUPT. */
export class Fields {
  readonly bytes: Uint8Array
  readonly #view: DataView
  readonly #file: Pick<Hdf5File, 'name' | 'addressBytes' | 'lengthBytes'>
  at = 0

  constructor(bytes: Uint8Array, file: Pick<Hdf5File, 'name' | 'addressBytes' | 'lengthBytes'>) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#file = file
  }

  get left(): number {
    return this.bytes.length - this.at
  }

  skip(bytes: number): this {
    this.#step(bytes)
    return this
  }

  uint8(): number {
    return this.#view.getUint8(this.#step(1))
  }

  uint16(): number {
    return this.#view.getUint16(this.#step(2), true)
  }

  uint32(): number {
    return this.#view.getUint32(this.#step(4), true)
  }

  /** A whole number of 1, 2, 4 or 8 bytes; beyond 2^53 rounded, which no bound check lets through. */
  uint(bytes: number): number {
    if (bytes === 1) return this.uint8()
    if (bytes === 2) return this.uint16()
    if (bytes === 4) return this.uint32()
    return Number(this.#view.getBigUint64(this.#step(8), true))
  }

  length(): number {
    return this.uint(this.#file.lengthBytes)
  }

  /** Null where the file says that there is nothing: all bits set. */
  address(): number | null {
    const bytes = this.#file.addressBytes
    const value = this.uint(bytes)
    return value >= 2 ** (8 * bytes) - 1 ? null : value
  }

  /** An address where there must be one. */
  place(): number {
    const address = this.address()
    if (address === null) throw hdf5Corrupt(this.#file.name, 'an address is missing')
    return address
  }

  take(bytes: number): Uint8Array {
    const at = this.#step(bytes)
    return this.bytes.subarray(at, at + bytes)
  }

  /** Four letters that each kind of part begins with. */
  expect(letters: string): this {
    const found = String.fromCharCode(...this.take(letters.length))
    if (found !== letters) {
      throw hdf5Corrupt(
        this.#file.name,
        `a part begins with ${JSON.stringify(found)} instead of ${letters}`,
      )
    }
    return this
  }

  #step(bytes: number): number {
    const at = this.at
    if (at + bytes > this.bytes.length) throw hdf5Corrupt(this.#file.name, 'a part is cut short')
    this.at += bytes
    return at
  }
}
