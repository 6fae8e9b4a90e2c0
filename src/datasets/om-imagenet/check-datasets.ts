import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import type { FileSource, ImportProblem } from '../../shared/dataset'
import { findDatasets, rowCount, type Hdf5Dataset } from '../reading/hdf5'
import { noDataset, noPictures } from '../reading/hdf5/read-picture'
import { warning } from '../reading/problems'

/** Pictures of one file, and the latents that they were made of. */
export interface ClassData {
  readonly images: Hdf5Dataset
  readonly latents: Hdf5Dataset | null
  readonly side: { readonly width: number; readonly height: number }
  /** What is odd about all rows. */
  readonly problems: readonly ImportProblem[]
}

const layers = 14
const latentSize = 512

/**
 * Opens a file and checks shapes and kinds of numbers; no row is read.
 * @throws AppError E_HDF5_CORRUPT, E_HDF5_NO_IMAGES, E_TENSOR_SHAPE, E_TENSOR_COUNT
 */
export async function openClassFile(files: FileSource, file: string): Promise<ClassData> {
  const found = await findDatasets(files, file, ['images', 'latents'])
  const [images, latents] = [found.get('images'), found.get('latents') ?? null]
  if (!images) throw noDataset(file, 'images')
  const [, channels, height = 0, width = 0] = images.shape
  if (images.shape.length !== 4 || channels !== 3 || height < 1 || width < 1) {
    throw noPictures(file, 'images', images.shape)
  }
  if (latents && rowCount(latents) !== rowCount(images)) {
    throw wrongCount(file, rowCount(images), rowCount(latents))
  }
  const side = { width, height }
  return { images, latents, side, problems: oddities(file, images, latents) }
}

/** What is said of the pictures comes first; of the latents only if there is nothing to say of the pictures. */
function oddities(
  file: string,
  images: Hdf5Dataset,
  latents: Hdf5Dataset | null,
): readonly ImportProblem[] {
  if (images.type !== 'f4') {
    const kind = images.type.startsWith('u') ? 'whole numbers, taken as 0 to 255' : images.type
    const message = `The pictures in ${showPath(file)} are ${kind}, not floats of 32 bits.`
    return [warning({ file }, 'W_TENSOR_DTYPE', message)]
  }
  if (!latents || (latents.shape[1] === layers && latents.shape[2] === latentSize)) return []
  const message = `The latents in ${showPath(file)} have the shape ${latents.shape.join('x')}, not N x 14 x 512; they were kept.`
  return [warning({ file }, 'W_LATENT_SHAPE', message)]
}

const wrongCount = (file: string, images: number, latents: number) =>
  new AppError(
    'E_TENSOR_COUNT',
    `${showPath(file)} has ${images} pictures and ${latents} latents.`,
    'Each picture needs its latents; copy or make the file again.',
  )
