import type { FileSource, ImportProblem, ImportTools } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import type { ApricotImage } from '../reading/apricot/read-split'
import { withoutEnding } from '../reading/pictures'
import { skipBecause, skipFile } from '../reading/problems'
import type { MaskFile } from './mask-files'
import { readTorchThumbnail } from './read-torch-mask'
import { bestMatch, shrinkPicture, type Thumbnail } from './thumbnail'

export interface Pairing {
  readonly masks: ReadonlyMap<ApricotImage, MaskFile>
  readonly problems: readonly ImportProblem[]
}

/**
 * Finds the photograph of each mask of a split: by base name without regard to case, then, for torch files, by the picture
 * that they hold beside the mask. What cannot be paired is listed. Pass only masks that can belong to this split.
 */
export async function pairMasks(
  files: FileSource,
  images: readonly ApricotImage[],
  masks: readonly MaskFile[],
  tools: ImportTools,
): Promise<Pairing> {
  const paired = new Map<ApricotImage, MaskFile>()
  const byStem = new Map(images.map((image) => [stemOf(image), image]))
  const left: MaskFile[] = []
  for (const mask of masks) {
    const image = byStem.get(mask.stem)
    if (image && !paired.has(image)) paired.set(image, mask)
    else left.push(mask)
  }
  const problems: ImportProblem[] = []
  const thumbnails = new Map<ApricotImage, Thumbnail | null>()
  for (const mask of left) {
    try {
      const wanted = mask.kind === 'torch' ? await readTorchThumbnail(files, mask.file) : null
      const open = images.filter((image) => !paired.has(image))
      const candidates = wanted ? await thumbnailsOf(files, open, tools, thumbnails) : []
      const image = wanted ? bestMatch(wanted, candidates) : null
      if (image) paired.set(image, mask)
      else problems.push(unpaired(mask, tools))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      problems.push(skipBecause('skip-file', { file: mask.file }, error))
    }
  }
  return { masks: paired, problems }
}

export function stemOf({ baseName }: ApricotImage): string {
  return withoutEnding(baseName).toLowerCase()
}

/** Photographs are decoded once and shrunk at once, so that never more than one is in memory. */
async function thumbnailsOf(
  files: FileSource,
  images: readonly ApricotImage[],
  { decode }: ImportTools,
  known: Map<ApricotImage, Thumbnail | null>,
): Promise<readonly (readonly [ApricotImage, Thumbnail])[]> {
  const found: (readonly [ApricotImage, Thumbnail])[] = []
  if (!decode) return found
  for (const image of images) {
    let thumbnail = known.get(image)
    if (thumbnail === undefined) {
      thumbnail = null
      try {
        const { file } = image.image
        if (await files.has(file)) thumbnail = shrinkPicture(await decode(file))
      } catch (error) {
        // A photograph that cannot be read is told when it is imported itself.
        if (!(error instanceof AppError)) throw error
      }
      known.set(image, thumbnail)
    }
    if (thumbnail) found.push([image, thumbnail])
  }
  return found
}

function unpaired({ file, kind }: MaskFile, { decode }: ImportTools): ImportProblem {
  const how =
    kind !== 'torch'
      ? 'none has its name'
      : decode
        ? 'none has its name or shows the same picture'
        : 'none has its name, and pictures were not compared'
  const message = `The mask ${showPath(file)} belongs to no photograph: ${how}.`
  return skipFile({ file }, 'W_IMAGE_FILE_MISSING', message)
}
