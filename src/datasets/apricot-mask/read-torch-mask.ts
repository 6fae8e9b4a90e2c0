import type { FileSource } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { emptyMask } from '../../shared/vision/mask'
import { encodeMask } from '../../shared/vision/rle'
import { readTorch, tensorChunks, tensorOf, type Tensor } from '../reading/torch'
import { coverageProblems, type MaskContent } from './mask-content'
import { shrinkGrey, type Thumbnail } from './thumbnail'

const maxPixels = 120e6

/**
 * The entry `Mask` of a torch dictionary: floats count from 0.5 on, whole numbers above 0. Read as a stream: neither picture
 * nor mask is ever held as numbers.
 * @throws AppError the codes of `readTorch`, E_TENSOR_SHAPE, E_TENSOR_NOT_FINITE
 */
export async function readTorchMask(files: FileSource, file: string): Promise<MaskContent> {
  const tensor = tensorOf(await readTorch(files, file), 'Mask')
  if (!tensor) throw wrongShape(file, 'has no array named "Mask"')
  const [height, width] = planeOf(tensor, file)
  const mask = emptyMask(width, height)
  const isFloat = tensor.type.includes('f')
  let at = 0
  for await (const chunk of tensorChunks(files, tensor)) {
    for (let i = 0; i < chunk.length; i++) {
      const value = chunk[i]!
      if (!Number.isFinite(value)) throw notFinite(file, at)
      mask.bits[at++] = (isFloat ? value >= 0.5 : value > 0) ? 1 : 0
    }
  }
  const instances = [encodeMask(mask)]
  return { width, height, instances, problems: coverageProblems(file, instances) }
}

/** The entry `Image` (height x width x 3, floats 0…1 or whole numbers 0…255), shrunk; null if there is none. */
export async function readTorchThumbnail(
  files: FileSource,
  file: string,
): Promise<Thumbnail | null> {
  const tensor = tensorOf(await readTorch(files, file), 'Image')
  const [height, width, channels] = tensor ? squeezed(tensor.shape) : []
  if (!tensor || height === undefined || width === undefined || channels !== 3) return null
  if (width * height > maxPixels) return null
  const scale = tensor.type.includes('f') ? 255 : 1
  const grey = new Float32Array(width * height)
  let at = 0
  for await (const chunk of tensorChunks(files, tensor)) {
    for (let i = 0; i < chunk.length; i++) grey[Math.floor(at++ / 3)]! += (chunk[i]! * scale) / 3
  }
  return shrinkGrey(grey, width, height)
}

/** Height and width, without the axes of length one that the files have. */
function planeOf({ shape }: Tensor, file: string): readonly [height: number, width: number] {
  const [height, width] = planeSides(shape)
  if (height === undefined || width === undefined || height < 1 || width < 1) {
    throw wrongShape(file, `has a mask of ${shape.join('x')} instead of height x width`)
  }
  if (width * height > maxPixels) throw wrongShape(file, `has a mask of ${width}x${height}`)
  return [height, width]
}

function planeSides(shape: readonly number[]): readonly number[] {
  if (shape.length === 2) return shape
  // (1, H, W, 1) and (1, H, W) also where H or W is 1; otherwise whatever leaves two axes.
  if (shape.length === 4 && shape[0] === 1 && shape[3] === 1) return shape.slice(1, 3)
  if (shape.length === 3 && shape[0] === 1) return shape.slice(1)
  const sides = squeezed(shape)
  return sides.length === 2 ? sides : []
}

function squeezed(shape: readonly number[]): readonly number[] {
  return shape.filter((side) => side !== 1)
}

const wrongShape = (file: string, what: string) =>
  new AppError(
    'E_TENSOR_SHAPE',
    `${showPath(file)} ${what}.`,
    'A mask file holds a dictionary with "Image" and "Mask", as torch.save writes it.',
  )

const notFinite = (file: string, at: number) =>
  new AppError(
    'E_TENSOR_NOT_FINITE',
    `Number ${at} of the mask in ${showPath(file)} is not finite.`,
    'Masks hold numbers from 0 to 1.',
  )
