/** Cuts a comment off: `#` at the start or behind a blank, outside quotes. */
export function withoutComment(line: string): string {
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!
    const isFirst = at === 0 || /[\s[{,:-]/.test(line[at - 1]!)
    if (character === '#' && (at === 0 || /\s/.test(line[at - 1]!))) return line.slice(0, at)
    if (isFirst && (character === '"' || character === "'")) at = endOfQuoted(line, at) - 1
  }
  return line
}

/** Offset behind the closing quote; the length if there is none. `''` and `\"` do not close. */
function endOfQuoted(text: string, from: number): number {
  const quote = text[from]
  for (let at = from + 1; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++
    else if (text[at] === quote) {
      if (quote === '"' || text[at + 1] !== quote) return at + 1
      at++
    }
  }
  return text.length
}

/** Splits `key: value` at the colon that ends a plain or quoted key and has a blank behind it; null if there is none. */
export function splitPair(line: string): readonly [key: string, value: string] | null {
  const isQuoted = line.startsWith('"') || line.startsWith("'")
  const from = isQuoted ? endOfQuoted(line, 0) : 0
  const colon = line.indexOf(':', from)
  if (colon < 1 || (isQuoted && line.slice(from, colon).trim() !== '')) return null
  const rest = line.slice(colon + 1)
  return rest === '' || /^\s/.test(rest) ? [parseScalar(line.slice(0, colon)), rest] : null
}

/** A plain, single-quoted or double-quoted text. */
export function parseScalar(text: string): string {
  const value = text.trim()
  if (value.length < 2 || endOfQuoted(value, 0) !== value.length) return value
  if (value.startsWith("'")) return value.slice(1, -1).replaceAll("''", "'")
  if (!value.startsWith('"')) return value
  return value.slice(1, -1).replace(escape, unescaped)
}

const escape = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|.)/g
const letters: Readonly<Record<string, string>> = {
  ...{ n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', 0: '\0', a: '\x07', e: '\x1b' },
  ...{ N: '\x85', _: '\xa0', L: '\u2028', P: '\u2029' },
}

function unescaped(sequence: string): string {
  if (sequence.length === 2) return letters[sequence[1]!] ?? sequence.slice(1)
  const point = Number.parseInt(sequence.slice(2), 16)
  return point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point)
}

/** A list `[a, b]` (keys '0', '1', …) or a map `{0: a, 1: b}` of one level. What does not close ends with the text. */
export function parseFlow(text: string): Map<string, string> {
  const isMap = text.startsWith('{')
  const members = new Map<string, string>()
  let start = 1
  let colon = -1
  let isFirst = true // nothing but blanks of the member, or of its key, so far
  const add = (end: number) => {
    const member = text.slice(colon < 0 ? start : colon + 1, end)
    const key = colon < 0 ? String(members.size) : parseScalar(text.slice(start, colon))
    if (colon >= 0 || member.trim() !== '') members.set(key, parseScalar(member))
    start = end + 1
    colon = -1
    isFirst = true
  }
  for (let at = 1; at < text.length; at++) {
    const character = text[at]!
    if (isFirst && (character === '"' || character === "'")) {
      at = endOfQuoted(text, at) - 1
      isFirst = false
    } else if (character === ',') add(at)
    else if (character === ':' && isMap && colon < 0) {
      colon = at
      isFirst = true
    } else if (character === (isMap ? '}' : ']')) {
      add(at)
      return members
    } else if (character !== ' ' && character !== '\t') isFirst = false
  }
  add(text.length)
  return members
}

/** A text in double quotes, on one line and in printable characters where YAML asks for it. */
export function yamlQuoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
