import { codesText, Utf8Decoder } from './utf8'

const cacheSize = 2048
const longestCached = 24

/** Texts that come again and again, such as keys, without making them anew: found by their bytes. */
export class TextCache {
  readonly #texts: (string | undefined)[] = Array.from({ length: cacheSize }, () => undefined)

  /** `bytes[from..to)`, which are ASCII; `hash` is any number that depends on these bytes only. */
  text(bytes: Uint8Array, from: number, to: number, hash: number): string {
    const length = to - from
    if (length > longestCached) return codesText(bytes, from, to)
    const slot = (hash ^ (hash >>> 11) ^ length) & (cacheSize - 1)
    const known = this.#texts[slot]
    if (known?.length === length && isText(known, bytes, from)) return known
    const text = codesText(bytes, from, to)
    this.#texts[slot] = text
    return text
  }
}

export interface TextFault {
  readonly fault: 'encoding' | 'escape'
  readonly at: number
}

const simpleEscapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** What stands between two quotes, with escapes resolved; half a surrogate pair stays what it is, as in JSON itself. */
export function stringWithEscapes(bytes: Uint8Array, from: number, to: number): string | TextFault {
  const parts: string[] = []
  let plainFrom = from
  for (let at = from; at < to; at++) {
    if (bytes[at] !== 0x5c) continue
    const before = plainText(bytes, plainFrom, at)
    if (typeof before !== 'string') return before
    parts.push(before)
    const kind = String.fromCharCode(bytes[at + 1] ?? 0)
    if (kind === 'u') {
      const digits = codesText(bytes, at + 2, Math.min(to, at + 6))
      if (!/^[0-9a-f]{4}$/i.test(digits)) return { fault: 'escape', at }
      parts.push(String.fromCharCode(parseInt(digits, 16)))
      at += 5
    } else {
      const meaning = Object.hasOwn(simpleEscapes, kind) ? simpleEscapes[kind] : undefined
      if (meaning === undefined) return { fault: 'escape', at }
      parts.push(meaning)
      at++
    }
    plainFrom = at + 1
  }
  const rest = plainText(bytes, plainFrom, to)
  if (typeof rest !== 'string') return rest
  parts.push(rest)
  return parts.join('')
}

function plainText(bytes: Uint8Array, from: number, to: number): string | TextFault {
  if (isAscii(bytes, from, to)) return codesText(bytes, from, to)
  // Only at the start of a file is a mark one; here it is a character.
  const decoder = new Utf8Decoder(true)
  const text = decoder.write(bytes.subarray(from, to))
  const fault = decoder.end()
  return fault === null ? text : { fault: 'encoding', at: from + fault }
}

function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! >= 0x80) return false
  return true
}

function isText(text: string, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== bytes[from + i]) return false
  }
  return true
}
