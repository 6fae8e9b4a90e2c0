// zlib (RFC 1950) with one block of fixed codes (RFC 1951, 3.2.6), of which only repetitions of the last byte are used. Masks
// are long runs, so little is gained by more; and the same bytes come out in every version of every library.

const longestMatch = 258
const [largeWindow, check] = [0x78, 0x01]

/** Packs `bytes`; every inflater reads the answer. */
export function deflateRuns(bytes: Uint8Array): Uint8Array {
  const out = new LowBitWriter()
  out.byte(largeWindow)
  out.byte(check)
  out.put(1, 1) // the last block
  out.put(1, 2) // fixed codes
  for (let at = 0; at < bytes.length;) {
    const value = bytes[at]!
    putSymbol(out, value)
    at++
    let run = 0
    while (at + run < bytes.length && bytes[at + run] === value) run++
    at += run
    while (run > 0) {
      // Matches are at least three long: no rest of one or two may be left.
      const length =
        run > longestMatch && run < longestMatch + 3
          ? longestMatch - 3
          : Math.min(run, longestMatch)
      if (length < 3) {
        for (let i = 0; i < length; i++) putSymbol(out, value)
      } else putMatch(out, length)
      run -= length
    }
  }
  putSymbol(out, 256)
  return out.finish(adler32(bytes))
}

/** The code of a literal, of a length, or of the end. Codes go out with their highest bit first. */
function putSymbol(out: LowBitWriter, symbol: number): void {
  if (symbol < 144) out.putReversed(0x30 + symbol, 8)
  else if (symbol < 256) out.putReversed(0x190 + symbol - 144, 9)
  else if (symbol < 280) out.putReversed(symbol - 256, 7)
  else out.putReversed(0xc0 + symbol - 280, 8)
}

/** A repetition of the byte before: `length` is 3…258, the distance 1 is code 0 of five bits. */
function putMatch(out: LowBitWriter, length: number): void {
  if (length === longestMatch) putSymbol(out, 285)
  else {
    const extra = length < 11 ? 0 : 29 - Math.clz32(length - 3)
    putSymbol(out, length < 11 ? 254 + length : 257 + 4 * extra + ((length - 3) >> extra))
    out.put((length - 3) & ((1 << extra) - 1), extra)
  }
  out.put(0, 5)
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0]
  for (let i = 0; i < bytes.length; i++) {
    a = (a + bytes[i]!) % 65_521
    b = (b + a) % 65_521
  }
  return b * 65_536 + a
}

/** Bits from the lowest of each byte on. */
class LowBitWriter {
  #bytes = new Uint8Array(256)
  #length = 0
  #held = 0
  #count = 0

  put(value: number, count: number): void {
    this.#held |= value << this.#count
    this.#count += count
    for (; this.#count >= 8; this.#count -= 8) {
      this.byte(this.#held & 255)
      this.#held >>>= 8
    }
  }

  putReversed(code: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) this.put((code >> i) & 1, 1)
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#length)
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    this.#bytes[this.#length++] = value
  }

  /** Fills the last byte and adds the check sum. */
  finish(sum: number): Uint8Array {
    if (this.#count > 0) this.put(0, 8 - this.#count)
    for (const shift of [24, 16, 8, 0]) this.byte((sum >>> shift) & 255)
    return this.#bytes.slice(0, this.#length)
  }
}
