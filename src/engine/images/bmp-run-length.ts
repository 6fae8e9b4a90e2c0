import { ImageFault } from './image-fault'

/**
 * Palette indices of a run-length coded bitmap (MS-WMF 2.1.1.7, BI_RLE8 and BI_RLE4): `width * height` bytes, rows in the
 * order of the file. Skipped pixels are index 0.
 * @throws ImageFault `truncated` if the codes end before the picture does, `corrupt` if they leave it
 */
export function unpackRunLengths(
  codes: Uint8Array,
  width: number,
  height: number,
  nibbles: boolean,
): Uint8Array {
  const indices = new Uint8Array(width * height)
  let x = 0
  let y = 0
  let at = 0
  while (y < height) {
    if (at + 2 > codes.length) {
      throw new ImageFault('truncated', `its run-length codes stop in row ${y} of ${height}`)
    }
    const count = codes[at]!
    const value = codes[at + 1]!
    at += 2
    if (count > 0) {
      for (let i = 0; i < count; i++) put(nibbles ? nibbleOf(value, i) : value)
    } else if (value === 0) {
      x = 0
      y++
    } else if (value === 1) {
      break
    } else if (value === 2) {
      if (at + 2 > codes.length) {
        throw new ImageFault('truncated', `its run-length codes stop in row ${y} of ${height}`)
      }
      x += codes[at]!
      y += codes[at + 1]!
      at += 2
    } else {
      const bytes = nibbles ? (value + 1) >> 1 : value
      if (at + bytes > codes.length) {
        throw new ImageFault('truncated', `its run-length codes stop in row ${y} of ${height}`)
      }
      for (let i = 0; i < value; i++) {
        put(nibbles ? nibbleOf(codes[at + (i >> 1)]!, i) : codes[at + i]!)
      }
      at += bytes + (bytes & 1)
    }
  }
  return indices

  function put(index: number): void {
    // Some writers run over the end of a row; other readers drop the rest, and so does this one.
    if (x < width) indices[y * width + x] = index
    x++
  }
}

const nibbleOf = (value: number, i: number) => (i % 2 === 0 ? value >> 4 : value & 15)
