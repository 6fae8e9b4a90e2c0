import type { FileSource, ImportProblem, ImportTools } from '../../shared/dataset'
import { imageUnsupported, showPath } from '../../shared/image-errors'
import { emptyMask } from '../../shared/vision/mask'
import { encodeMask } from '../../shared/vision/rle'
import { decodeMaskPng, maskLevels, maskOf, type MaskPng } from '../reading/mask-png'
import { warning } from '../reading/problems'
import { coverageProblems, type MaskContent } from './mask-content'

/** More colours than this are a photograph, not instances. */
const maxInstances = 64

/**
 * A PNG mask: 0 is background, anything else patch. Palette indices and colours tell several patches apart.
 * @throws AppError as `decodeMaskPng`
 */
export async function readPngMask(files: FileSource, file: string): Promise<MaskContent> {
  const png = decodeMaskPng(await files.read(file), file)
  const { width, height } = png
  const levels = maskLevels(png.labels)
  const areInstances = png.white === 0 && levels.length > 1
  if (areInstances && levels.length > maxInstances) {
    throw imageUnsupported(file, `no mask: it has ${levels.length} colours`)
  }
  const instances = areInstances
    ? levels.map(({ value }) => encodeMask(maskOf(png, value)))
    : [encodeMask(maskOf(png))]
  const problems = [...valueProblems(file, png, levels), ...coverageProblems(file, instances)]
  return { width, height, instances, problems }
}

function valueProblems(
  file: string,
  { white }: MaskPng,
  levels: readonly { readonly value: number }[],
): readonly ImportProblem[] {
  const shown = showPath(file)
  if (white === 0) {
    const message = `The mask ${shown} holds ${levels.length} different values, taken for as many patches.`
    return levels.length > 1 ? [warning({ file }, 'W_MASK_MULTI_VALUE', message)] : []
  }
  if (levels.every(({ value }) => value === white)) return []
  const message = `The mask ${shown} holds values other than 0 and ${white}; all but 0 were taken as set.`
  return [warning({ file }, 'W_MASK_VALUES', message)]
}

/**
 * A JPEG mask: set where the grey is at least 128. Only the host can decode it.
 * @throws AppError E_IMAGE_UNSUPPORTED without a decoder, and the codes of pictures
 */
export async function readJpegMask(file: string, tools: ImportTools): Promise<MaskContent> {
  if (!tools.decode) throw imageUnsupported(file, 'a mask in JPEG form')
  const { data, width, height } = await tools.decode(file)
  const mask = emptyMask(width, height)
  for (let i = 0; i < mask.bits.length; i++) {
    const grey = (data[3 * i]! + data[3 * i + 1]! + data[3 * i + 2]!) / 3
    mask.bits[i] = grey >= 128 ? 1 : 0
  }
  const instances = [encodeMask(mask)]
  const message = `The mask ${showPath(file)} was stored with loss; its edges may be off by a pixel.`
  const problems = [
    warning({ file }, 'W_MASK_LOSSY', message),
    ...coverageProblems(file, instances),
  ]
  return { width, height, instances, problems }
}
