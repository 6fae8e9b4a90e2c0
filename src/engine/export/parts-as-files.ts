import type { ContentImage, DatasetContent } from '../../shared/dataset/content'
import type { PixelReference } from '../../shared/dataset/records'

/** A tile of a picture or a row of an HDF5 file: where its pixels are. */
export interface Part {
  readonly file: string
  readonly pixels: PixelReference
}

export interface PartedContent {
  readonly content: DatasetContent
  /** Undefined for a picture that is a whole file. Known of those that a pass over the images has come to. */
  partOf(image: Pick<ContentImage, 'id'>): Part | undefined
}

/**
 * The content with names of their own for tiles and rows, which share a file: formats with a file for each picture need
 * them. `areCut`: the parts become files of these names, so nothing refers to the file that they are in any more.
 */
export function partsAsFiles(content: DatasetContent, areCut: boolean): PartedContent {
  const parts = new Map<number, Part>()
  const partOf = ({ id }: Pick<ContentImage, 'id'>) => parts.get(id)
  const { name, categories } = content
  const named: DatasetContent = {
    ...{ name, categories },
    *images() {
      for (const image of content.images()) {
        const { pixels, ...whole } = image
        if (pixels === undefined) {
          yield image
          continue
        }
        const part = { file: image.file, pixels }
        parts.set(image.id, part)
        yield { ...(areCut ? whole : image), file: partName(part) }
      }
    },
  }
  return { content: named, partOf }
}

function partName({ file, pixels }: Part): string {
  const stem = file.replace(/(?<=[^/])\.[^./]*$/, '')
  return pixels.kind === 'hdf5'
    ? `${stem}/${String(pixels.index).padStart(5, '0')}.png`
    : `${stem}-${pixels.x}-${pixels.y}.png`
}
