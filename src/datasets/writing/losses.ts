import type { ContentImage, ContentObject, DatasetContent, Loss } from '../../shared/dataset'
import { rleArea } from '../../shared/vision/rle'
import { outlinedObject } from '../reading/outlines'

/** One kind of loss: how much of it there is in one image. */
export interface LossRule {
  readonly what: string
  readonly message: string
  count(image: ContentImage): number
}

/** Goes over the content once. Losses that do not occur are left out. */
export function countLosses(content: DatasetContent, rules: readonly LossRule[]): readonly Loss[] {
  const counts = rules.map(() => 0)
  for (const image of content.images()) {
    for (const [i, rule] of rules.entries()) counts[i]! += rule.count(image)
  }
  return rules.flatMap(({ what, message }, i) => {
    const count = counts[i]!
    return count === 0 ? [] : [{ what, message, count }]
  })
}

export const lostOfObjects = (
  what: string,
  message: string,
  isLost: (object: ContentObject, image: ContentImage) => boolean,
): LossRule => ({
  what,
  message,
  count: (image) => image.objects.reduce((sum, one) => sum + (isLost(one, image) ? 1 : 0), 0),
})

export const lostOfImages = (
  what: string,
  message: string,
  isLost: (image: ContentImage) => boolean,
): LossRule => ({ what, message, count: (image) => (isLost(image) ? 1 : 0) })

// Losses that several formats share.

export const crowdFlags = lostOfObjects(
  'crowd-flag',
  'The mark of a crowd is left out: crowds become single objects.',
  (object) => object.isCrowd,
)

export const scores = lostOfObjects(
  'scores',
  'Scores are left out: detections become annotations.',
  (object) => object.score !== undefined,
)

export const objectAttributes = lostOfObjects(
  'attributes',
  'Attributes of objects are left out.',
  (object) => Object.keys(object.attributes).length > 0,
)

export const imageAttributes = lostOfImages(
  'image-attributes',
  'Attributes of images are left out.',
  (image) => Object.keys(image.attributes).length > 0,
)

export const imageLabels = lostOfImages(
  'image-labels',
  'Classes of whole images are left out.',
  (image) => image.label !== undefined,
)

export const splits = lostOfImages(
  'splits',
  'The split of each image (train, val …) is left out.',
  (image) => image.split !== null,
)

export const pixelReferences = lostOfImages(
  'pixel-references',
  'Images that are a part of a file are named by the file only.',
  (image) => image.pixels !== undefined,
)

export const areas = lostOfObjects(
  'areas',
  'Areas are left out; readers measure the shape or the box.',
  (object, image) => Math.abs(object.area - impliedArea(object, image)) > 1e-6 * (1 + object.area),
)

/** The area that importers give an object of a format without areas. In pixels. */
export function impliedArea(
  { box, shape }: Pick<ContentObject, 'box' | 'shape'>,
  frame: { readonly width: number; readonly height: number },
): number {
  if (shape?.mask) return rleArea(shape.mask)
  if (shape?.polygons?.length) return outlinedObject(shape.polygons, frame, box).area
  return box[2] * box[3]
}

/** What is lost of the list of categories, and how many. Empty if nothing is. */
export function categoryLosses(
  { categories }: DatasetContent,
  what: string,
  message: string,
  isLost: (category: DatasetContent['categories'][number], index: number) => boolean,
): readonly Loss[] {
  const count = categories.filter(isLost).length
  return count === 0 ? [] : [{ what, message, count }]
}
