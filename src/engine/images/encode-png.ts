import { promisify } from 'node:util'
import { constants, crc32, deflate } from 'node:zlib'
import type { RgbImage } from '../../shared/vision/image'
import type { Mask } from '../../shared/vision/mask'

const deflated = promisify(deflate)
const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

/** A mask as a grey PNG of 8 bits: 255 in the mask, 0 outside. */
export async function maskToPng(mask: Mask): Promise<Uint8Array> {
  const { width, height, bits } = mask
  requireLength(bits.length, width, height)
  const rows = new Uint8Array(height * (width + 1)) // each row begins with its filter: 0, none
  for (let y = 0, from = 0, to = 1; y < height; y++, to++) {
    for (let x = 0; x < width; x++) rows[to++] = bits[from++] === 0 ? 0 : 255
  }
  return greyPng(rows, width, height, 8)
}

/** A picture as a PNG of 8 bits a channel. */
export async function rgbToPng({ data, width, height }: RgbImage): Promise<Uint8Array> {
  requireLength(data.length, width, 3 * height)
  const stride = 3 * width
  const rows = new Uint8Array(height * (stride + 1))
  for (let y = 0, from = 0, to = 0; y < height; y++) {
    rows[to++] = 1 // each value as the difference to that of the pixel on its left
    for (let x = 0; x < stride; x++, from++) {
      rows[to++] = x < 3 ? data[from]! : data[from]! - data[from - 3]!
    }
  }
  const header = pngHeader(width, height, 8)
  header[9] = 2 // red, green and blue
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', await deflated(rows, { level: 6, strategy: constants.Z_FILTERED })),
    chunk('IEND', new Uint8Array(0)),
  ])
}

/** A mask to lay over a picture, as a PNG of one bit a pixel: white in the mask, transparent outside. */
export async function maskOverlayPng(mask: Mask): Promise<Uint8Array> {
  const { width, height, bits } = mask
  requireLength(bits.length, width, height)
  const stride = Math.ceil(width / 8) + 1
  const rows = new Uint8Array(height * stride)
  for (let y = 0, from = 0; y < height; y++) {
    const row = y * stride + 1
    for (let x = 0; x < width; x++, from++) {
      if (bits[from] !== 0) rows[row + (x >> 3)]! |= 0x80 >> (x & 7)
    }
  }
  const header = pngHeader(width, height, 1)
  header[9] = 3 // by palette
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', Uint8Array.of(0, 0, 0, 255, 255, 255)),
    chunk('tRNS', Uint8Array.of(0, 255)),
    chunk('IDAT', await deflated(rows, { level: 6 })),
    chunk('IEND', new Uint8Array(0)),
  ])
}

/**
 * Probabilities as a grey PNG of 16 bits: `round(65535 * p)`. `probabilities` holds `width * height` numbers, row-major;
 * what lies outside 0..1 is clipped, NaN becomes 0.
 */
export async function probabilitiesToPng(
  probabilities: Float32Array,
  width: number,
  height: number,
): Promise<Uint8Array> {
  requireLength(probabilities.length, width, height)
  const stride = 2 * width + 1
  const rows = new Uint8Array(height * stride)
  let from = 0
  for (let y = 0; y < height; y++) {
    let to = y * stride + 1
    for (let x = 0; x < width; x++, to += 2) {
      const p = probabilities[from++]!
      const value = p > 0 ? Math.round(65_535 * Math.min(p, 1)) : 0
      rows[to] = value >> 8
      rows[to + 1] = value & 255
    }
  }
  return greyPng(rows, width, height, 16)
}

async function greyPng(
  rows: Uint8Array,
  width: number,
  height: number,
  depth: 8 | 16,
): Promise<Uint8Array> {
  const header = pngHeader(width, height, depth)
  const data = await deflated(rows, {
    level: depth === 8 ? 6 : 3, // masks shrink well at any level, probabilities at none
    strategy: depth === 8 ? constants.Z_DEFAULT_STRATEGY : constants.Z_FILTERED,
  })
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', new Uint8Array(0)),
  ])
}

/** Of a grey picture. */
function pngHeader(width: number, height: number, depth: number): Uint8Array {
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header[8] = depth
  return header
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + body.length)
  bytes.writeUInt32BE(body.length, 0)
  bytes.write(type, 4, 'latin1')
  bytes.set(body, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + body.length)), 8 + body.length)
  return bytes
}

function requireLength(length: number, width: number, height: number): void {
  if (length !== width * height) {
    throw new RangeError(`${width}x${height} pixels need ${width * height} values, not ${length}`)
  }
}
