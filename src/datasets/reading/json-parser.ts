import type { ImportProblem, JsonValue } from '../../shared/dataset'
import type { AppError } from '../../shared/errors'
import { jsonNotUtf8, jsonSyntax, jsonTooDeep, jsonTruncated, type JsonPlace } from './json-errors'
import { TextPlace } from './json-place'
import { stringWithEscapes, TextCache } from './json-text'
import { codesText } from './utf8'
import { warning } from './problems'

// An own parser, because no other does all that imports need: bare NaN and Infinity (Python writes them), repeated keys
// told, objects without prototype, a limit of depth, strict UTF-8 with offsets, and values out of a moving window of bytes.

export const maxDepth = 64

/** Thrown where the window ends inside a value and the file goes on: the caller widens the window and tries again. */
export const moreNeeded = new Error('the window ends inside a value')

const char = (text: string): number => text.charCodeAt(0)
const [quote, backslash, comma, colon] = [char('"'), char('\\'), char(','), char(':')]
const [minus, point, zero, nine] = [char('-'), char('.'), char('0'), char('9')]
const [openList, closeList, openObject, closeObject] = [char('['), char(']'), char('{'), char('}')]

const powersOfTen = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent)

/** Reads values from `bytes`, from `at` to `end`. */
export class JsonParser {
  bytes: Uint8Array = new Uint8Array()
  at = 0
  end = 0
  /** Offset of `bytes[0]` in the file. */
  base = 0
  /** Whether the file ends where the window ends. */
  isFinal = false
  /** Repeated keys, in the order of reading, for the caller to take. */
  problems: ImportProblem[] = []
  readonly #file: string
  readonly #places = new TextPlace()
  readonly #cache = new TextCache()

  constructor(file: string) {
    this.#file = file
  }

