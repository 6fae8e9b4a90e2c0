import { readSync } from 'node:fs'

/** Random access to bytes, so that the weights of a model are skipped, never read. */
export interface ByteSource {
  readonly size: number
  /** Byte at `position`, which is below `size`. */
  byteAt(position: number): number
  /** A copy of `[from, to)`. */
  slice(from: number, to: number): Uint8Array
}

/** The bytes do not have the form of a protobuf message. `position` is where that showed. */
export class ProtobufError extends Error {
  readonly position: number

  constructor(message: string, position: number) {
    super(message)
    this.name = 'ProtobufError'
    this.position = position
  }
}

export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    byteAt: (position) => bytes[position]!,
    slice: (from, to) => bytes.slice(from, to),
  }
}

const windowBytes = 65_536

/** Reads through one window of 64 KiB. `descriptor` stays open and stays the caller's. */
export function fileSource(descriptor: number, size: number): ByteSource {
  const window = new Uint8Array(windowBytes)
  let start = 0
  let end = 0
  const load = (position: number) => {
    start = position
    end = position + readSync(descriptor, window, 0, windowBytes, position)
    if (end === start) throw new ProtobufError('the file became shorter while it was read', start)
  }
  return {
    size,
    byteAt(position) {
      if (position < start || position >= end) load(position)
      return window[position - start]!
    },
    slice(from, to) {
      const bytes = new Uint8Array(to - from)
      let filled = 0
      while (filled < bytes.length) {
        const count = readSync(descriptor, bytes, filled, bytes.length - filled, from + filled)
        if (count === 0) throw new ProtobufError('the file became shorter while it was read', from)
        filled += count
      }
      return bytes
    },
  }
}

/** Part of a source that holds one message. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** One field as it stands in the bytes: `varint` for wire type 0, `span` for wire type 2 (contents only). */
export type Field =
  | { readonly number: number; readonly varint: bigint }
  | { readonly number: number; readonly span: Span }
  | { readonly number: number }

/**
 * The fields of one message in file order (wire format: protobuf.dev/programming-guides/encoding). Contents are not
 * touched. @throws ProtobufError
 */
export function* readFields(source: ByteSource, { from, to }: Span): Generator<Field> {
  let position = from
  while (position < to) {
    const key = readVarint(source, position, to)
    const number = Number(key.value >> 3n)
    if (number < 1 || number > 0x1fff_ffff) {
      throw new ProtobufError(`field number ${number}`, position)
    }
    const wireType = Number(key.value & 7n)
    if (wireType === 0) {
      const { value, next } = readVarint(source, key.next, to)
      position = next
      yield { number, varint: value }
    } else if (wireType === 2) {
      const length = readVarint(source, key.next, to)
      const end = length.next + Number(length.value)
      if (end > to) throw new ProtobufError(`field ${number} runs past the end`, position)
      position = end
      yield { number, span: { from: length.next, to: end } }
    } else if (wireType === 1 || wireType === 5) {
      position = key.next + (wireType === 1 ? 8 : 4)
      if (position > to) throw new ProtobufError(`field ${number} runs past the end`, key.next)
      yield { number }
    } else {
      throw new ProtobufError(`field ${number} has the wire type ${wireType}`, position)
    }
  }
}

function readVarint(source: ByteSource, at: number, to: number): { value: bigint; next: number } {
  // Up to 28 bits without BigInt: all keys and nearly all lengths.
  let small = 0
  for (let i = 0; i < 4; i++) {
    const byte = byteBefore(source, at + i, to)
    small |= (byte & 0x7f) << (7 * i)
    if (byte < 0x80) return { value: BigInt(small), next: at + i + 1 }
  }
  let value = BigInt(small)
  for (let i = 4; i < 10; i++) {
    const byte = byteBefore(source, at + i, to)
    value |= BigInt(byte & 0x7f) << BigInt(7 * i)
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), next: at + i + 1 }
  }
  throw new ProtobufError('a number of more than ten bytes', at)
}

function byteBefore(source: ByteSource, position: number, to: number): number {
  if (position >= to) throw new ProtobufError('a number is cut off', position)
  return source.byteAt(position)
}
