import { hash } from 'node:crypto'
import { AppError } from '../../shared/errors'
import {
  imageCorrupt,
  imageTimeout,
  imageTooLarge,
  imageTruncated,
  imageUnknownFormat,
  imageUnsupported,
  showPath,
  type ImageWarning,
} from '../../shared/image-errors'
import type { RgbImage } from '../../shared/vision/image'
import { decodeBmp } from './bmp'
import { applyOrientation, toRgb } from './decode-image-pixels'
import { decodeWithSharp, type Raster } from './decode-image-sharp'
import { ImageFault } from './image-fault'
import { extensionsOf, readImageHeader, type ImageFormat, type ImageHeader } from './image-header'
import { pathText, readRegularFile, type FilePath, type ReadFileOptions } from '../files/read-file'

export interface DecodeOptions extends ReadFileOptions {
  /** Width times height of the stored raster. Default 120 million. */
  readonly maxPixels?: number
  /** Seconds after which a decode is given up; default 10. */
  readonly timeoutSeconds?: number
}

export interface DecodedImage {
  /** Upright: the orientation of the file has been applied. */
  readonly image: RgbImage
  /** Of the file's bytes, as they were decoded; 64 hexadecimal digits. */
  readonly sha256: string
  /** Size of the file. */
  readonly bytes: number
  readonly format: ImageFormat
  /** The raster in the file, before the orientation was applied. */
  readonly storedWidth: number
  readonly storedHeight: number
  /** EXIF orientation 1..8; 1 if absent or invalid. */
  readonly orientation: number
  readonly warnings: readonly ImageWarning[]
}

export const defaultMaxPixels = 120_000_000
const maxSide = 65_500
/** Beyond this ratio letterboxing into a detector's input rounds the short side towards nothing. */
const extremeAspect = 100

/**
 * Reads, checks, hashes and decodes one picture. The bytes decide the format; size is checked before anything is decoded;
 * nothing that a viewer would refuse comes back as grey pixels.
 * @throws AppError E_FILE_NOT_FOUND, E_FILE_UNREADABLE, E_FILE_NOT_REGULAR, E_FILE_EMPTY, E_LINK, E_PATH_INVALID,
 * E_IMAGE_UNKNOWN_FORMAT, E_IMAGE_UNSUPPORTED, E_IMAGE_TOO_LARGE, E_IMAGE_TRUNCATED, E_IMAGE_CORRUPT, E_IMAGE_TIMEOUT
 */
export async function decodeImage(
  path: FilePath,
  options: DecodeOptions = {},
): Promise<DecodedImage> {
  const file = await readRegularFile(path, options)
  const decoded = await decodeImageBytes(file.bytes, options.name ?? pathText(path), options)
  return file.warnings.length === 0
    ? decoded
    : { ...decoded, warnings: [...file.warnings, ...decoded.warnings] }
}

/** `decodeImage` for bytes that are already in memory; `name` is used for messages and for its ending. */
export async function decodeImageBytes(
  bytes: Uint8Array,
  name: string,
  options: DecodeOptions = {},
): Promise<DecodedImage> {
  try {
    const header = readImageHeader(bytes)
    requireSize(header, name, options)
    const raster = await decodeRaster(bytes, header, secondsAllowed(options))
    const { image, alphaDropped } = toRgb(raster)
    const valid = header.orientation !== undefined && isOrientation(header.orientation)
    const orientation = valid ? header.orientation : 1
    return {
      image: applyOrientation(image, orientation),
      sha256: hash('sha256', bytes),
      bytes: bytes.length,
      format: header.format,
      storedWidth: raster.width,
      storedHeight: raster.height,
      orientation,
      warnings: headerWarnings(header, bytes.length, name, alphaDropped),
    }
  } catch (error) {
    throw error instanceof ImageFault ? faultError(error, name, options) : error
  }
}

