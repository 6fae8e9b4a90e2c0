import {
  fileEmpty,
  imageCorrupt,
  imageTooLarge,
  imageTruncated,
  imageUnknownFormat,
} from '../../shared/image-errors'
import { InflateFault, inflateZlib } from './mask-png-inflate'
import { pngChunksOf } from './mask-png-chunks'

/** The numbers stored in a PNG, untouched: palette indices instead of colours, 16-bit values in full. */
export interface PngNumbers {
  readonly width: number
  readonly height: number
  readonly bitDepth: 1 | 2 | 4 | 8 | 16
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colourType: number
  readonly channels: number
  /** `channels * width * height` numbers, HWC. */
  readonly values: Uint8Array | Uint16Array
  readonly palette: readonly (readonly [number, number, number])[]
}

const maxPixels = 120e6
const maxSide = 65_500
const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** @throws AppError as `decodeMaskPng` */
export function decodePngNumbers(bytes: Uint8Array, file: string): PngNumbers {
  if (bytes.length === 0) throw fileEmpty(file)
  if (signature.some((byte, i) => bytes[i] !== byte)) {
    throw bytes.length < signature.length && signature.every((b, i) => (bytes[i] ?? b) === b)
      ? imageTruncated(file, 'it ends before the header')
      : imageUnknownFormat(file, 'no PNG')
  }
  const { header, palette, data } = pngChunksOf(bytes, file)
  const frame = readHeader(header, file)
  const { width, height, interlaced, bitDepth, colourType, channels } = frame
  const passes = interlaced
    ? passesOf(width, height)
    : [{ x: 0, y: 0, dx: 1, dy: 1, width, height }]
  const rowBytes = (columns: number) => Math.ceil((columns * bitDepth * channels) / 8)
  const needed = passes.reduce((sum, pass) => sum + pass.height * (1 + rowBytes(pass.width)), 0)
  let rows: Uint8Array
  try {
    rows = inflateZlib(data, needed)
  } catch (error) {
    if (!(error instanceof InflateFault)) throw error
    throw (error.kind === 'truncated' ? imageTruncated : imageCorrupt)(file, error.message)
  }
  const total = width * height * channels
  const values = bitDepth === 16 ? new Uint16Array(total) : new Uint8Array(total)
  let at = 0
  for (const pass of passes) {
    const stride = 1 + rowBytes(pass.width)
    const part = rows.subarray(at, at + stride * pass.height)
    at += part.length
    unfilter(part, pass.height, stride, Math.max(1, (bitDepth * channels) >> 3), file)
    unpack(part, stride, pass, frame, values)
  }
  return { width, height, bitDepth, colourType, channels, values, palette }
}

interface Frame {
  readonly width: number
  readonly height: number
  readonly bitDepth: 1 | 2 | 4 | 8 | 16
  readonly colourType: number
  readonly channels: number
  readonly interlaced: boolean
}

const kinds: Readonly<Record<number, { readonly channels: number; readonly depths: number[] }>> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
}

function readHeader(header: DataView, file: string): Frame {
  const [width, height] = [header.getUint32(0), header.getUint32(4)]
  const bitDepth = header.getUint8(8)
  const colourType = header.getUint8(9)
  const kind = kinds[colourType]
  if (!isDepth(bitDepth) || !kind?.depths.includes(bitDepth)) {
    throw imageCorrupt(file, `its header names colour type ${colourType} with ${bitDepth} bits`)
  }
  if (header.getUint8(10) !== 0 || header.getUint8(11) !== 0 || header.getUint8(12) > 1) {
    throw imageCorrupt(file, 'its header names an unknown compression, filter or interlacing')
  }
  if (width === 0 || height === 0) throw imageCorrupt(file, `it claims ${width}x${height} pixels`)
  if (width * height > maxPixels || Math.max(width, height) > maxSide) {
    throw imageTooLarge(file, `${width}x${height} pixels`, '120 megapixels, a side 65,500')
  }
  const interlaced = header.getUint8(12) === 1
  return { width, height, bitDepth, colourType, channels: kind.channels, interlaced }
}

function isDepth(value: number): value is 1 | 2 | 4 | 8 | 16 {
  return [1, 2, 4, 8, 16].includes(value)
}

/** Every `dx`-th pixel from `x` in every `dy`-th row from `y`. */
interface Pass {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
  readonly width: number
  readonly height: number
}

/** The seven passes of an interlaced picture, without those that have no pixel. */
function passesOf(width: number, height: number): readonly Pass[] {
  const grid = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const
  return grid
    .map(([x, y, dx, dy]) => {
      const columns = Math.ceil((width - x) / dx)
      return { x, y, dx, dy, width: columns, height: Math.ceil((height - y) / dy) }
    })
    .filter((pass) => pass.width > 0 && pass.height > 0)
}

/** Undoes the filters in place. Each row begins with the number of its filter. */
function unfilter(
  rows: Uint8Array,
  height: number,
  stride: number,
  step: number,
  file: string,
): void {
  for (let y = 0; y < height; y++) {
    const filter = rows[y * stride]!
    if (filter > 4) throw imageCorrupt(file, `row ${y} has the unknown filter ${filter}`)
    if (filter === 0) continue
    const first = y * stride + 1
    for (let i = 0; i < stride - 1; i++) {
      const at = first + i
      const left = i < step ? 0 : rows[at - step]!
      const above = y === 0 ? 0 : rows[at - stride]!
      const corner = y === 0 || i < step ? 0 : rows[at - stride - step]!
      const guess =
        filter === 1
          ? left
          : filter === 2
            ? above
            : filter === 3
              ? (left + above) >> 1
              : paeth(left, above, corner)
      rows[at] = rows[at]! + guess
    }
  }
}

function paeth(left: number, above: number, corner: number): number {
  const estimate = left + above - corner
  const [toLeft, toAbove] = [Math.abs(estimate - left), Math.abs(estimate - above)]
  const toCorner = Math.abs(estimate - corner)
  if (toLeft <= toAbove && toLeft <= toCorner) return left
  return toAbove <= toCorner ? above : corner
}

function unpack(
  rows: Uint8Array,
  stride: number,
  pass: Pass,
  { width, channels, bitDepth }: Frame,
  values: Uint8Array | Uint16Array,
): void {
  const last = 2 ** bitDepth - 1
  for (let y = 0; y < pass.height; y++) {
    const from = y * stride + 1
    let to = ((pass.y + y * pass.dy) * width + pass.x) * channels
    for (let i = 0; i < pass.width * channels; i++) {
      const bit = i * bitDepth
      const at = from + (bit >> 3)
      values[to] =
        bitDepth === 16
          ? (rows[at]! << 8) | rows[at + 1]!
          : (rows[at]! >> (8 - bitDepth - (bit & 7))) & last
      to += (i + 1) % channels === 0 ? (pass.dx - 1) * channels + 1 : 1
    }
  }
}
