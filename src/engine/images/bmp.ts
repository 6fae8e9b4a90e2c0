import { bitMasks, maskedReader, type BitMasks } from './bmp-masks'
import { unpackRunLengths } from './bmp-run-length'
import { ImageFault } from './image-fault'
import type { ImageHeader } from './image-header'

/** Layout of a Windows or OS/2 bitmap. */
interface BmpLayout {
  readonly width: number
  readonly height: number
  readonly topDown: boolean
  readonly bitsPerPixel: number
  readonly compression: Compression
  /** BGR triples; empty above 8 bits a pixel. */
  readonly palette: Uint8Array
  readonly masks: BitMasks
  /** Where the pixels begin, and where they end if they are not run-length coded. */
  readonly start: number
  readonly end: number | undefined
}

type Compression = 'none' | 'rle8' | 'rle4' | 'masks'
const compressions: Readonly<Record<number, Compression>> = {
  0: 'none',
  1: 'rle8',
  2: 'rle4',
  3: 'masks',
  6: 'masks',
}

export function readBmpHeader(bytes: Uint8Array): ImageHeader {
  const layout = readLayout(bytes)
  const complete = layout.end === undefined || layout.end <= bytes.length
  return {
    format: 'bmp',
    width: layout.width,
    height: layout.height,
    colour: 'rgb',
    depth: 8,
    // Run lengths end where they end, and many writers pad the file: no trailing data is told for bitmaps.
    ...(complete ? { end: bytes.length } : {}),
  }
}

/**
 * Decodes a bitmap to RGBA, or to RGB if it has no alpha channel: `channels * width * height` bytes, top row first.
 * 1, 4, 8, 16, 24 and 32 bits a pixel, run-length coded or not. The caller has checked the size.
 * @throws ImageFault `truncated`, `corrupt` or `unsupported`
 */
export function decodeBmp(bytes: Uint8Array): { data: Uint8Array; channels: 3 | 4 } {
  const layout = readLayout(bytes)
  if (layout.end !== undefined && layout.end > bytes.length) {
    throw new ImageFault(
      'truncated',
      `the bitmap needs ${layout.end} bytes and the file has ${bytes.length}`,
    )
  }
  if (layout.bitsPerPixel <= 8) return { data: decodeIndexed(bytes, layout), channels: 3 }
  if (layout.bitsPerPixel === 24) return { data: decodeTriples(bytes, layout), channels: 3 }
  return decodeMasked(bytes, layout)
}

function readLayout(bytes: Uint8Array): BmpLayout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = view.getUint32(14, true)
  const old = headerBytes === 12
  if (!old && (headerBytes < 40 || headerBytes > 256)) {
    throw new ImageFault('corrupt', `the bitmap header says it has ${headerBytes} bytes`)
  }
  if (bytes.length < 14 + headerBytes) {
    throw new ImageFault('truncated', 'the bitmap header is cut off')
  }
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true)
  const signedHeight = old ? view.getUint16(20, true) : view.getInt32(22, true)
  const height = Math.abs(signedHeight)
  const bitsPerPixel = view.getUint16(old ? 24 : 28, true)
  const compression = compressionOf(old ? 0 : view.getUint32(30, true), bitsPerPixel)
  const masks = bitMasks(view, bitsPerPixel, compression === 'masks', headerBytes)
  const coded = compression === 'rle8' || compression === 'rle4'
  const start = view.getUint32(10, true)
  const tableStart = 14 + headerBytes + masks.bytesAfterHeader
  const colours = old ? 0 : view.getUint32(46, true)
  return {
    width,
    height,
    topDown: signedHeight < 0,
    bitsPerPixel,
    compression,
    palette: readPalette(bytes, tableStart, start, bitsPerPixel, colours, old ? 3 : 4),
    masks,
    start,
    end: coded ? undefined : start + rowBytes(width, bitsPerPixel) * height,
  }
}

function compressionOf(code: number, bitsPerPixel: number): Compression {
  const compression = compressions[code]
  if (compression === undefined) {
    throw new ImageFault('unsupported', `a bitmap with compression ${code}`)
  }
  const fits = {
    none: [1, 2, 4, 8, 16, 24, 32],
    rle8: [8],
    rle4: [4],
    masks: [16, 32],
  }[compression]
  if (!fits.includes(bitsPerPixel)) {
    throw new ImageFault(
      'corrupt',
      `the bitmap header says ${bitsPerPixel} bits a pixel with compression ${code}`,
    )
  }
  return compression
}

