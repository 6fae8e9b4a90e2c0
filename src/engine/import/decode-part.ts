import type { PixelReference } from '../../shared/dataset'
import { pathInvalid, type ImageWarning } from '../../shared/image-errors'
import type { RgbImage } from '../../shared/vision'
import { readDatasetPicture } from '../studies/study-pictures'
import { diskSource } from './disk-source'

/**
 * The tile of a picture, or the row of an HDF5 file, as a picture of its own.
 * @throws AppError E_FILE_…, E_IMAGE_…, E_HDF5_…, E_PATH_INVALID
 */
export async function decodePart(
  path: string | Buffer,
  part: { readonly pixels: PixelReference; readonly contentId: string },
): Promise<{ image: RgbImage; sha256: string; warnings: readonly ImageWarning[] }> {
  if (typeof path !== 'string') throw pathInvalid(path.toString('latin1'), 'it is not UTF-8')
  const source = await diskSource(path)
  try {
    const image = await readDatasetPicture(source, {
      file: source.entry ?? '',
      pixels: part.pixels,
    })
    return { image, sha256: part.contentId, warnings: [] }
  } finally {
    source.close()
  }
}
