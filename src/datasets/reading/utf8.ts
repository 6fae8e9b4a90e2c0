/**
 * UTF-8 without its mark, strictly: null where the bytes are no UTF-8. (Pure code has no TextDecoder.)
 */
export function decodeUtf8(bytes: Uint8Array): string | null {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  let text = ''
  const units: number[] = []
  for (let at = hasMark ? 3 : 0; at < bytes.length;) {
    const first = bytes[at]!
    if (first < 0x80) {
      units.push(first)
      at++
    } else {
      const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
      const point = codePoint(bytes, at, first, length)
      if (point < 0) return null
      if (point > 0xffff) units.push(0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff))
      else units.push(point)
      at += length
    }
    // Function arguments are limited: long texts go out in pieces.
    if (units.length > 8000) text += String.fromCharCode(...units.splice(0))
  }
  return text + String.fromCharCode(...units)
}

const smallest = [0, 0, 0x80, 0x800, 0x10000]

/** -1 for stray bytes, overlong forms, halves of surrogate pairs, and what lies beyond U+10FFFF. */
function codePoint(bytes: Uint8Array, at: number, first: number, length: number): number {
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return -1
  let point = first & (0x7f >> length)
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i]!
    if ((next & 0xc0) !== 0x80) return -1
    point = (point << 6) | (next & 0x3f)
  }
  const isHalf = point >= 0xd800 && point <= 0xdfff
  return point < smallest[length]! || point > 0x10ffff || isHalf ? -1 : point
}
