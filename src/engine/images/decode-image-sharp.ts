import { sharp } from './guarded-sharp'
import { ImageFault } from './image-fault'
import type { ImageHeader } from './image-header'

/** A decoded raster, HWC; 16-bit values are kept for the caller to reduce. */
export interface Raster {
  readonly data: Uint8Array | Uint16Array
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 2 | 3 | 4
  readonly width: number
  readonly height: number
}

/** Below this many pixels a decode is over before a clock is worth starting. */
const pixelsWithoutTimeout = 2_000_000

/**
 * Decodes the first frame of a picture, as stored (no orientation). Embedded colour profiles are ignored except for CMYK,
 * so that the bytes are those of libjpeg, OpenCV and Pillow, on which detectors are trained.
 * @throws ImageFault `truncated`, `corrupt` or `timeout`
 */
export async function decodeWithSharp(
  bytes: Uint8Array,
  header: ImageHeader,
  timeoutSeconds: number,
): Promise<Raster> {
  try {
    return await decode(bytes, header, timeoutSeconds, 'warning')
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // libjpeg warns of surplus bytes between the data and the end mark. Every viewer shows such pictures, unharmed.
    if (!message.includes('extraneous bytes before marker')) throw faultOf(message, header)
  }
  try {
    return await decode(bytes, header, timeoutSeconds, 'error')
  } catch (error) {
    throw faultOf(error instanceof Error ? error.message : String(error), header)
  }
}

async function decode(
  bytes: Uint8Array,
  header: ImageHeader,
  timeoutSeconds: number,
  failOn: 'warning' | 'error',
): Promise<Raster> {
  const deep = header.depth > 8
  const grey = header.colour === 'grey'
  const pipeline = sharp(bytes, {
    failOn,
    ignoreIcc: header.colour !== 'cmyk',
    // The caller has checked the size; this holds a header to its word.
    limitInputPixels: header.width * header.height,
    sequentialRead: true,
    pages: 1,
  })
  if (header.width * header.height > pixelsWithoutTimeout) {
    pipeline.timeout({ seconds: timeoutSeconds })
  }
  if (deep) pipeline.toColourspace(grey ? 'grey16' : 'rgb16').raw({ depth: 'ushort' })
  else pipeline.toColourspace(grey ? 'b-w' : 'srgb').raw()
  const { data, info } = await pipeline.toBuffer({ resolveWithObject: true })
  return {
    data: deep
      ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2)
      : new Uint8Array(data.buffer, data.byteOffset, data.length),
    channels: info.channels, // sharp's raw output has one to four
    width: info.width,
    height: info.height,
  }
}

function faultOf(message: string, header: ImageHeader): ImageFault {
  if (message.startsWith('timeout')) return new ImageFault('timeout')
  const name = header.format.toUpperCase().replace('WEBP', 'WebP')
  if (header.end === undefined) {
    return new ImageFault('truncated', `the ${name} data stops before the picture is complete`)
  }
  // "Input buffer has corrupt header: VipsJpeg: bad Huffman code" and the like, often over several lines.
  const last = message.trim().split('\n').at(-1) ?? ''
  const detail = last
    .replace(/^(Input buffer has corrupt header: ?|\w*vips\w*: )+/gi, '')
    .replace('Warning treated as error due to failOn setting', '') // speaks of our own settings
    .trim()
  return new ImageFault(
    'corrupt',
    `its ${name} data cannot be decoded${detail === '' ? '' : ` (${detail})`}`,
  )
}
