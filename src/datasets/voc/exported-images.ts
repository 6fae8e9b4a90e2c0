import type { BoxXywh, ContentImage, ContentObject, DatasetContent } from '../../shared/dataset'
import { FileStems } from '../writing/file-stems'

export interface ExportedImage {
  readonly image: ContentImage
  /** Name of its files below `Annotations` and the mask folders, without ending. Unique, also where case is ignored. */
  readonly stem: string
  /** Those that are written, in order: what lies outside the picture has no whole pixel in it. */
  readonly objects: readonly ExportedObject[]
}

export interface ExportedObject {
  readonly object: ContentObject
  /** xmin, ymin, xmax, ymax: counted from 1, the last pixel included. */
  readonly corners: readonly [number, number, number, number]
}

export function* exportedImages(content: DatasetContent): Generator<ExportedImage> {
  const stems = new FileStems()
  for (const image of content.images()) {
    // `<filename>` tells which picture is meant, so the name of the annotation need not.
    const stem = stems.take(image.file.replace(/^(?:JPEGImages|images)\//, ''))
    const objects = image.objects.flatMap((object) => {
      const corners = cornersOf(object.box, image)
      return corners === null ? [] : [{ object, corners }]
    })
    yield { image, stem, objects }
  }
}

/**
 * The nearest whole pixels, cut to the picture: a corner of 0 would make readers count all boxes from 0. Null if nothing
 * is left.
 */
export function cornersOf(
  [x, y, width, height]: BoxXywh,
  image: { readonly width: number; readonly height: number },
): ExportedObject['corners'] | null {
  const xmin = Math.max(1, Math.floor(x + 0.5) + 1)
  const ymin = Math.max(1, Math.floor(y + 0.5) + 1)
  const xmax = Math.min(image.width, Math.floor(x + width + 0.5))
  const ymax = Math.min(image.height, Math.floor(y + height + 0.5))
  return xmax < xmin || ymax < ymin ? null : [xmin, ymin, xmax, ymax]
}

/** Whether a split has a name that its list file can have. */
export function isListableSplit(split: string): boolean {
  return /^[\w-]{1,60}$/.test(split) && split !== 'trainval' && !/_(?:train|val|test)$/.test(split)
}
