import type { ContentImage, DatasetContent } from '../../shared/dataset/content'
import { SafeNames } from './safe-names'

export interface Renaming {
  readonly from: string
  readonly to: string
}

export interface RenamedContent {
  readonly content: DatasetContent
  /** In the order of the images; those that keep their names are not in it. */
  readonly renamed: readonly Renaming[]
  /** The name that the data set knows a picture by. */
  originalName(image: ContentImage): string
}

/** The content with names of pictures that can be files on every system, all different. */
export function renameImages(content: DatasetContent): RenamedContent {
  const byId = new Map<number, Renaming>()
  const names = new SafeNames()
  const tileOwners = new Map<string, string>()
  for (const { id, file } of content.images()) {
    // Tiles and rows share a file, and go on sharing its name.
    const to = tileOwners.get(file) ?? names.next(file)
    tileOwners.set(file, to)
    if (to !== file) byId.set(id, { from: file, to })
  }
  const renamed: Renaming[] = []
  const seen = new Set<string>()
  for (const renaming of byId.values()) {
    if (seen.has(renaming.from)) continue
    seen.add(renaming.from)
    renamed.push(renaming)
  }
  if (renamed.length === 0) {
    return { content, renamed, originalName: ({ file }) => file }
  }
  return {
    content: {
      name: content.name,
      categories: content.categories,
      *images() {
        for (const image of content.images()) {
          const renaming = byId.get(image.id)
          yield renaming === undefined ? image : { ...image, file: renaming.to }
        }
      },
    },
    renamed,
    originalName: ({ id, file }) => byId.get(id)?.from ?? file,
  }
}
