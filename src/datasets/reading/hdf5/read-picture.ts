import type { FileSource } from '../../../shared/dataset'
import { AppError } from '../../../shared/errors'
import { showPath } from '../../../shared/image-errors'
import type { RgbImage } from '../../../shared/vision/image'
import type { Hdf5Dataset } from './dataset'
import { findDatasets } from './find-datasets'
import { readRow, rowCount } from './read-row'

/**
 * One row of an HDF5 file as a picture. The data set has the shape (N, 3, height, width), RGB. Only this row is read.
 * @throws AppError E_HDF5_CORRUPT, E_HDF5_NO_IMAGES, E_TENSOR_SHAPE
 */
export async function readHdf5Picture(
  files: FileSource,
  file: string,
  dataset: string,
  index: number,
): Promise<RgbImage> {
  const found = await requireDataset(files, file, dataset, index)
  const [, channels, height = 0, width = 0] = found.shape
  if (found.shape.length !== 4 || channels !== 3) throw noPictures(file, dataset, found.shape)
  return rowToPicture(await readRow(found, index), width, height, found.type.startsWith('u'))
}

/** One row of latents: a vector for each layer of the generator, row-major. Throws as `readHdf5Picture`. */
export async function readHdf5Latent(
  files: FileSource,
  file: string,
  index: number,
  dataset = 'latents',
): Promise<{ readonly shape: readonly number[]; readonly values: Float32Array }> {
  const found = await requireDataset(files, file, dataset, index)
  return { shape: found.shape.slice(1), values: Float32Array.from(await readRow(found, index)) }
}

/** Above it, numbers are no overshoot of -1…1 any more. */
const farOutside = 4

/** Whether the numbers of a row are meant as -1…1; otherwise they are bytes, or floats that count 0…255. */
export function isNominal(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]!) > farOutside) return false
  return true
}

/**
 * `3 * height * width` numbers, channel by channel, as an RGB picture. Nominal values run from -1 to 1 and may overshoot:
 * round(255 clamp((v + 1) / 2)). Rows far outside of that, and `areBytes`, are taken as 0…255.
 */
export function rowToPicture(
  values: Float64Array,
  width: number,
  height: number,
  areBytes = false,
): RgbImage {
  const pixels = width * height
  const data = new Uint8Array(3 * pixels)
  const nominal = !areBytes && isNominal(values)
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < pixels; i++) {
      const value = values[channel * pixels + i]!
      const level = nominal ? 255 * ((value + 1) / 2) : value
      data[3 * i + channel] = Math.round(Math.min(255, Math.max(0, level)))
    }
  }
  return { data, width, height }
}

async function requireDataset(
  files: FileSource,
  file: string,
  dataset: string,
  index: number,
): Promise<Hdf5Dataset> {
  const found = (await findDatasets(files, file, [dataset])).get(dataset)
  if (!found) throw noDataset(file, dataset)
  if (index < rowCount(found)) return found
  throw new AppError(
    'E_TENSOR_COUNT',
    `${showPath(file)} has no row ${index} of ${dataset}: it has ${rowCount(found)}.`,
    'The file was replaced since it was imported; import it again.',
  )
}

export const noDataset = (file: string, dataset: string) =>
  new AppError(
    'E_HDF5_NO_IMAGES',
    `${showPath(file)} has no data set named "${dataset}".`,
    'Choose the folder with the files 0.h5 to 9.h5 of this data set.',
  )

export const noPictures = (file: string, dataset: string, shape: readonly number[]) =>
  new AppError(
    'E_TENSOR_SHAPE',
    `${showPath(file)}: "${dataset}" has the shape ${shape.join('x')}, not N x 3 x height x width.`,
    'Write the pictures channel first, red, green and blue.',
  )
