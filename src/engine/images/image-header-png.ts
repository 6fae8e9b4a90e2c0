import { exifOrientation } from './image-header-tiff'
import { ImageFault } from './image-fault'
import type { ImageHeader } from './image-header'

/** One chunk of a PNG; `body` is shorter than announced if the file ends early. */
export interface PngChunk {
  readonly type: string
  readonly body: Uint8Array
  /** Offset behind the chunk's check sum. */
  readonly end: number
}

export interface PngStart {
  readonly width: number
  readonly height: number
  readonly depth: number
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colourType: number
  readonly interlaced: boolean
}

/** Steps through the chunks (ISO/IEC 15948, 5.3) and ends where the file does. Check sums are left to the decoder. */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 8
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const end = at + 12 + length
    yield { type, body: bytes.subarray(at + 8, at + 8 + length), end }
    at = end
  }
}

export function readPngHeader(bytes: Uint8Array): ImageHeader {
  const start = readPngStart(bytes)
  let orientation: number | undefined
  let animated = false
  let dataSeen = false
  let end: number | undefined
  for (const chunk of pngChunks(bytes)) {
    if (chunk.type === 'IDAT') dataSeen = true
    else if (chunk.type === 'acTL' && !dataSeen) animated = true
    else if (chunk.type === 'eXIf') orientation = exifOrientation(chunk.body)
    else if (chunk.type === 'IEND') {
      if (chunk.end <= bytes.length) end = chunk.end
      break
    }
  }
  return {
    format: 'png',
    width: start.width,
    height: start.height,
    colour: start.colourType === 0 || start.colourType === 4 ? 'grey' : 'rgb',
    depth: start.depth,
    animated,
    ...(orientation === undefined ? {} : { orientation }),
    ...(end === undefined ? {} : { end }),
  }
}

/** @throws ImageFault if the first chunk is not a sound IHDR */
export function readPngStart(bytes: Uint8Array): PngStart {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 33) throw new ImageFault('truncated', 'the PNG header is cut off')
  if (view.getUint32(8) !== 13 || view.getUint32(12) !== 0x49484452) {
    throw new ImageFault('corrupt', 'the PNG data does not begin with its header')
  }
  const depth = bytes[24]!
  const colourType = bytes[25]!
  const allowed: Readonly<Record<number, readonly number[]>> = {
    0: [1, 2, 4, 8, 16],
    2: [8, 16],
    3: [1, 2, 4, 8],
    4: [8, 16],
    6: [8, 16],
  }
  if (allowed[colourType]?.includes(depth) !== true) {
    throw new ImageFault(
      'corrupt',
      `the PNG header says colour type ${colourType} with ${depth} bits`,
    )
  }
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    depth,
    colourType,
    interlaced: bytes[28] === 1,
  }
}
