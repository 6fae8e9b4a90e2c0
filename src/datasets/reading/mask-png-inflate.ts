/** Why packed data could not be unpacked. The reader turns it into an AppError that names the file. */
export class InflateFault extends Error {
  readonly kind: 'truncated' | 'corrupt'

  constructor(kind: 'truncated' | 'corrupt', message: string) {
    super(message)
    this.kind = kind
  }
}

/**
 * Unpacks the zlib stream `data` (RFC 1950 and 1951) into exactly `length` bytes and stops there: unlike with general
 * libraries, a small file cannot make this one fill the memory. The check sum at the end is not looked at: PNG has its own.
 * @throws InflateFault when the stream ends early or breaks the rules
 */
export function inflateZlib(data: Uint8Array, length: number): Uint8Array {
  if (data.length < 2) throw new InflateFault('truncated', 'the packed data is cut short')
  if ((data[0]! & 15) !== 8 || ((data[0]! << 8) | data[1]!) % 31 !== 0 || (data[1]! & 32) !== 0) {
    throw new InflateFault('corrupt', 'the packed data does not begin as zlib data')
  }
  const bits = new BitReader(data, 2)
  const out = new Uint8Array(length)
  let at = 0
  for (let last = false; !last && at < length;) {
    last = bits.take(1) === 1
    const kind = bits.take(2)
    if (kind === 0) at = copyStored(bits, out, at)
    else if (kind === 1) at = expand(bits, fixedTables(), out, at)
    else if (kind === 2) at = expand(bits, readTables(bits), out, at)
    else throw new InflateFault('corrupt', 'the packed data holds a block of unknown kind')
  }
  if (at < length) {
    throw new InflateFault('truncated', `its packed data holds ${at} of ${length} bytes`)
  }
  return out
}

/** Bits from the lowest of each byte on. Reading past the end is noticed at once, so no loop can run on nothing. */
class BitReader {
  readonly #data: Uint8Array
  #at: number
  #held = 0
  #count = 0

  constructor(data: Uint8Array, at: number) {
    this.#data = data
    this.#at = at
  }

  take(count: number): number {
    while (this.#count < count) {
      if (this.#at >= this.#data.length) {
        throw new InflateFault('truncated', 'the packed data is cut short')
      }
      this.#held |= this.#data[this.#at++]! << this.#count
      this.#count += 8
    }
    const value = this.#held & ((1 << count) - 1)
    this.#held >>>= count
    this.#count -= count
    return value
  }

