import { fileEmpty } from '../../shared/image-errors'
import { jsonNotUtf8 } from './json-errors'

/**
 * Length of the UTF-8 mark at the start of a file, 0 or 3. `start` has the first four bytes, or all of a smaller file.
 * @throws AppError E_FILE_EMPTY, E_ENCODING for UTF-16 and UTF-32, with or without mark
 */
export function checkEncoding(start: Uint8Array, file: string): number {
  const [a, b, c] = start
  if (a === undefined) throw fileEmpty(file)
  const mark = (a << 8) | (b ?? 0x20)
  // Without a mark: JSON begins with an ASCII character, and UTF-16 has a zero byte beside it.
  if (mark === 0xfffe || mark === 0xfeff || a === 0 || b === 0) {
    throw jsonNotUtf8(file, 'it is UTF-16 or UTF-32, as its first bytes show')
  }
  return a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0
}
