import type { FileSource } from '../../shared/dataset'
import type { ApricotImage, SplitContent } from '../reading/apricot/read-split'
import { noAnnotations } from '../reading/no-annotations'
import { lastPart, PictureIndex } from '../reading/pictures'
import type { MaskFile } from './mask-files'

/**
 * Photographs without annotations beside the masks: nothing is known of them but their names.
 * @throws AppError E_NO_ANNOTATIONS where there are neither masks nor photographs
 */
export async function* loosePictures(
  files: FileSource,
  masks: readonly MaskFile[],
  wanted: string,
): AsyncGenerator<SplitContent> {
  const pictures = await PictureIndex.of(files)
  const maskFiles = new Set(masks.map(({ file }) => file))
  const bySplit = new Map<string | null, ApricotImage[]>()
  for (const file of pictures.all()) {
    if (maskFiles.has(file)) continue
    const split = file.split('/').slice(0, -1).findLast(isSplit) ?? null
    if (wanted !== 'all' && split !== null && split !== wanted) continue
    const image = { sourceId: file, file, width: null, height: null, split, attributes: {} }
    const entry = { image, baseName: lastPart(file), objects: [], patches: [] }
    const others = bySplit.get(split)
    if (others) others.push(entry)
    else bySplit.set(split, [entry])
  }
  if (bySplit.size === 0 && masks.length === 0) {
    const hint = 'Choose the folder that holds the masks, and APRICOT if you have it.'
    throw noAnnotations(files, 'neither masks nor pictures', hint)
  }
  // Also without photographs, so that the masks are listed as belonging to none.
  if (bySplit.size === 0) bySplit.set(null, [])
  for (const [split, images] of bySplit) yield { split, categories: [], images, problems: [] }
}

function isSplit(folder: string): boolean {
  return folder === 'dev' || folder === 'test'
}
