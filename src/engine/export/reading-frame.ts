import type { ContentImage, DatasetContent } from '../../shared/dataset/content'
import { turnBack, turnBox, turnShape } from '../import/turn'

/** Formats that write no size of a picture: readers measure the raster in its file. */
const withoutSizes: ReadonlySet<string> = new Set(['apricot-mask', 'fiftyone', 'yolo'])

/**
 * The content in the frames that its readers will take it to be in. Pictures keep the orientation that their files note, so
 * annotations are given in the stored raster, which is what readers assume. Where the format states a size that only the
 * turned picture has, upright coordinates cannot be mistaken, and are kept: that is what most programs show.
 */
export function inReadingFrame(content: DatasetContent, format: string): DatasetContent {
  const statesSizes = !withoutSizes.has(format)
  return {
    name: content.name,
    categories: content.categories,
    *images() {
      for (const image of content.images()) yield turnedBack(image, statesSizes)
    },
  }
}

function turnedBack(image: ContentImage, statesSizes: boolean): ContentImage {
  const { orientation = 1, ...asRead } = image
  // Tiles are cut from the upright picture, and rows of tables are not turned at all.
  if (orientation === 1 || image.pixels !== undefined) return asRead
  const isQuarter = orientation >= 5
  if (statesSizes && isQuarter && image.width !== image.height) return asRead
  const stored = isQuarter
    ? { width: image.height, height: image.width }
    : { width: image.width, height: image.height }
  const turn = turnBack({ orientation, ...stored })
  return {
    ...asRead,
    ...stored,
    objects: image.objects.map((object) => ({
      ...object,
      box: turnBox(object.box, turn),
      ...(object.shape ? { shape: turnShape(object.shape, turn) } : {}),
    })),
  }
}
