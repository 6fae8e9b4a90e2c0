import { exifOrientation } from './image-header-tiff'
import { ImageFault } from './image-fault'
import type { ImageHeader } from './image-header'

interface Frame {
  readonly marker: number
  readonly precision: number
  readonly width: number
  readonly height: number
  readonly components: number
}

/** Reads the markers of a JPEG (ITU T.81, annex B) up to its end-of-image mark. */
export function readJpegHeader(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let frame: Frame | undefined
  let orientation: number | undefined
  let moreExpected = false
  let at = 2
  for (;;) {
    at = nextMarker(bytes, at)
    const marker = bytes[at]
    if (marker === undefined || marker === 0xd9) break
    const length = at + 2 < bytes.length ? view.getUint16(at + 1) : 0
    const body = at + 3
    const next = at + 1 + length
    if (length < 2 || next > bytes.length) break
    if (isFrame(marker) && length >= 8) {
      frame ??= {
        marker,
        precision: bytes[body]!,
        height: view.getUint16(body + 1),
        width: view.getUint16(body + 3),
        components: bytes[body + 5]!,
      }
    } else if (marker === 0xe1 && orientation === undefined && hasMark(bytes, body, 'Exif\0\0')) {
      orientation = exifOrientation(bytes.subarray(body + 6, next))
    } else if (marker === 0xe2 && hasMark(bytes, body, 'MPF\0')) {
      moreExpected = true
    }
    at = next
    // Picture data follows: nextMarker() steps over it, as it holds FF only before 00 or a restart mark.
  }
  if (frame === undefined) {
    throw new ImageFault('corrupt', 'the JPEG data stops before the size of the picture is stated')
  }
  return {
    ...describe(frame),
    ...(orientation === undefined ? {} : { orientation }),
    ...(bytes[at] === 0xd9 ? { end: at + 1 } : {}),
    moreExpected,
  }
}

function describe(frame: Frame) {
  const { marker, precision, width, height, components } = frame
  if (![0xc0, 0xc1, 0xc2, 0xc9, 0xca].includes(marker)) {
    throw new ImageFault('unsupported', 'a lossless or hierarchical JPEG')
  }
  if (precision !== 8) throw new ImageFault('unsupported', `a JPEG of ${precision} bits a channel`)
  const colour = ({ 1: 'grey', 3: 'rgb', 4: 'cmyk' } as const)[components]
  if (colour === undefined) {
    throw new ImageFault('corrupt', `its header says ${components} colour channels`)
  }
  return { format: 'jpeg', width, height, colour, depth: 8 } as const
}

/** Offset of the code byte of the next marker that carries a segment, or of the end mark; the length if there is none. */
function nextMarker(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(0xff, from)
  while (at >= 0 && at + 1 < bytes.length) {
    const code = bytes[at + 1]!
    const carriesNothing = code === 0 || code === 1 || (code >= 0xd0 && code <= 0xd8)
    if (code !== 0xff && !carriesNothing) return at + 1
    at = code === 0xff ? at + 1 : bytes.indexOf(0xff, at + 2)
  }
  return bytes.length
}

function isFrame(marker: number): boolean {
  const others = [0xc4, 0xc8, 0xcc] // Huffman tables, reserved, arithmetic conditioning
  return marker >= 0xc0 && marker <= 0xcf && !others.includes(marker)
}

function hasMark(bytes: Uint8Array, at: number, mark: string): boolean {
  for (let i = 0; i < mark.length; i++) {
    if (bytes[at + i] !== mark.charCodeAt(i)) return false
  }
  return true
}
