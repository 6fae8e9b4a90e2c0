import { readBmpHeader } from './bmp'
import { readGifHeader } from './image-header-gif'
import { readJpegHeader } from './image-header-jpeg'
import { readPngHeader } from './image-header-png'
import { readTiffHeader } from './image-header-tiff'
import { readWebpHeader } from './image-header-webp'
import { ImageFault } from './image-fault'

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'bmp'

/** What a picture says of itself, read from its bytes without decoding a pixel. */
export interface ImageHeader {
  readonly format: ImageFormat
  /** Stored raster, before the orientation is applied. */
  readonly width: number
  readonly height: number
  /** Value of the EXIF tag as found, valid or not. */
  readonly orientation?: number
  readonly colour: 'grey' | 'rgb' | 'cmyk' | 'lab'
  /** Bits of one channel, up to 16. */
  readonly depth: number
  /** More than one frame or page. */
  readonly animated?: boolean
  /** Offset behind the last byte of the picture; undefined if its end was not found. */
  readonly end?: number
  /** Bytes behind the end belong to the picture, such as the further pictures of a multi-picture JPEG. */
  readonly moreExpected?: boolean
}

type Reader = (bytes: Uint8Array) => ImageHeader

/** The extensions under which each format is expected, the usual one first. */
export const extensionsOf: Readonly<Record<ImageFormat, readonly string[]>> = {
  jpeg: ['jpg', 'jpeg', 'jpe', 'jfif'],
  png: ['png', 'apng'],
  webp: ['webp'],
  gif: ['gif'],
  tiff: ['tif', 'tiff'],
  bmp: ['bmp', 'dib'],
}

/**
 * Decides the format from the first bytes and reads the header.
 * @throws ImageFault `unknown`, `unsupported`, `corrupt` or `truncated`
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader {
  const reader = readerFor(bytes)
  if (reader === undefined) throw unknownBytes(bytes)
  const header = reader(bytes)
  if (header.width < 1 || header.height < 1) {
    throw new ImageFault('corrupt', `its header says ${header.width}x${header.height} pixels`)
  }
  return header
}

function readerFor(bytes: Uint8Array): Reader | undefined {
  if (startsWith(bytes, '\xff\xd8\xff')) return readJpegHeader
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return readPngHeader
  if (startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8)) return readWebpHeader
  if (startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a')) return readGifHeader
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((mark) => startsWith(bytes, mark))) {
    return readTiffHeader
  }
  return startsWith(bytes, 'BM') && bytes.length >= 26 ? readBmpHeader : undefined
}

function unknownBytes(bytes: Uint8Array): ImageFault {
  const brand = startsWith(bytes, 'ftyp', 4) ? ascii(bytes, 8, 4) : ''
  if (/^(hei|hev|mif1|msf1)/.test(brand)) return new ImageFault('unsupported', 'a HEIC picture')
  if (/^avi[fs]/.test(brand)) return new ImageFault('unsupported', 'an AVIF picture')
  if (startsWith(bytes, '\xff\x0a') || startsWith(bytes, 'JXL ', 4)) {
    return new ImageFault('unsupported', 'a JPEG XL picture')
  }
  if (startsWith(bytes, 'jP  ', 4)) return new ImageFault('unsupported', 'a JPEG 2000 picture')
  if (startsWith(bytes, '8BPS')) return new ImageFault('unsupported', 'a Photoshop document')
  if (startsWith(bytes, '%PDF')) return new ImageFault('unknown', 'a PDF document')
  if (startsWith(bytes, 'PK\x03\x04')) return new ImageFault('unknown', 'a ZIP archive')
  const start = ascii(bytes, 0, 512).trimStart().toLowerCase()
  if (/<svg[\s>]/.test(start)) return new ImageFault('unknown', 'an SVG drawing')
  if (/^<(!doctype html|html)/.test(start)) return new ImageFault('unknown', 'a web page')
  if (/^[\x20-\x7e\s]{8,}$/.test(start)) return new ImageFault('unknown', 'text')
  return new ImageFault('unknown')
}

function startsWith(bytes: Uint8Array, mark: string, offset = 0): boolean {
  if (bytes.length < offset + mark.length) return false
  for (let i = 0; i < mark.length; i++) {
    if (bytes[offset + i] !== mark.charCodeAt(i)) return false
  }
  return true
}

function ascii(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length))
}
