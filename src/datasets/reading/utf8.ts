/** Function arguments are limited: long texts are put together in pieces. */
const pieceLength = 8192

/** `codes[from..to)` as text, one character each: bytes that are ASCII or Latin-1, or units of UTF-16. */
export function codesText(codes: Uint8Array | Uint16Array, from = 0, to = codes.length): string {
  let text = ''
  for (let at = from; at < to; at += pieceLength) {
    const piece = codes.subarray(at, Math.min(to, at + pieceLength))
    // `apply` takes anything with a length; its type asks for a list.
    text += String.fromCharCode.apply(null, piece as unknown as number[])
  }
  return text
}

/** UTF-8 without its mark, strictly: null where the bytes are no UTF-8. (Pure code has no TextDecoder.) */
export function decodeUtf8(bytes: Uint8Array): string | null {
  const decoder = new Utf8Decoder()
  const text = decoder.write(bytes)
  return decoder.end() === null ? text : null
}

/**
 * UTF-8 piece by piece, strictly: no overlong forms, no surrogates, nothing above U+10FFFF (RFC 3629). A mark at the start
 * is passed over unless it is to be kept.
 */
export class Utf8Decoder {
  /** Place of the first character that is malformed, in bytes from the start; null as long as all are well. */
  fault: number | null = null
  /** Bytes that are still missing of the character, what is known of it, and the least value that is not overlong. */
  #missing = 0
  #point = 0
  #least = 0
  #characterAt = 0
  #offset = 0
  #passesMark: boolean

  constructor(keepsMark = false) {
    this.#passesMark = !keepsMark
  }

  /** The characters that are whole with these bytes; after a fault, nothing more. */
  write(bytes: Uint8Array): string {
    const units = new Uint16Array(bytes.length + 1)
    let length = 0
    for (let i = 0; i < bytes.length && this.fault === null; i++) {
      const byte = bytes[i]!
      if (this.#missing === 0 && byte < 0x80) {
        units[length++] = byte
        this.#passesMark = false
        continue
      }
      if (this.#missing === 0) this.#characterAt = this.#offset + i
      if (!this.#take(byte)) this.fault = this.#characterAt
      if (this.#missing > 0 || this.fault !== null) continue
      const point = this.#point
      if (point > 0xffff) {
        units[length++] = 0xd7c0 + (point >> 10)
        units[length++] = 0xdc00 | (point & 0x3ff)
      } else if (!this.#passesMark || point !== 0xfeff) units[length++] = point
      this.#passesMark = false
    }
    this.#offset += bytes.length
    return codesText(units, 0, length)
  }

  /** Where the bytes are malformed, the last character being cut off included; null if they are not. */
  end(): number | null {
    if (this.#missing > 0) this.fault ??= this.#characterAt
    return this.fault
  }

  /** Whether the byte may stand here. */
  #take(byte: number): boolean {
    if (this.#missing === 0) {
      if (byte >= 0xc2 && byte <= 0xdf) this.#begin(1, byte & 0x1f, 0x80)
      else if (byte >= 0xe0 && byte <= 0xef) this.#begin(2, byte & 0x0f, 0x800)
      else if (byte >= 0xf0 && byte <= 0xf4) this.#begin(3, byte & 0x07, 0x10000)
      else return false
      return true
    }
    if ((byte & 0xc0) !== 0x80) return false
    this.#point = (this.#point << 6) | (byte & 0x3f)
    this.#missing--
    if (this.#missing > 0) return true
    const isSurrogate = this.#point >= 0xd800 && this.#point <= 0xdfff
    return this.#point >= this.#least && this.#point <= 0x10ffff && !isSurrogate
  }

  #begin(missing: number, point: number, least: number): void {
    this.#missing = missing
    this.#point = point
    this.#least = least
  }
}
