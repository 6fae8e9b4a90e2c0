import type { ContentImage, DatasetContent, Loss } from '../../shared/dataset'
import * as losses from '../writing/losses'
import { categoryLosses, countLosses, lostOfImages, lostOfObjects } from '../writing/losses'
import { ringOfObject } from '../writing/object-shapes'
import type { YoloParams } from './exporter'
import { exportedImages, splitName } from './exported-images'
import { isBelow } from './layout'

export function yoloLosses(content: DatasetContent, { task }: YoloParams): readonly Loss[] {
  const sharing = new Set<number>()
  for (const { image, label } of exportedImages(content)) if (label === null) sharing.add(image.id)
  return [
    ...countLosses(content, [
      losses.crowdFlags,
      ...(task === 'detect' ? [shapes] : rings),
      clipped,
      areas(task),
      losses.objectAttributes,
      losses.imageAttributes,
      losses.imageLabels,
      losses.pixelReferences,
      emptyImages,
      splits,
      folders,
      lostOfImages(
        'same-label-file',
        'Pictures whose names differ in their endings only would share a label file: the labels of all but the first are left out.',
        (image) => sharing.has(image.id),
      ),
    ]),
    ...categoryLosses(
      content,
      'supercategories',
      'Supercategories are left out.',
      (category) => category.supercategory !== undefined,
    ),
  ]
}

const shapes = lostOfObjects(
  'shape',
  'Polygons and masks are left out: only the boxes are written.',
  ({ shape }) => shape !== undefined,
)

const rings = [
  lostOfObjects(
    'holes',
    'Holes are closed: only the outer outline is written.',
    (object, image) => ringOfObject(object, image)?.closesHoles === true,
  ),
  lostOfObjects(
    'parts',
    'Several parts of one object are joined to one outline by seams without width.',
    (object, image) => ringOfObject(object, image)?.joinsParts === true,
  ),
  lostOfObjects(
    'mask-becomes-polygon',
    'Masks become polygons.',
    ({ shape }) => shape?.mask !== undefined,
  ),
  lostOfObjects('box-becomes-polygon', 'Bare boxes become polygons.', ({ shape }) => !shape),
  lostOfObjects(
    'empty-mask',
    'Objects in whose mask nothing is set are left out.',
    (object, image) => ringOfObject(object, image) === null,
  ),
]

const clipped = lostOfObjects(
  'outside-image',
  'Parts outside the picture are cut off; objects wholly outside are left out.',
  ({ box, shape }, { width, height }) => {
    const isOut = (value: number, side: number) => value < 0 || value > side
    const points = shape?.polygons?.flat() ?? []
    return (
      isOut(box[0], width) ||
      isOut(box[0] + box[2], width) ||
      isOut(box[1], height) ||
      isOut(box[1] + box[3], height) ||
      points.some((value, i) => isOut(value, i % 2 === 0 ? width : height))
    )
  },
)

/** What cannot be measured again: a box has no other area than its own, a mask that of its pixels. */
const areas = (task: YoloParams['task']) =>
  lostOfObjects('areas', losses.areas.message, (object, image) => {
    const { box, area, shape } = object
    const kept = task === 'detect' || !shape ? box[2] * box[3] : losses.impliedArea(object, image)
    return Math.abs(area - kept) > 1e-6 * (1 + area)
  })

const emptyImages = lostOfImages(
  'empty-images',
  'Images without objects are known only by their picture files and empty label files.',
  (image: ContentImage) => image.objects.length === 0,
)

const splits = lostOfImages(
  'splits',
  'Images without a split, or with one that cannot be named, are put in train.',
  (image) => splitName(image.split) !== image.split,
)

const folders = lostOfImages(
  'folders',
  'Pictures that are in no folder called images must be placed below images/<split>/ to go with their labels.',
  (image) => !isBelow(image.file, 'images'),
)
