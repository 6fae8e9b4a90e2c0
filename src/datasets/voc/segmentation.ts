import type { FileSource } from '../../shared/dataset'
import { type Rle, encodeMask } from '../../shared/vision/rle'
import type { FrameSize } from '../../shared/vision/rle-text'
import { maskSizeMismatch } from '../../shared/image-errors'
import { decodeMaskPng, maskOf, type MaskPng } from '../reading/mask-png'
import { joined, placeOf, stemOf } from './layout'

/** The objects of one picture: the palette index of a pixel is the one-based number of its object; 255 is no object's. */
export interface ObjectMasks {
  /** Null for an object without pixels. */
  maskOf(index: number): Rle | null
}

/**
 * Reads `SegmentationObject/<stem>.png`; null if there is none.
 * @throws AppError as `decodeMaskPng`, and E_MASK_SIZE_MISMATCH
 */
export async function readObjectMasks(
  files: FileSource,
  annotation: string,
  frame: FrameSize | null,
): Promise<ObjectMasks | null> {
  const name = maskFileOf(annotation, 'SegmentationObject')
  if (!(await files.has(name))) return null
  const png = decodeMaskPng(await files.read(name), name)
  if (frame !== null && (png.width !== frame.width || png.height !== frame.height)) {
    throw maskSizeMismatch(name, png, frame)
  }
  return { maskOf: (index) => objectMask(png, index + 1) }
}

/** Pixels with this number are the border of something, and nothing's own. */
export const border = 255

/** The mask picture of an annotation in one of the two folders. */
export function maskFileOf(
  annotation: string,
  folder: 'SegmentationObject' | 'SegmentationClass',
): string {
  return `${joined(placeOf(annotation).base, folder, stemOf(annotation))}.png`
}

function objectMask(png: MaskPng, number: number): Rle | null {
  if (number >= border || !png.labels.includes(number)) return null
  return encodeMask(maskOf(png, number))
}