/** Rows are padded to four bytes. */
const rowBytes = (width: number, bitsPerPixel: number) => Math.ceil((width * bitsPerPixel) / 32) * 4

function readPalette(
  bytes: Uint8Array,
  from: number,
  pixelStart: number,
  bitsPerPixel: number,
  announced: number,
  entryBytes: number,
): Uint8Array {
  if (bitsPerPixel > 8) return new Uint8Array(0)
  const most = 2 ** bitsPerPixel
  const room = Math.max(0, Math.floor((Math.min(pixelStart, bytes.length) - from) / entryBytes))
  const count = Math.min(announced === 0 ? most : announced, most, room)
  // Indices beyond the table are black, as other readers have it.
  const palette = new Uint8Array(3 * most)
  for (let i = 0; i < count; i++) {
    palette.set(bytes.subarray(from + i * entryBytes, from + i * entryBytes + 3), 3 * i)
  }
  return palette
}

function decodeIndexed(bytes: Uint8Array, layout: BmpLayout): Uint8Array {
  const { width, height, bitsPerPixel, palette, compression } = layout
  const coded = compression === 'rle8' || compression === 'rle4'
  const indices = coded
    ? unpackRunLengths(bytes.subarray(layout.start), width, height, compression === 'rle4')
    : bytes.subarray(layout.start)
  const bits = coded ? 8 : bitsPerPixel
  const data = new Uint8Array(3 * width * height) // last, so that codes which end early cost little
  const stride = coded ? width : rowBytes(width, bitsPerPixel)
  const last = 2 ** bits - 1
  for (let y = 0; y < height; y++) {
    let to = 3 * width * (layout.topDown ? y : height - 1 - y)
    for (let x = 0; x < width; x++, to += 3) {
      const bit = x * bits
      const index = (indices[y * stride + (bit >> 3)]! >> (8 - bits - (bit & 7))) & last
      data[to] = palette[3 * index + 2]!
      data[to + 1] = palette[3 * index + 1]!
      data[to + 2] = palette[3 * index]!
    }
  }
  return data
}

function decodeTriples(bytes: Uint8Array, layout: BmpLayout): Uint8Array {
  const { width, height, start, topDown } = layout
  const data = new Uint8Array(3 * width * height)
  const stride = rowBytes(width, 24)
  for (let y = 0; y < height; y++) {
    let from = start + y * stride
    let to = 3 * width * (topDown ? y : height - 1 - y)
    for (let x = 0; x < width; x++, from += 3, to += 3) {
      data[to] = bytes[from + 2]!
      data[to + 1] = bytes[from + 1]!
      data[to + 2] = bytes[from]!
    }
  }
  return data
}

function decodeMasked(bytes: Uint8Array, layout: BmpLayout): { data: Uint8Array; channels: 3 | 4 } {
  const { width, height, start, topDown, bitsPerPixel, masks } = layout
  const stride = rowBytes(width, bitsPerPixel)
  const step = bitsPerPixel / 8
  const [red, green, blue, alpha] = masks.rgba.map(maskedReader)
  const channels = masks.rgba[3] === 0 ? 3 : 4
  const data = new Uint8Array(channels * width * height)
  let anyAlpha = false
  for (let y = 0; y < height; y++) {
    let from = start + y * stride
    let to = channels * width * (topDown ? y : height - 1 - y)
    for (let x = 0; x < width; x++, from += step, to += channels) {
      const low = bytes[from]! | (bytes[from + 1]! << 8)
      const pixel = step === 2 ? low : low | (bytes[from + 2]! << 16) | (bytes[from + 3]! << 24)
      data[to] = red!(pixel)
      data[to + 1] = green!(pixel)
      data[to + 2] = blue!(pixel)
      if (channels === 4) {
        const value = alpha!(pixel)
        data[to + 3] = value
        if (value !== 0) anyAlpha = true
      }
    }
  }
  // Writers that leave the alpha byte 0 everywhere mean an opaque picture, not an invisible one.
  if (channels === 4 && !anyAlpha) for (let i = 3; i < data.length; i += 4) data[i] = 255
  return { data, channels }
}
