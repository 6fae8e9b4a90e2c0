/** The kinds of numbers that arrays hold: letter and bytes an item, as in NumPy; `bf2` is bfloat16. */
export type ItemType =
  'f8' | 'f4' | 'f2' | 'bf2' | 'i8' | 'i4' | 'i2' | 'i1' | 'u8' | 'u4' | 'u2' | 'u1' | 'b1'

export const itemBytes: Readonly<Record<ItemType, number>> = {
  f8: 8,
  f4: 4,
  f2: 2,
  bf2: 2,
  i8: 8,
  i4: 4,
  i2: 2,
  i1: 1,
  u8: 8,
  u4: 4,
  u2: 2,
  u1: 1,
  b1: 1,
}

/** Reads item number `index` of `bytes`. Whole numbers of 64 bits beyond 2^53 are rounded. */
export type ItemReader = (view: DataView, at: number) => number

/** How an item is read. */
export function itemReader(type: ItemType, bigEndian: boolean): ItemReader {
  const little = !bigEndian
  switch (type) {
    case 'f8':
      return (view, at) => view.getFloat64(at, little)
    case 'f4':
      return (view, at) => view.getFloat32(at, little)
    case 'f2':
      return (view, at) => halfToNumber(view.getUint16(at, little))
    case 'bf2':
      return (view, at) => brainFloatToNumber(view.getUint16(at, little))
    case 'i8':
      return (view, at) => Number(view.getBigInt64(at, little))
    case 'u8':
      return (view, at) => Number(view.getBigUint64(at, little))
    case 'i4':
      return (view, at) => view.getInt32(at, little)
    case 'u4':
      return (view, at) => view.getUint32(at, little)
    case 'i2':
      return (view, at) => view.getInt16(at, little)
    case 'u2':
      return (view, at) => view.getUint16(at, little)
    case 'i1':
      return (view, at) => view.getInt8(at)
    case 'u1':
    case 'b1':
      return (view, at) => view.getUint8(at)
  }
}

const hostIsLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** All whole items of `bytes`. */
export function readItems(bytes: Uint8Array, type: ItemType, bigEndian: boolean): Float64Array {
  const size = itemBytes[type]
  if (type === 'f4' && !bigEndian && hostIsLittle) {
    // What nearly all files have, converted by the engine itself: ten times as fast.
    const whole = bytes.slice(0, bytes.length - (bytes.length % size))
    return new Float64Array(new Float32Array(whole.buffer))
  }
  const read = itemReader(type, bigEndian)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const items = new Float64Array(Math.floor(bytes.length / size))
  for (let i = 0, at = 0; i < items.length; i++, at += size) items[i] = read(view, at)
  return items
}

/** IEEE 754 half precision. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return (sign * fraction) / 2 ** 24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

const scratch = new DataView(new ArrayBuffer(4))

/** The upper half of a single-precision number. */
function brainFloatToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16)
  return scratch.getFloat32(0)
}
