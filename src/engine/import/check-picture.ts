import { crc32 } from 'node:zlib'
import { AppError } from '../../shared/errors'
import type { ImageWarning } from '../../shared/image-errors'
import type { FilePath } from '../files/read-file'
import { faultError, headerWarnings, requireSize } from '../images/decode-image'
import { ImageFault } from '../images/image-fault'
import { extensionsOf, readImageHeader, type ImageFormat } from '../images/image-header'
import type { ImageHeader } from '../images/image-header'
import { pngChunks } from '../images/image-header-png'
import type { ImportSource } from './import-source'

/** Decodes a whole picture to see whether it can be; answers what was odd. @throws AppError E_IMAGE_… */
export type VerifyPicture = (bytes: Uint8Array, name: string) => Promise<readonly ImageWarning[]>

export interface CheckOptions {
  /** Width times height of the stored raster. Default 120 million. */
  readonly maxPixels?: number
  /** Decodes every picture, which finds damage in the middle of the data; without it headers and ends are looked at. */
  readonly verify?: VerifyPicture
}

/** What a file with pixels really is. */
export interface FileContents {
  /** Of the file's bytes; 64 hexadecimal digits. */
  readonly sha256: string
  readonly bytes: number
  readonly format: ImageFormat | 'hdf5'
  /** The raster in the file, before the orientation is applied; null for HDF5, where rows are described by the importer. */
  readonly stored: { readonly width: number; readonly height: number } | null
  /** EXIF orientation 1..8; 1 if absent or invalid. */
  readonly orientation: number
  /** What to open for the pixels. */
  readonly path: FilePath
}

export type CheckedFile =
  | {
      readonly kind: 'sound'
      readonly contents: FileContents
      readonly warnings: readonly ImageWarning[]
    }
  | { readonly kind: 'missing' }
  | { readonly kind: 'fault'; readonly error: AppError }

/** Reads one picture of a source once: digest, size and header come from the same bytes. */
export function checkPicture(
  source: ImportSource,
  name: string,
  options: CheckOptions,
): Promise<CheckedFile> {
  return answered(name, async () => {
    const file = await source.load(name)
    const header = readImageHeader(file.bytes)
    requireSize(header, name, options.maxPixels === undefined ? {} : options)
    requireComplete(header, file.bytes)
    const warnings = options.verify
      ? await options.verify(file.bytes, name)
      : headerWarnings(header, file.size, name, false)
    const { sha256, size: bytes } = file
    const { format, width, height } = header
    const path = await source.keep(name, file, extensionsOf[format][0] ?? format)
    const orientation = validOrientation(header.orientation)
    return {
      kind: 'sound',
      contents: { sha256, bytes, format, stored: { width, height }, orientation, path },
      warnings: [...file.warnings, ...warnings],
    }
  })
}

/** Digest of a file whose rows are pictures; the importer has checked what is in it. */
export function checkRows(source: ImportSource, name: string): Promise<CheckedFile> {
  return answered(name, async () => {
    const file = await source.digest(name)
    const path = await source.keep(name, file, 'h5')
    const { sha256, size: bytes } = file
    return {
      kind: 'sound',
      contents: { sha256, bytes, format: 'hdf5', stored: null, orientation: 1, path },
      warnings: file.warnings,
    }
  })
}

async function answered(name: string, look: () => Promise<CheckedFile>): Promise<CheckedFile> {
  try {
    return await look()
  } catch (error) {
    const fault = error instanceof ImageFault ? faultError(error, name, {}) : error
    if (!(fault instanceof AppError) || refusesImport(fault)) throw fault
    return fault.code === 'E_FILE_NOT_FOUND' ? { kind: 'missing' } : { kind: 'fault', error: fault }
  }
}

/** Faults that are not one file's own. */
const refusesImport = ({ code }: AppError) =>
  code.startsWith('E_ARCHIVE_') || code === 'E_DISK_FULL' || code.startsWith('E_WRITE_')

const validOrientation = (tag = 1) => (Number.isInteger(tag) && tag >= 1 && tag <= 8 ? tag : 1)

/** Cheap signs that a picture was cut off or changed: its end mark, and the check sums of PNG. */
function requireComplete(header: ImageHeader, bytes: Uint8Array): void {
  // Every viewer shows a GIF without its last byte, unharmed.
  if (header.end === undefined && header.format !== 'gif') {
    const name = header.format === 'webp' ? 'WebP' : header.format.toUpperCase()
    throw new ImageFault('truncated', `the ${name} data stops before the picture is complete`)
  }
  if (header.format === 'png') requireCheckSums(bytes)
}

function requireCheckSums(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (const { type, body, end } of pngChunks(bytes)) {
    const start = end - 8 - body.length // of the type, which the sum covers
    if (crc32(bytes.subarray(start, end - 4)) !== view.getUint32(end - 4)) {
      throw new ImageFault('corrupt', `the check sum of its PNG chunk ${type} is wrong`)
    }
    if (type === 'IEND') return
  }
}