  /** One symbol. Missing bits count as 0 while looking, but may not be used. */
  symbol({ entries, longest }: Table): number {
    while (this.#count < longest && this.#at < this.#data.length) {
      this.#held |= this.#data[this.#at++]! << this.#count
      this.#count += 8
    }
    const entry = entries[this.#held & ((1 << longest) - 1)]!
    const used = entry & 15
    if (used === 0) throw new InflateFault('corrupt', 'the packed data holds an unknown code')
    if (used > this.#count) throw new InflateFault('truncated', 'the packed data is cut short')
    this.#held >>>= used
    this.#count -= used
    return entry >> 4
  }

  /** The bytes from the next whole one on. */
  bytes(count: number): Uint8Array {
    this.#at -= this.#count >> 3
    this.#held = 0
    this.#count = 0
    const bytes = this.#data.subarray(this.#at, this.#at + count)
    this.#at += bytes.length
    if (bytes.length < count) {
      throw new InflateFault('truncated', 'the packed data is cut short')
    }
    return bytes
  }
}

/** Symbol * 16 + code length, by the next `longest` bits; 0 where no code begins so. */
interface Table {
  readonly entries: Uint16Array
  readonly longest: number
}

interface Tables {
  readonly lengths: Table
  readonly distances: Table
}

function buildTable(codeLengths: Uint8Array): Table {
  const counts = new Uint16Array(16)
  for (let i = 0; i < codeLengths.length; i++) counts[codeLengths[i]!]!++
  let longest = 15
  while (longest > 1 && counts[longest] === 0) longest--
  const next = new Uint32Array(17)
  for (let bits = 1; bits < 16; bits++) {
    next[bits + 1] = (next[bits]! + counts[bits]!) << 1
    if (next[bits]! + counts[bits]! > 1 << bits) {
      throw new InflateFault('corrupt', 'the packed data has a code table that does not add up')
    }
  }
  const entries = new Uint16Array(1 << longest)
  for (let symbol = 0; symbol < codeLengths.length; symbol++) {
    const bits = codeLengths[symbol]!
    if (bits === 0) continue
    const code = reverse(next[bits]!++, bits)
    for (let at = code; at < entries.length; at += 1 << bits) entries[at] = (symbol << 4) | bits
  }
  return { entries, longest }
}

function reverse(code: number, bits: number): number {
  let reversed = 0
  for (let i = 0; i < bits; i++) reversed |= ((code >> i) & 1) << (bits - 1 - i)
  return reversed
}

let fixed: Tables | undefined

function fixedTables(): Tables {
  if (fixed) return fixed
  const lengths = new Uint8Array(288).fill(8)
  lengths.fill(9, 144, 256)
  lengths.fill(7, 256, 280)
  fixed = { lengths: buildTable(lengths), distances: buildTable(new Uint8Array(30).fill(5)) }
  return fixed
}

const orderOfLengths = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

function readTables(bits: BitReader): Tables {
  const lengthCodes = bits.take(5) + 257
  const distanceCodes = bits.take(5) + 1
  const own = new Uint8Array(19)
  const given = bits.take(4) + 4
  for (let i = 0; i < given; i++) own[orderOfLengths[i]!] = bits.take(3)
  const table = buildTable(own)
  const all = new Uint8Array(lengthCodes + distanceCodes)
  for (let at = 0; at < all.length;) {
    const symbol = bits.symbol(table)
    if (symbol < 16) {
      all[at++] = symbol
      continue
    }
    if (symbol === 16 && at === 0) {
      throw new InflateFault('corrupt', 'the packed data repeats a length before the first')
    }
    const value = symbol === 16 ? all[at - 1]! : 0
    const times =
      symbol === 16 ? bits.take(2) + 3 : symbol === 17 ? bits.take(3) + 3 : bits.take(7) + 11
    if (at + times > all.length) {
      throw new InflateFault('corrupt', 'the packed data has too many code lengths')
    }
    all.fill(value, at, at + times)
    at += times
  }
  return {
    lengths: buildTable(all.subarray(0, lengthCodes)),
    distances: buildTable(all.subarray(lengthCodes)),
  }
}

function copyStored(bits: BitReader, out: Uint8Array, at: number): number {
  const head = bits.bytes(4)
  const length = head[0]! | (head[1]! << 8)
  if ((length ^ (head[2]! | (head[3]! << 8))) !== 0xffff) {
    throw new InflateFault('corrupt', 'the packed data has a block whose length is damaged')
  }
  const bytes = bits.bytes(length)
  const kept = Math.min(length, out.length - at)
  out.set(bytes.subarray(0, kept), at)
  return at + kept
}

// Length symbols 257… and distance symbols 0…: the smallest value of each, and how many bits are added to it.
const lengthBits = Uint8Array.from({ length: 29 }, (_, i) => (i < 8 || i === 28 ? 0 : (i >> 2) - 1))
const distanceBits = Uint8Array.from({ length: 30 }, (_, i) => (i < 4 ? 0 : (i >> 1) - 1))
const lengthBases = bases(lengthBits, 3)
lengthBases[28] = 258
const distanceBases = bases(distanceBits, 1)

function bases(extra: Uint8Array, first: number): Uint16Array {
  const values = new Uint16Array(extra.length)
  for (let i = 0, value = first; i < extra.length; value += 1 << extra[i]!, i++) values[i] = value
  return values
}

/** Writes one block from `at` on; answers where it ended. Stops when `out` is full. */
function expand(bits: BitReader, tables: Tables, out: Uint8Array, at: number): number {
  while (at < out.length) {
    const symbol = bits.symbol(tables.lengths)
    if (symbol < 256) {
      out[at++] = symbol
      continue
    }
    if (symbol === 256) return at
    const lengthCode = symbol - 257
    if (lengthCode >= 29) throw new InflateFault('corrupt', 'the packed data has an unknown length')
    const length = lengthBases[lengthCode]! + bits.take(lengthBits[lengthCode]!)
    const distanceCode = bits.symbol(tables.distances)
    if (distanceCode >= 30) {
      throw new InflateFault('corrupt', 'the packed data has an unknown distance')
    }
    const distance = distanceBases[distanceCode]! + bits.take(distanceBits[distanceCode]!)
    if (distance > at) throw new InflateFault('corrupt', 'the packed data points before its start')
    const end = Math.min(at + length, out.length)
    // Byte by byte: a copy may read what it has just written.
    for (let from = at - distance; at < end; at++, from++) out[at] = out[from]!
  }
  return at
}
