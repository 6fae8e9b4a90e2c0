import { imageCorrupt, imageTruncated } from '../../shared/image-errors'

interface PngChunks {
  /** The 13 bytes of the header. */
  readonly header: DataView
  readonly palette: readonly (readonly [number, number, number])[]
  /** The packed rows, put together. */
  readonly data: Uint8Array
}

const headerType = 0x49484452
const paletteType = 0x504c5445
const dataType = 0x49444154
const endType = 0x49454e44

/** Takes a PNG apart; check sums are checked. @throws AppError E_IMAGE_TRUNCATED, E_IMAGE_CORRUPT */
export function pngChunksOf(bytes: Uint8Array, file: string): PngChunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let header: DataView | undefined
  let palette: (readonly [number, number, number])[] = []
  const parts: Uint8Array[] = []
  for (let at = 8; ;) {
    if (at + 12 > bytes.length) throw imageTruncated(file, 'its last part is missing')
    const length = view.getUint32(at)
    const type = view.getUint32(at + 4)
    const end = at + 8 + length
    if (end + 4 > bytes.length) {
      throw imageTruncated(file, `a part of ${length} bytes at ${at} is cut short`)
    }
    if (view.getUint32(end) !== crc32(bytes.subarray(at + 4, end))) {
      throw imageCorrupt(file, `the check sum of the part at ${at} is wrong`)
    }
    const body = bytes.subarray(at + 8, end)
    if (type === headerType && length === 13) {
      header = new DataView(body.buffer, body.byteOffset, 13)
    } else if (header === undefined) {
      throw imageCorrupt(file, 'it does not begin with a header')
    } else if (type === paletteType) palette = readPalette(body, file)
    else if (type === dataType) parts.push(body)
    else if (type === endType) return { header, palette, data: join(parts) }
    at = end + 4
  }
}

function readPalette(body: Uint8Array, file: string): (readonly [number, number, number])[] {
  if (body.length % 3 !== 0 || body.length > 768) {
    throw imageCorrupt(file, `its palette has ${body.length} bytes`)
  }
  const palette: (readonly [number, number, number])[] = []
  for (let at = 0; at < body.length; at += 3) {
    palette.push([body[at]!, body[at + 1]!, body[at + 2]!])
  }
  return palette
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts
  if (parts.length === 1 && first) return first
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

let table: Uint32Array | undefined

/** The check sum of PNG and zip (ISO 3309). */
function crc32(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte
    for (let i = 0; i < 8; i++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ 0xedb88320
    return value
  })
  let sum = 0xffffffff
  for (let i = 0; i < bytes.length; i++) sum = table[(sum ^ bytes[i]!) & 255]! ^ (sum >>> 8)
  return (sum ^ 0xffffffff) >>> 0
}
