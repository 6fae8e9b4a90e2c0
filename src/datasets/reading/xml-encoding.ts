import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'

/** Turns the bytes of a document into text, piece by piece. */
export interface TextDecoding {
  /** @throws AppError E_ENCODING */
  write(bytes: Uint8Array): string
  /** @throws AppError E_ENCODING if the last character is cut off */
  end(): void
}

/** As many bytes as it takes to see the mark and the declaration. */
export const encodingBytes = 256

/**
 * Chooses the decoding of an XML document from its first bytes: UTF-8 with or without mark, UTF-16 with mark, ISO-8859-1
 * where it is declared. `start` holds `encodingBytes` bytes or the whole document.
 * @throws AppError E_ENCODING for any other declared encoding
 */
export function xmlDecoding(start: Uint8Array, file: string): TextDecoding {
  const [a, b] = start
  if (a === 0xfe && b === 0xff) return new Utf16(file, false)
  if (a === 0xff && b === 0xfe) return new Utf16(file, true)
  const hasMark = a === 0xef && b === 0xbb && start[2] === 0xbf
  const opening = String.fromCharCode(...start.subarray(hasMark ? 3 : 0, encodingBytes))
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/.exec(opening)?.[1] ?? 'UTF-8'
  switch (declared.toLowerCase()) {
    case 'utf-8':
    case 'utf8':
    case 'us-ascii':
    case 'ascii':
      return new Utf8(file)
    case 'iso-8859-1':
    case 'latin1':
      if (!hasMark) return latin1
  }
  throw unreadable(file, `the encoding ${JSON.stringify(declared)} that it declares is not known`)
}

const latin1: TextDecoding = {
  write: (bytes) => textOf(Uint16Array.from(bytes)),
  end: () => undefined,
}

class Utf16 implements TextDecoding {
  readonly #file: string
  readonly #little: boolean
  #rest: number | undefined
  #started = false

  constructor(file: string, little: boolean) {
    this.#file = file
    this.#little = little
  }

  write(bytes: Uint8Array): string {
    const units = new Uint16Array((bytes.length + 1) >> 1)
    let length = 0
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!
      if (this.#rest === undefined) {
        this.#rest = byte
        continue
      }
      const unit = this.#little ? this.#rest | (byte << 8) : (this.#rest << 8) | byte
      this.#rest = undefined
      // Lone surrogates are left to the parser: it takes no such character.
      if (this.#started || unit !== 0xfeff) units[length++] = unit
      this.#started = true
    }
    return textOf(units.subarray(0, length))
  }

  end(): void {
    if (this.#rest !== undefined) {
      throw unreadable(this.#file, 'it is UTF-16 with an odd number of bytes')
    }
  }
}

/** Strict: no overlong forms, no surrogates, nothing above U+10FFFF (RFC 3629). */
class Utf8 implements TextDecoding {
  readonly #file: string
  /** Bytes that are still missing of the character, what is known of it, and the least value that is not overlong. */
  #missing = 0
  #point = 0
  #least = 0
  #offset = 0
  #started = false

  constructor(file: string) {
    this.#file = file
  }

  write(bytes: Uint8Array): string {
    const units = new Uint16Array(bytes.length + 1)
    let length = 0
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!
      if (this.#missing === 0 && byte < 0x80) {
        units[length++] = byte
        this.#started = true
        continue
      }
      this.#take(byte, this.#offset + i)
      if (this.#missing > 0) continue
      const point = this.#point
      if (point > 0xffff) {
        units[length++] = 0xd7c0 + (point >> 10)
        units[length++] = 0xdc00 | (point & 0x3ff)
      } else if (this.#started || point !== 0xfeff) units[length++] = point
      this.#started = true
    }
    this.#offset += bytes.length
    return textOf(units.subarray(0, length))
  }

  end(): void {
    if (this.#missing > 0) throw this.#invalid(this.#offset)
  }

  #take(byte: number, offset: number): void {
    if (this.#missing === 0) {
      if (byte >= 0xc2 && byte <= 0xdf) this.#begin(1, byte & 0x1f, 0x80)
      else if (byte >= 0xe0 && byte <= 0xef) this.#begin(2, byte & 0x0f, 0x800)
      else if (byte >= 0xf0 && byte <= 0xf4) this.#begin(3, byte & 0x07, 0x10000)
      else throw this.#invalid(offset)
      return
    }
    if ((byte & 0xc0) !== 0x80) throw this.#invalid(offset)
    this.#point = (this.#point << 6) | (byte & 0x3f)
    this.#missing--
    if (this.#missing > 0) return
    const isSurrogate = this.#point >= 0xd800 && this.#point <= 0xdfff
    if (this.#point < this.#least || this.#point > 0x10ffff || isSurrogate) {
      throw this.#invalid(offset)
    }
  }

  #begin(missing: number, point: number, least: number): void {
    this.#missing = missing
    this.#point = point
    this.#least = least
  }

  #invalid(offset: number): AppError {
    return unreadable(this.#file, `byte ${offset} is not UTF-8`)
  }
}

/** Function arguments are limited: long texts are put together in pieces. */
function textOf(units: Uint16Array): string {
  let text = ''
  for (let at = 0; at < units.length; at += 8192) {
    text += String.fromCharCode(...units.subarray(at, at + 8192))
  }
  return text
}

function unreadable(file: string, reason: string): AppError {
  return new AppError(
    'E_ENCODING',
    `${showPath(file)} cannot be read as text: ${reason}.`,
    'Save the file as UTF-8.',
  )
}
