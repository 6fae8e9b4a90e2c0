import type { JsonParser } from './json-parser'
import type { JsonEntry } from './json-stream'

/** A list or object at depth one or two whose entries are being read. */
interface Frame {
  readonly isObject: boolean
  readonly path: readonly string[]
  count: number
  /** Keys so far, to tell repeated ones. */
  readonly keys: Set<string>
}

const [comma, openList, closeList, openObject, closeObject] = [0x2c, 0x5b, 0x5d, 0x7b, 0x7d]

/**
 * Goes through a document entry by entry. `next` either completes and remembers where it is, or throws and has changed
 * nothing but the parser's place, so that it can be called again with more bytes.
 */
export class JsonWalk {
  isDone = false
  readonly #parser: JsonParser
  #root: Frame | null = null
  #inner: Frame | null = null
  /** The root value is over; only white space may follow. */
  #isOver = false

  constructor(parser: JsonParser) {
    this.#parser = parser
  }

  /** The next entry, or null for a step that gives none (brackets, the end). */
  next(): JsonEntry | null {
    if (this.#isOver) return this.#end()
    const frame = this.#inner ?? this.#root
    return frame === null ? this.#start() : this.#step(frame)
  }

  #start(): JsonEntry | null {
    const parser = this.#parser
    const frame = this.#frameFor(parser.peek(), [])
    if (frame === null) {
      const offset = parser.base + parser.at
      const value = parser.value(0)
      this.#isOver = true
      return { path: [], index: 0, value, offset }
    }
    parser.at++
    this.#root = frame
    return null
  }

  #step(frame: Frame): JsonEntry | null {
    const parser = this.#parser
    const close = frame.isObject ? closeObject : closeList
    let byte = parser.peek()
    if (byte === close) {
      parser.at++
      this.#leave()
      return null
    }
    if (frame.count > 0) {
      parser.take(comma, `a comma or ${String.fromCharCode(close)}`)
      byte = parser.peek()
    }
    const keyAt = parser.at
    const key = frame.isObject ? parser.key() : null
    if (key !== null) byte = parser.peek()
    const path = key === null ? frame.path : [...frame.path, key]
    const offset = parser.base + parser.at
    const inner = frame === this.#root && frame.isObject ? this.#frameFor(byte, path) : null
    const value = inner === null ? parser.value(this.#inner === null ? 1 : 2) : null
    if (inner !== null) parser.at++
    // From here on nothing throws: what was read is noted.
    if (key !== null) {
      if (frame.keys.has(key)) parser.noteRepeatedKey(key, keyAt)
      frame.keys.add(key)
    }
    const index = frame.count++
    if (inner === null) return { path, index, value, offset }
    this.#inner = inner
    return null
  }

  #leave(): void {
    if (this.#inner === null) this.#isOver = true
    else this.#inner = null
  }

  #end(): null {
    if (this.#parser.peek() !== -1) throw this.#parser.unexpected('the end of the file')
    this.isDone = true
    return null
  }

  #frameFor(byte: number, path: readonly string[]): Frame | null {
    if (byte !== openList && byte !== openObject) return null
    return { isObject: byte === openObject, path, count: 0, keys: new Set() }
  }
}
