/** Reads numbers from a stream of bits, the highest bit of each byte first. */
export class BitReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The next `count` bits (0…32) as a number; null if there are fewer. */
  take(count: number): number | null {
    if (this.#at + count > 8 * this.#bytes.length) return null
    let value = 0
    for (let left = count; left > 0;) {
      const inByte = 8 - (this.#at & 7)
      const taken = Math.min(inByte, left)
      const byte = this.#bytes[this.#at >> 3]!
      value = value * 2 ** taken + ((byte >> (inByte - taken)) & (2 ** taken - 1))
      this.#at += taken
      left -= taken
    }
    return value
  }
}

/** Writes numbers as a stream of bits, the highest bit of each byte first; the last byte is filled with 0. */
export class BitWriter {
  readonly #bytes: number[] = []
  #free = 0

  /** The lower `count` bits (0…32) of `value`. */
  put(value: number, count: number): void {
    for (let left = count; left > 0;) {
      if (this.#free === 0) {
        this.#bytes.push(0)
        this.#free = 8
      }
      const put = Math.min(this.#free, left)
      const part = Math.floor(value / 2 ** (left - put)) % 2 ** put
      this.#bytes[this.#bytes.length - 1]! |= part << (this.#free - put)
      this.#free -= put
      left -= put
    }
  }

  toList(): number[] {
    return this.#bytes
  }
}
