import type { FileSource } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { readTorch, tensorOf, tensorValues } from '../reading/torch'

/** A by-product of making the data set: the latents of one picture, and its class. */
export interface LatentFile {
  /** `shape` is (1, layers, 512). */
  readonly shape: readonly number[]
  readonly values: Float32Array
  /** 0…9 */
  readonly label: number
}

const maxItems = 1e6

/**
 * Reads `latents/<7 digits>.pt`: a dictionary with `z` (floats) and `y` (one whole number), in either container of torch.
 * @throws AppError E_PICKLE_FORBIDDEN, E_PICKLE_MALFORMED, E_TENSOR_SHAPE, E_TENSOR_NOT_FINITE
 */
export async function readLatentFile(files: FileSource, file: string): Promise<LatentFile> {
  const value = await readTorch(files, file)
  const [z, y] = [tensorOf(value, 'z'), tensorOf(value, 'y')]
  if (!z || y?.itemCount !== 1 || z.itemCount > maxItems) throw wrongShape(file)
  const values = Float32Array.from(await tensorValues(files, z))
  const [label = NaN] = await tensorValues(files, y)
  if (!values.every(Number.isFinite) || !Number.isInteger(label)) throw notFinite(file)
  return { shape: z.shape, values, label }
}

const wrongShape = (file: string) =>
  new AppError(
    'E_TENSOR_SHAPE',
    `${showPath(file)} holds no latents "z" with one class "y".`,
    'Latent files of OM-ImageNet hold a dictionary with z of 1 x 14 x 512 numbers and y of one.',
  )

const notFinite = (file: string) =>
  new AppError(
    'E_TENSOR_NOT_FINITE',
    `${showPath(file)} holds a number that is not finite.`,
    'Make the file again, or leave it out.',
  )