/** @throws AppError E_IMAGE_TOO_LARGE, from the header alone */
export function requireSize(header: ImageHeader, name: string, options: DecodeOptions): void {
  const maxPixels = options.maxPixels ?? defaultMaxPixels
  const { width, height } = header
  const size = `${width} x ${height} pixels`
  if (width > maxSide || height > maxSide) {
    throw imageTooLarge(name, size, `${maxSide} pixels a side`)
  }
  if (width * height > maxPixels) {
    throw imageTooLarge(name, `${size} are ${megapixels(width * height)}`, megapixels(maxPixels))
  }
}

const megapixels = (pixels: number) => `${Number((pixels / 1e6).toPrecision(3))} megapixels`

async function decodeRaster(
  bytes: Uint8Array,
  header: ImageHeader,
  timeoutSeconds: number,
): Promise<Raster> {
  const { width, height } = header
  if (header.format === 'bmp') return { ...decodeBmp(bytes), width, height }
  const raster = await decodeWithSharp(bytes, header, timeoutSeconds)
  if (raster.width !== width || raster.height !== height) {
    throw new ImageFault(
      'corrupt',
      `its header says ${width}x${height} pixels and its data holds ${raster.width}x${raster.height}`,
    )
  }
  return raster
}

const secondsAllowed = (options: DecodeOptions) => options.timeoutSeconds ?? 10

const isOrientation = (value: number) => Number.isInteger(value) && value >= 1 && value <= 8

/** What is worth telling about a picture, from its header; whether alpha was dropped only a decode can tell. */
export function headerWarnings(
  header: ImageHeader,
  length: number,
  name: string,
  alphaDropped: boolean,
): readonly ImageWarning[] {
  const warnings: ImageWarning[] = []
  const warn = (code: string, what: string) =>
    warnings.push({ code, message: `${showPath(name)} ${what}` })
  const extension = /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase()
  const expected = extensionsOf[header.format]
  if (extension !== undefined && !expected.includes(extension)) {
    warn(
      'W_EXTENSION_MISMATCH',
      `holds a ${header.format.toUpperCase()} picture under the ending .${extension}; the contents were read.`,
    )
  }
  const { orientation, end } = header
  if (orientation !== undefined && !isOrientation(orientation)) {
    warn(
      'W_EXIF_INVALID',
      `states the orientation ${orientation}, which has no meaning; it was ignored.`,
    )
  } else if (orientation !== undefined && orientation !== 1) {
    warn('W_EXIF_ORIENTATION', `was turned upright (orientation ${orientation}).`)
  }
  if (header.colour === 'cmyk' || header.colour === 'lab') {
    warn(
      'W_COLOUR_CONVERTED',
      `was converted from ${header.colour === 'cmyk' ? 'CMYK' : 'Lab'} to RGB colours.`,
    )
  }
  if (header.depth > 8) {
    warn('W_BIT_DEPTH_REDUCED', `was reduced from ${header.depth} to 8 bits a channel.`)
  }
  if (alphaDropped) warn('W_ALPHA_DROPPED', 'is partly transparent; it was laid on black.')
  if (header.animated === true) {
    warn('W_ANIMATION_FIRST_FRAME', 'holds several frames or pages; only the first was read.')
  }
  if (end !== undefined && end < length && header.moreExpected !== true) {
    warn(
      'W_TRAILING_DATA',
      `has ${length - end} bytes behind the end of the picture; they were ignored.`,
    )
  }
  const longer = Math.max(header.width, header.height)
  if (longer > extremeAspect * Math.min(header.width, header.height)) {
    warn(
      'W_EXTREME_ASPECT',
      `is ${header.width}x${header.height} pixels: so narrow that a detector will hardly see anything.`,
    )
  }
  return warnings
}

/** The `AppError` that tells a fault of the bytes together with the file's name. */
export function faultError(fault: ImageFault, name: string, options: DecodeOptions): AppError {
  switch (fault.kind) {
    case 'unknown':
      return imageUnknownFormat(name, fault.reason)
    case 'unsupported':
      return imageUnsupported(name, fault.reason ?? 'a picture of a rare kind')
    case 'truncated':
      return imageTruncated(name, fault.reason ?? 'its data stops')
    case 'corrupt':
      return imageCorrupt(name, fault.reason ?? 'its data cannot be decoded')
    case 'timeout':
      return imageTimeout(name, secondsAllowed(options))
  }
}
