import { codesText } from './utf8'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const values = new Int8Array(128).fill(-1)
for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i

/**
 * Bytes of base64 text (RFC 4648, section 4), with or without padding; line breaks and blanks are passed over, a
 * `data:…;base64,` start too. Null if the text is anything else.
 */
export function base64ToBytes(text: string): Uint8Array | null {
  const start = /^data:[^,]{0,200};base64,/.exec(text)?.[0].length ?? 0
  const bytes = new Uint8Array(Math.floor(((text.length - start) * 3) / 4))
  let length = 0
  let bits = 0
  let held = 0
  let digits = 0
  let padding = 0
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 32 || (code >= 9 && code <= 13)) continue
    if (code === 61) {
      padding++
      continue
    }
    const value = code < 128 ? values[code]! : -1
    if (value < 0 || padding > 0) return null
    digits++
    bits = (bits << 6) | value
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[length++] = bits >> held
    bits &= (1 << held) - 1
  }
  const rest = digits % 4
  const isWhole = padding === 0 || (rest > 1 && padding === 4 - rest)
  // Bits that no byte takes must be 0: otherwise characters are missing.
  return rest === 1 || !isWhole || bits !== 0 ? null : bytes.subarray(0, length)
}

/** With padding, without line breaks. */
export function bytesToBase64(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(61)
  let at = 0
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const group =
      (bytes[i]! << 16) | (left > 1 ? bytes[i + 1]! << 8 : 0) | (left > 2 ? bytes[i + 2]! : 0)
    const digits = left > 2 ? 4 : left + 1
    for (let k = 0; k < digits; k++) {
      codes[at + k] = alphabet.charCodeAt((group >> (18 - 6 * k)) & 63)
    }
    at += 4
  }
  return codesText(codes)
}
