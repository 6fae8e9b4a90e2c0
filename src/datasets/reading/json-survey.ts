import { JsonParser } from './json-parser'

/** A member of a document's root, in the order of the file. */
export interface SurveyedMember {
  readonly key: string
  readonly kind: 'list' | 'object' | 'scalar'
  /** Zero-based byte offset of its value. */
  readonly offset: number
  /** Elements or members; 0 for a scalar. */
  count: number
}

export interface JsonSurvey {
  /** What the whole document is; 'other' also for what is no JSON. */
  readonly root: 'list' | 'object' | 'other'
  /** Elements of a list at the root. */
  readonly count: number
  /** Repeated keys come repeatedly. Those beyond the first thousand are left out. */
  readonly members: readonly SurveyedMember[]
  /** Whether all brackets were closed. False means that reading the document will throw. */
  readonly isComplete: boolean
}

const maxMembers = 1000
const maxKeyBytes = 1000
const maxDepth = 64
const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a]

/**
 * What a JSON document of any size holds at its root, without reading the values: only strings and brackets are followed, so
 * this is many times faster than reading. It checks nothing; whoever reads the document afterwards hears of its faults.
 */
export async function surveyJson(chunks: AsyncIterable<Uint8Array>): Promise<JsonSurvey> {
  const scan = new Scan()
  for await (const chunk of chunks) {
    scan.read(chunk)
    if (scan.isOver) break
  }
  return scan.result()
}

class Scan {
  /** Something stands here that no JSON document has. */
  isOver = false
  #root: JsonSurvey['root'] = 'other'
  readonly #members: SurveyedMember[] = []
  #member: SurveyedMember | null = null
  #count = 0
  #depth = 0
  #base = 0
  #inString = false
  #isEscaped = false
  /** Bytes of the key that is being read at depth one; null elsewhere. */
  #keyBytes: number[] | null = null
  #key: string | null = null
  /** Whether an element began since the last bracket or comma at a depth whose elements are counted. */
  #started = false

  read(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.isOver; at++) {
      if (this.#inString) at = this.#skipString(bytes, at)
      if (at < bytes.length) this.#take(bytes[at]!, this.#base + at)
    }
    this.#base += bytes.length
  }

  result(): JsonSurvey {
    return {
      root: this.#root,
      count: this.#root === 'list' ? this.#count : 0,
      members: this.#members,
      isComplete: this.#root !== 'other' && this.#depth === 0 && !this.isOver,
    }
  }

  /** Index of the closing quote, or the length if the text goes on in the next piece. */
  #skipString(bytes: Uint8Array, from: number): number {
    let at = from
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte === quote && !this.#isEscaped) return at
      this.#isEscaped = byte === backslash && !this.#isEscaped
      if (this.#keyBytes !== null && this.#keyBytes.length < maxKeyBytes) this.#keyBytes.push(byte)
    }
    return at
  }

  #take(byte: number, offset: number): void {
    if (byte === quote) this.#takeQuote(offset)
    else if (byte === 0x5b || byte === 0x7b) this.#open(byte === 0x7b, offset)
    else if (byte === 0x5d || byte === 0x7d) this.#close()
    else if (byte === comma) this.#endElement()
    else if (byte > 0x20) {
      if (byte !== colon) this.#startElement('scalar', offset)
    } else if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) this.isOver = true
  }

  #takeQuote(offset: number): void {
    if (this.#inString) {
      this.#inString = false
      if (this.#keyBytes === null) return
      this.#key = keyText(this.#keyBytes)
      this.#keyBytes = null
      return
    }
    this.#inString = true
    const isKey = this.#depth === 1 && this.#root === 'object' && this.#key === null
    if (isKey) this.#keyBytes = []
    else this.#startElement('scalar', offset)
  }

  #open(isObject: boolean, offset: number): void {
    this.#startElement(isObject ? 'object' : 'list', offset)
    if (this.#depth === 0) this.#root = isObject ? 'object' : 'list'
    this.#depth++
    if (this.#depth <= 2) this.#started = false
    if (this.#depth > maxDepth) this.isOver = true
  }

  #close(): void {
    this.#endElement()
    this.#depth--
    if (this.#depth === 1) {
      this.#started = true
      if (this.#root === 'object') this.#member = null
    }
    if (this.#depth < 0) this.isOver = true
  }

  #startElement(kind: SurveyedMember['kind'], offset: number): void {
    if (this.#depth === 0 && this.#root !== 'other') this.isOver = true // something after the end
    if (this.#depth === 1 && this.#root === 'object' && this.#key !== null && !this.#started) {
      const member = { key: this.#key, kind, offset, count: 0 }
      if (this.#members.length < maxMembers) this.#members.push(member)
      this.#member = member
    }
    if (this.#depth <= 2) this.#started = true
  }

  /** At a comma or a closing bracket. */
  #endElement(): void {
    if (this.#depth > 2) return
    if (this.#started) {
      if (this.#depth === 2 && this.#member !== null) this.#member.count++
      if (this.#depth === 1) this.#count++
    }
    this.#started = false
    if (this.#depth === 1) this.#key = null
  }
}

/** The key as it reads; one that is no valid text gets a name that no format uses. */
function keyText(raw: readonly number[]): string {
  const parser = new JsonParser('')
  parser.bytes = Uint8Array.of(quote, ...raw, quote)
  parser.end = parser.bytes.length
  parser.isFinal = true
  try {
    return parser.string()
  } catch {
    return '\ufffd'
  }
}
