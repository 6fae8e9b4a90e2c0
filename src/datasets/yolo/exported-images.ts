import type { ContentImage, DatasetContent } from '../../shared/dataset'
import { isBelow, labelNameOf } from './layout'

export interface ExportedImage {
  readonly image: ContentImage
  /** Where the picture must lie, relative to the folder that is written. */
  readonly picture: string
  /** Its label file; null where another picture's labels have that name. */
  readonly label: string | null
  /** Name of its split and of the list file that names it. */
  readonly split: string
}

/** Keys of data.yaml that cannot name a split. */
const reserved = new Set(['path', 'names', 'nc', 'category_ids', 'download', 'channels'])

/** The images of the content with the places that the format gives them. */
export function* exportedImages(content: DatasetContent): Generator<ExportedImage> {
  const taken = new Set<string>()
  for (const image of content.images()) {
    const split = splitName(image.split)
    const picture = isBelow(image.file, 'images') ? image.file : `images/${split}/${image.file}`
    const label = labelNameOf(picture)
    const isFree = !taken.has(label)
    taken.add(label)
    yield { image, picture, label: isFree ? label : null, split }
  }
}

export function splitName(split: string | null): string {
  const isUsable = split !== null && /^[a-z][\w-]{0,40}$/.test(split) && !reserved.has(split)
  return isUsable ? split : 'train'
}
