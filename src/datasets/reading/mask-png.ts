import { encode } from 'fast-png'
import { assertMask, type Mask } from '../../shared/vision/mask'
import { imageUnsupported } from '../../shared/image-errors'
import { decodePngNumbers, type PngNumbers } from './mask-png-numbers'

/** A PNG read as a mask: one number a pixel, of which 0 is background. */
export interface MaskPng {
  readonly width: number
  readonly height: number
  /**
   * `width * height` numbers, row-major. Grey: the stored value, 16 bits kept. Palette: the index, not its colour. RGB with
   * equal channels: that value; real colours: 1, 2, 3 … in the order in which they first occur, black 0. Alpha is ignored.
   */
  readonly labels: Uint8Array | Uint16Array
  /** What full white is: 1, 3, 15, 255 or 65,535. 0 for palettes and colours, whose numbers have no order. */
  readonly white: number
  readonly bitDepth: 1 | 2 | 4 | 8 | 16
  /** For palette pictures: `[red, green, blue]` of each index. */
  readonly palette: readonly (readonly [number, number, number])[] | null
}

/** A number other than 0 that occurs in a mask, and how often. */
export interface MaskLevel {
  readonly value: number
  readonly pixels: number
}

/**
 * Reads a PNG mask of any kind. Memory stays within a few times `width * height`, whatever the file claims to unpack to.
 * @param file name shown in errors
 * @throws AppError E_FILE_EMPTY, E_IMAGE_UNKNOWN_FORMAT (no PNG), E_IMAGE_TRUNCATED, E_IMAGE_CORRUPT, E_IMAGE_TOO_LARGE
 * (above 120 megapixels), E_IMAGE_UNSUPPORTED (more than 65,535 colours)
 */
export function decodeMaskPng(bytes: Uint8Array, file: string): MaskPng {
  const png = decodePngNumbers(bytes, file)
  const { width, height, bitDepth } = png
  const palette = png.colourType === 3 ? png.palette : null
  const white = png.colourType === 3 || !isGrey(png) ? 0 : 2 ** bitDepth - 1
  return { width, height, labels: labelsOf(png, file, white), white, bitDepth, palette }
}

/** The pixels of a mask: all that are not 0, or only those with the number `label`. */
export function maskOf(
  labels: { readonly width: number; readonly height: number; readonly labels: ArrayLike<number> },
  label?: number,
): Mask {
  const { width, height, labels: numbers } = labels
  const bits = new Uint8Array(width * height)
  for (let i = 0; i < bits.length; i++) {
    const value = numbers[i]!
    bits[i] = (label === undefined ? value !== 0 : value === label) ? 1 : 0
  }
  return { width, height, bits }
}

/** The numbers other than 0 that occur, ascending: several may mean several instances. */
export function maskLevels(labels: ArrayLike<number>): readonly MaskLevel[] {
  const counts = new Map<number, number>()
  for (let from = 0; from < labels.length;) {
    // Masks are made of long runs of one value: one look-up a run.
    const value = labels[from]!
    let to = from + 1
    while (to < labels.length && labels[to] === value) to++
    if (value !== 0) counts.set(value, (counts.get(value) ?? 0) + to - from)
    from = to
  }
  return [...counts].map(([value, pixels]) => ({ value, pixels })).sort((a, b) => a.value - b.value)
}

/**
 * A mask as a grey PNG: 1 bit a pixel, or 8 bits with 255 for set pixels. Same mask, same bytes. Both sides must be at
 * least 1.
 */
export function encodeMaskPng(mask: Mask, bitDepth: 1 | 8 = 8): Uint8Array {
  assertMask(mask)
  const { width, height, bits } = mask
  if (bitDepth === 8) {
    const data = new Uint8Array(bits.length)
    for (let i = 0; i < data.length; i++) data[i] = bits[i] === 0 ? 0 : 255
    return encode({ width, height, data, channels: 1, depth: 8 }, options)
  }
  const stride = Math.ceil(width / 8)
  const data = new Uint8Array(height * stride)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (bits[y * width + x] !== 0) data[y * stride + (x >> 3)]! |= 128 >> (x & 7)
    }
  }
  return encode({ width, height, data, channels: 1, depth: 1 }, options)
}

/**
 * A palette PNG of 8 bits. `indices` holds `width * height` numbers, row-major, each below `colours.length` (at most 256).
 * Same input, same bytes.
 */
export function encodePalettePng(
  width: number,
  height: number,
  indices: Uint8Array,
  colours: readonly (readonly [red: number, green: number, blue: number])[],
): Uint8Array {
  if (indices.length !== width * height) {
    throw new RangeError(`${width}x${height} pixels need ${width * height} indices`)
  }
  if (colours.length < 1 || colours.length > 256) {
    throw new RangeError(`a palette has 1 to 256 colours, not ${colours.length}`)
  }
  const palette = colours.map((colour) => [...colour])
  return encode({ width, height, data: indices, channels: 1, depth: 8, palette }, options)
}

const options = { zlib: { level: 6 } } as const

function isGrey({ colourType, channels, values }: PngNumbers): boolean {
  if (colourType === 0 || colourType === 4) return true
  for (let at = 0; at < values.length; at += channels) {
    if (values[at] !== values[at + 1] || values[at] !== values[at + 2]) return false
  }
  return true
}

function labelsOf(png: PngNumbers, file: string, white: number): Uint8Array | Uint16Array {
  const { channels, values, width, height, bitDepth } = png
  if (channels === 1) return values
  if (white === 0) return numberColours(png, file)
  const labels = bitDepth === 16 ? new Uint16Array(width * height) : new Uint8Array(width * height)
  for (let i = 0; i < labels.length; i++) labels[i] = values[channels * i]!
  return labels
}

function numberColours({ channels, values, width, height }: PngNumbers, file: string): Uint16Array {
  const labels = new Uint16Array(width * height)
  const numbers = new Map<number, number>([[0, 0]])
  for (let i = 0, at = 0; i < labels.length; i++, at += channels) {
    const colour = (values[at]! * 65_536 + values[at + 1]!) * 65_536 + values[at + 2]!
    let number = numbers.get(colour)
    if (number === undefined) {
      number = numbers.size
      if (number > 65_535)
        throw imageUnsupported(file, 'a photograph and no mask: it has more than 65,535 colours')
      numbers.set(colour, number)
    }
    labels[i] = number
  }
  return labels
}
