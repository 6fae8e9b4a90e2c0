import { tiffPicture } from './picture-size-tiff'

/** The stored raster in pixels, before any turning that EXIF asks for. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** Up to `length` bytes from `offset`; fewer at the end of the file. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>

/** Metadata before the frame of a JPEG is skipped unread, so even large profiles cost a few reads. */
const maxJpegSegments = 4096
const startBytes = 4096

/**
 * Reads the size of a JPEG, PNG, WebP, BMP, GIF or TIFF from its header without decoding it. The bytes decide the format.
 * Null if the bytes are of no such format, or the header is cut off, or states an empty picture.
 */
export async function pictureSize(readAt: ReadAt): Promise<PictureSize | null> {
  const start = await readAt(0, startBytes)
  if (start.length < 24) return null
  // Opening a file again costs more than looking at it: most headers end within the first piece.
  const readOn: ReadAt = (offset, length) =>
    offset + length <= start.length
      ? Promise.resolve(start.subarray(offset, offset + length))
      : readAt(offset, length)
  const found = sizeInStart(start) ?? (await sizeBeyondStart(start, readOn))
  return found !== null && found.width > 0 && found.height > 0 ? found : null
}

function sizeInStart(start: Uint8Array): PictureSize | null {
  const view = viewOf(start)
  if (begins(start, '\x89PNG\r\n\x1a\n') && begins(start, 'IHDR', 12)) {
    return { width: view.getUint32(16), height: view.getUint32(20) }
  }
  if (begins(start, 'BM') && start.length >= 26) {
    const old = view.getUint32(14, true) === 12
    if (old) return { width: view.getUint16(18, true), height: view.getUint16(20, true) }
    // A negative height says that the first row is the top one.
    return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) }
  }
  if (begins(start, 'RIFF') && begins(start, 'WEBP', 8) && start.length >= 30) return webp(view)
  return null
}

function sizeBeyondStart(start: Uint8Array, readAt: ReadAt): Promise<PictureSize | null> {
  if (begins(start, '\xff\xd8\xff')) return jpeg(readAt)
  if (begins(start, 'GIF87a') || begins(start, 'GIF89a')) return gif(start, readAt)
  return tiffPicture(start, readAt)
}

/** RFC 9649: the extended header, or the frame header of the lossy or lossless coding. */
function webp(view: DataView): PictureSize | null {
  const uint24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
  const kind = view.getUint32(12)
  if (kind === 0x56503858) return { width: 1 + uint24(24), height: 1 + uint24(27) } // VP8X
  if (kind === 0x56503820) {
    // 'VP8 '
    const [width, height] = [view.getUint16(26, true), view.getUint16(28, true)]
    return { width: width & 0x3fff, height: height & 0x3fff }
  }
  if (kind !== 0x5650384c || view.getUint8(20) !== 0x2f) return null // VP8L
  const bits = view.getUint32(21, true)
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
}

/** A first frame may reach over the screen that the file announces; decoders enlarge the screen. */
async function gif(start: Uint8Array, readAt: ReadAt): Promise<PictureSize | null> {
  const screen = viewOf(start)
  let [width, height] = [screen.getUint16(6, true), screen.getUint16(8, true)]
  const table = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0)
  let at = 13 + table(screen.getUint8(10))
  for (let blocks = 0; blocks < 4096; blocks++) {
    const block = await readAt(at, 10)
    if (block[0] === 0x21) {
      at = await behindSubBlocks(readAt, at + 2)
      continue
    }
    if (block[0] !== 0x2c || block.length < 10) break
    const frame = viewOf(block)
    width = Math.max(width, frame.getUint16(1, true) + frame.getUint16(5, true))
    height = Math.max(height, frame.getUint16(3, true) + frame.getUint16(7, true))
    return { width, height }
  }
  return null
}

async function behindSubBlocks(readAt: ReadAt, from: number): Promise<number> {
  let at = from
  for (let blocks = 0; blocks < 65_536; blocks++) {
    const length = (await readAt(at, 1))[0]
    at += 1 + (length ?? 0)
    if (length === undefined || length === 0) break
  }
  return at
}

/** Steps over the segments of a JPEG (ITU T.81, annex B) to the frame header. */
async function jpeg(readAt: ReadAt): Promise<PictureSize | null> {
  let at = 2
  for (let segments = 0; segments < maxJpegSegments; segments++) {
    const head = await readAt(at, 10)
    const marker = head[1]
    if (head.length < 4 || head[0] !== 0xff || marker === undefined) return null
    if (marker === 0xff || marker === 0x01) {
      at += marker === 0xff ? 1 : 2 // a fill byte, or a mark without data
      continue
    }
    if (marker === 0xd9 || marker === 0xda) return null
    const view = viewOf(head)
    if (isFrame(marker)) {
      if (head.length < 9) return null
      return { width: view.getUint16(7), height: view.getUint16(5) }
    }
    const length = view.getUint16(2)
    if (length < 2) return null
    at += 2 + length
  }
  return null
}

function isFrame(marker: number): boolean {
  const others = [0xc4, 0xc8, 0xcc] // Huffman tables, reserved, arithmetic conditioning
  return marker >= 0xc0 && marker <= 0xcf && !others.includes(marker)
}

function begins(bytes: Uint8Array, mark: string, offset = 0): boolean {
  for (let i = 0; i < mark.length; i++) {
    if (bytes[offset + i] !== mark.charCodeAt(i)) return false
  }
  return true
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