  /** The next byte that is no white space, without taking it; -1 at the end of the file. */
  peek(): number {
    const { bytes, end } = this
    let at = this.at
    for (; at < end; at++) {
      const byte = bytes[at]!
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) {
        this.at = at
        return byte
      }
    }
    this.at = at
    if (this.isFinal) return -1
    throw moreNeeded
  }

  /** A value that `depth` lists and objects are around. */
  value(depth: number): JsonValue {
    const byte = this.peek()
    if (byte === quote) return this.string()
    if (byte === minus || (byte >= zero && byte <= nine)) return this.#number()
    if (byte === openObject) return this.#object(depth + 1)
    if (byte === openList) return this.#list(depth + 1)
    if (byte === char('t')) return this.#word('true', true)
    if (byte === char('f')) return this.#word('false', false)
    if (byte === char('n')) return this.#word('null', null)
    if (byte === char('N')) return this.#word('NaN', NaN)
    if (byte === char('I')) return this.#word('Infinity', Infinity)
    throw this.unexpected('a value')
  }

  /** The string whose opening quote is next. */
  string(): string {
    const { bytes, end } = this
    const start = this.at + 1
    let hash = 0
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!
      if (byte === quote) {
        this.at = at + 1
        return this.#cache.text(bytes, start, at, hash)
      }
      if (byte === backslash || byte < 0x20 || byte >= 0x80) return this.#longString(start, at)
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    throw this.#ended('inside a text')
  }

  /** A key and its colon, with the opening quote next. */
  key(): string {
    if (this.peek() !== quote) throw this.unexpected('a key in quotes')
    const key = this.string()
    this.take(colon, 'a colon')
    return key
  }

  take(wanted: number, name: string): void {
    if (this.peek() !== wanted) throw this.unexpected(name)
    this.at++
  }

  noteRepeatedKey(key: string, at: number): void {
    const { line } = this.#place(at)
    const shown = JSON.stringify(key.length > 80 ? `${key.slice(0, 80)}…` : key)
    this.problems.push(
      warning(
        { file: this.#file, line, offset: this.base + at },
        'W_JSON_DUPLICATE_KEY',
        `The key ${shown} occurs more than once in one object; the last one counts.`,
      ),
    )
  }

  /** Where reading is, for error messages; also counts lines before the window moves on. */
  place(): JsonPlace {
    return this.#place(this.at)
  }

  /** What stands at `at` is not what JSON has there. */
  unexpected(wanted: string): AppError {
    const { bytes, at, end } = this
    if (at >= end) return this.#ended(`where ${wanted} should be`)
    const byte = bytes[at]!
    if (byte >= 0x80 && !isUtf8At(bytes, at, end)) return this.#notUtf8(at)
    const found = byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `the byte 0x${hex(byte)}`
    return jsonSyntax(this.place(), `${found} stands where ${wanted} should be`)
  }

  #object(depth: number): JsonValue {
    this.#checkDepth(depth)
    // Without prototype: no key of a file, such as __proto__, means anything to the engine.
    const object = Object.create(null) as Record<string, JsonValue> // `create` answers any
    this.at++
    if (this.peek() === closeObject) {
      this.at++
      return object
    }
    for (;;) {
      this.peek()
      const keyAt = this.at
      const key = this.key()
      if (key in object) this.noteRepeatedKey(key, keyAt)
      object[key] = this.value(depth)
      const next = this.peek()
      if (next !== comma && next !== closeObject) throw this.unexpected('a comma or }')
      this.at++
      if (next === closeObject) return object
    }
  }

  #list(depth: number): JsonValue {
    this.#checkDepth(depth)
    const list: JsonValue[] = []
    this.at++
    if (this.peek() === closeList) {
      this.at++
      return list
    }
    for (;;) {
      list.push(this.value(depth))
      const next = this.peek()
      if (next !== comma && next !== closeList) throw this.unexpected('a comma or ]')
      this.at++
      if (next === closeList) return list
    }
  }

  #number(): number {
    const { bytes } = this
    const start = this.at
    const isNegative = bytes[start] === minus
    if (isNegative) this.at++
    if (this.#byte() === char('I')) return this.#word('-Infinity', -Infinity, start)
    const whole = this.#digits(0)
    if (this.at - this.#firstDigit > 1 && bytes[this.#firstDigit] === zero) {
      this.at = this.#firstDigit + 1
      throw this.unexpected('no digit after a leading zero')
    }
    let digits = this.at - this.#firstDigit
    let mantissa = whole
    let decimals = 0
    if (this.#byte() === point) {
      this.at++
      mantissa = this.#digits(whole)
      decimals = this.at - this.#firstDigit
      digits += decimals
    }
    const hasExponent = (this.#byte() | 0x20) === char('e')
    if (hasExponent) {
      this.at++
      const sign = this.#byte()
      if (sign === minus || sign === char('+')) this.at++
      this.#digits(0)
      this.#byte() // more digits may follow in the next piece of the file
    }
    // Both operands are exact, so the quotient is the nearest double, as the slow way would give.
    if (!hasExponent && digits <= 15) {
      const size = decimals === 0 ? mantissa : mantissa / powersOfTen[decimals]!
      return isNegative ? -size : size
    }
    return Number(codesText(bytes, start, this.at))
  }

  #firstDigit = 0

  /** Takes one digit or more and appends them to `number`. */
  #digits(number: number): number {
    const { bytes, end } = this
    let at = this.at
    this.#firstDigit = at
    for (; at < end; at++) {
      const byte = bytes[at]!
      if (byte < zero || byte > nine) break
      number = number * 10 + (byte - zero)
    }
    this.at = at
    if (at === this.#firstDigit) throw this.unexpected('a digit')
    return number
  }

  /** The byte at `at`, white space or not; 0 at the end of the file. */
  #byte(): number {
    if (this.at < this.end) return this.bytes[this.at]!
    if (this.isFinal) return 0
    throw moreNeeded
  }

  #word<T>(word: string, value: T, start = this.at): T {
    for (let i = 0; i < word.length; i++) {
      this.at = start + i
      if (this.at >= this.end) throw this.#ended(`inside ${word}`)
      if (this.bytes[this.at] !== word.charCodeAt(i)) throw this.unexpected(`the word ${word}`)
    }
    this.at = start + word.length
    return value
  }

  /** A string with escapes or beyond ASCII; `from` is its first byte that is special. */
  #longString(start: number, from: number): string {
    const { bytes, end } = this
    let at = from
    for (; at < end; at++) {
      const byte = bytes[at]!
      if (byte === quote) break
      if (byte === backslash) at++
      else if (byte < 0x20) {
        this.at = at
        throw this.unexpected('a character of a text (control characters are written \\u00XX)')
      }
    }
    if (at >= end) throw this.#ended('inside a text')
    const result = stringWithEscapes(bytes, start, at)
    if (typeof result === 'string') {
      this.at = at + 1
      return result
    }
    this.at = result.at
    if (result.fault === 'encoding') throw this.#notUtf8(result.at)
    throw this.unexpected('one of the escapes of JSON')
  }

  #checkDepth(depth: number): void {
    if (depth > maxDepth) throw jsonTooDeep(this.place(), maxDepth)
  }

  #ended(where: string): AppError {
    if (!this.isFinal) throw moreNeeded
    this.at = this.end
    return jsonTruncated(this.place(), where)
  }

  #notUtf8(at: number): AppError {
    const { line, column } = this.#place(at)
    const byte = hex(this.bytes[at] ?? 0)
    return jsonNotUtf8(
      this.#file,
      `line ${line}, column ${column} (offset ${this.base + at}) has the byte 0x${byte}`,
    )
  }

  #place(at: number): JsonPlace {
    return { file: this.#file, ...this.#places.of(this.bytes, this.base, at) }
  }
}

/** Whether a character of two bytes or more begins at `at`; what the window cuts off counts as good. */
function isUtf8At(bytes: Uint8Array, at: number, end: number): boolean {
  const first = bytes[at]!
  if (first < 0xc2 || first > 0xf4) return false
  return at + 1 >= end || (bytes[at + 1]! & 0xc0) === 0x80
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
