import { showPath, type ImageWarning } from '../../shared/image-errors'
import type { Turn } from './turn'

interface Size {
  readonly width: number
  readonly height: number
}

export interface Frame {
  /** Size of the upright picture. */
  readonly upright: Size
  /** For the coordinates of the annotations. */
  readonly turn: Turn
  readonly warnings: readonly ImageWarning[]
}

/**
 * In which frame the annotations speak: if the size that they state is that of the stored raster, in that; if it is that of
 * the turned raster only, in that; if no size is stated, in the stored raster.
 * @param stated null where the annotations state no size
 */
export function frameOf(
  file: string,
  stated: Size | null,
  stored: Size,
  orientation: number,
): Frame {
  const turned = orientation >= 5
  const upright = turned ? { width: stored.height, height: stored.width } : stored
  const asStored = stated === null || sameSize(stated, stored)
  const asTurned = !asStored && sameSize(stated, upright)
  const warnings: ImageWarning[] = []
  if (!asStored && !asTurned) {
    warnings.push({
      code: 'W_IMAGE_SIZE_MISMATCH',
      message:
        `${showPath(file)} is ${sizeText(stored)} pixels and the annotations say ${sizeText(stated)}; ` +
        'boxes were kept as given and not scaled.',
    })
  }
  if (orientation !== 1) {
    const given = asTurned
      ? 'boxes were taken as given, in the turned picture, whose size the annotations state'
      : `boxes were turned with it, as ${stated === null ? 'no size is stated' : 'the stated size is not that of the turned picture alone'}`
    warnings.push({
      code: 'W_EXIF_ORIENTATION',
      message: `${showPath(file)} was turned upright (orientation ${orientation}); ${given}.`,
    })
  }
  return { upright, turn: { orientation: asTurned ? 1 : orientation, ...stored }, warnings }
}

const sameSize = (a: Size, b: Size) => a.width === b.width && a.height === b.height
const sizeText = ({ width, height }: Size) => `${width}x${height}`
