import { promisify } from 'node:util'
import { crc32, inflate } from 'node:zlib'
import { ImageFault } from './image-fault'
import { pngChunks, readPngStart, type PngStart } from './image-header-png'

const inflated = promisify(inflate)

/**
 * The numbers stored in a PNG, untouched: palette indices instead of their colours and 16-bit values in full, which matters
 * for masks and which general decoders convert away.
 */
export interface RawPng {
  readonly width: number
  readonly height: number
  readonly depth: number
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colourType: number
  readonly channels: number
  /** `channels * width * height` numbers, HWC. */
  readonly values: Uint8Array | Uint16Array
}

const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** @throws ImageFault `truncated`, `corrupt`, or `unsupported` for interlaced files */
export async function decodePngRaw(bytes: Uint8Array): Promise<RawPng> {
  const start = readPngStart(bytes)
  if (start.interlaced) throw new ImageFault('unsupported', 'an interlaced PNG mask')
  const channels = channelsOf[start.colourType]!
  const rowBytes = Math.ceil((start.width * start.depth * channels) / 8)
  const needed = start.height * (rowBytes + 1)
  const data = await inflateRows(imageData(bytes), needed)
  unfilter(data, start.height, rowBytes, Math.max(1, (start.depth * channels) >> 3))
  return {
    width: start.width,
    height: start.height,
    depth: start.depth,
    colourType: start.colourType,
    channels,
    values: unpack(data, start, rowBytes, channels),
  }
}

function imageData(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  for (const { type, body, end } of pngChunks(bytes)) {
    if (end > bytes.length) {
      throw new ImageFault('truncated', 'the PNG data stops before the picture is complete')
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset + end - 4, 4)
    if (crc32(body, crc32(type)) !== view.getUint32(0)) {
      throw new ImageFault('corrupt', `a check sum in its PNG data is wrong (${type})`)
    }
    if (type === 'IDAT') parts.push(body)
    if (type === 'IEND') return Buffer.concat(parts)
  }
  throw new ImageFault('truncated', 'the PNG data stops before the picture is complete')
}

async function inflateRows(data: Uint8Array, needed: number): Promise<Uint8Array> {
  let rows: Uint8Array
  try {
    // One byte more than needed is enough to see that a file holds more than it says.
    rows = await inflated(data, { maxOutputLength: needed + 1 })
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new ImageFault('corrupt', `its PNG data cannot be decoded (${detail})`)
  }
  if (rows.length < needed) {
    throw new ImageFault('corrupt', 'its PNG data holds fewer rows than its header says')
  }
  return rows
}

/** Undoes the filters in place (ISO/IEC 15948, 9.2). */
function unfilter(data: Uint8Array, height: number, rowBytes: number, step: number): void {
  const stride = rowBytes + 1
  for (let y = 0; y < height; y++) {
    const filter = data[y * stride]!
    if (filter > 4) throw new ImageFault('corrupt', `its PNG data names the filter ${filter}`)
    if (filter === 0) continue
    const first = y * stride + 1
    for (let i = 0; i < rowBytes; i++) {
      const at = first + i
      const left = i >= step ? data[at - step]! : 0
      const up = y > 0 ? data[at - stride]! : 0
      const corner = y > 0 && i >= step ? data[at - stride - step]! : 0
      data[at] = data[at]! + predict(filter, left, up, corner)
    }
  }
}

function predict(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left
  if (filter === 2) return up
  if (filter === 3) return (left + up) >> 1
  const estimate = left + up - corner
  const toLeft = Math.abs(estimate - left)
  const toUp = Math.abs(estimate - up)
  const toCorner = Math.abs(estimate - corner)
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}

function unpack(
  data: Uint8Array,
  { width, height, depth }: PngStart,
  rowBytes: number,
  channels: number,
): Uint8Array | Uint16Array {
  const perRow = width * channels
  const values = depth === 16 ? new Uint16Array(perRow * height) : new Uint8Array(perRow * height)
  const last = 2 ** depth - 1
  let to = 0
  for (let y = 0; y < height; y++) {
    const from = y * (rowBytes + 1) + 1
    if (depth === 8) {
      values.set(data.subarray(from, from + perRow), y * perRow)
      continue
    }
    for (let i = 0; i < perRow; i++) {
      if (depth === 16) values[to++] = (data[from + 2 * i]! << 8) | data[from + 2 * i + 1]!
      else {
        const bit = i * depth
        values[to++] = (data[from + (bit >> 3)]! >> (8 - depth - (bit & 7))) & last
      }
    }
  }
  return values
}
