import { exifOrientation } from './image-header-tiff'
import { ImageFault } from './image-fault'
import type { ImageHeader } from './image-header'

/** Reads the chunks of a WebP (RFC 9649). */
export function readWebpHeader(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = Math.min(8 + view.getUint32(4, true), bytes.length)
  const complete = 8 + view.getUint32(4, true) <= bytes.length
  let size: { width: number; height: number } | undefined
  let animated = false
  let orientation: number | undefined
  let at = 12
  while (at + 8 <= end) {
    const type = String.fromCharCode(...bytes.subarray(at, at + 4))
    const length = view.getUint32(at + 4, true)
    const body = bytes.subarray(at + 8, Math.min(at + 8 + length, end))
    if (type === 'VP8X' && body.length >= 10) {
      animated = (body[0]! & 2) !== 0
      size ??= { width: 1 + uint24(body, 4), height: 1 + uint24(body, 7) }
    } else if (type === 'VP8 ' && body.length >= 10) {
      size ??= { width: uint16(body, 6) & 0x3fff, height: uint16(body, 8) & 0x3fff }
    } else if (type === 'VP8L' && body.length >= 5 && body[0] === 0x2f) {
      const bits = uint16(body, 1) | (uint16(body, 3) << 16)
      size ??= { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
    } else if (type === 'EXIF') {
      // Some writers keep the mark of the JPEG segment in front.
      orientation = exifOrientation(body[0] === 0x45 ? body.subarray(6) : body)
    }
    at += 8 + length + (length % 2)
  }
  if (size === undefined) {
    throw complete
      ? new ImageFault('corrupt', 'the WebP data holds no picture')
      : new ImageFault('truncated', 'the WebP data stops before the size of the picture is stated')
  }
  return {
    format: 'webp',
    ...size,
    colour: 'rgb',
    depth: 8,
    animated,
    ...(orientation === undefined ? {} : { orientation }),
    ...(complete ? { end: end + (end % 2 === 1 && end < bytes.length ? 1 : 0) } : {}),
  }
}

const uint16 = (bytes: Uint8Array, at: number) => bytes[at]! | (bytes[at + 1]! << 8)
const uint24 = (bytes: Uint8Array, at: number) => uint16(bytes, at) | (bytes[at + 2]! << 16)
