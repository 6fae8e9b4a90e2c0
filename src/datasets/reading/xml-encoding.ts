import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { codesText, Utf8Decoder } from './utf8'

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
  const opening = codesText(start.subarray(0, encodingBytes), hasMark ? 3 : 0)
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
  write: (bytes) => codesText(bytes),
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
    return codesText(units, 0, length)
  }

  end(): void {
    if (this.#rest !== undefined) {
      throw unreadable(this.#file, 'it is UTF-16 with an odd number of bytes')
    }
  }
}

class Utf8 implements TextDecoding {
  readonly #file: string
  readonly #decoder = new Utf8Decoder()

  constructor(file: string) {
    this.#file = file
  }

  write(bytes: Uint8Array): string {
    const text = this.#decoder.write(bytes)
    this.#require(this.#decoder.fault)
    return text
  }

  end(): void {
    this.#require(this.#decoder.end())
  }

  #require(fault: number | null): void {
    if (fault !== null) throw unreadable(this.#file, `byte ${fault} is not UTF-8`)
  }
}

function unreadable(file: string, reason: string): AppError {
  return new AppError(
    'E_ENCODING',
    `${showPath(file)} cannot be read as text: ${reason}.`,
    'Save the file as UTF-8.',
  )
}
