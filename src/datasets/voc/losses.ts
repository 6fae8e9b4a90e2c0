import type { Attributes, ContentObject, DatasetContent, Loss } from '../../shared/dataset'
import { isListable } from '../reading/labels-list'
import { fitsXml } from '../reading/xml-write'
import * as losses from '../writing/losses'
import { categoryLosses, countLosses, lostOfImages, lostOfObjects } from '../writing/losses'
import { nameLosses } from '../writing/name-losses'
import { unspecified, vocFlags } from './annotation'
import { cornersOf, exportedImages, isListableSplit } from './exported-images'
import type { VocParams } from './exporter'
import { paintMasks } from './mask-pictures'

export function vocLosses(content: DatasetContent, { masks }: VocParams): readonly Loss[] {
  const damaged = masks ? damagedMasks(content) : new Set<number>()
  return [
    ...countLosses(content, [
      losses.crowdFlags,
      losses.scores,
      fractional,
      outside,
      ...(masks
        ? [
            polygons,
            lostOfObjects(
              'overlapping-masks',
              'A pixel belongs to one object: masks lose the pixels that later objects cover, and objects beyond the 254th their masks.',
              ({ id }) => damaged.has(id),
            ),
          ]
        : [shapes]),
      losses.areas,
      attributes,
      losses.imageAttributes,
      losses.imageLabels,
      losses.pixelReferences,
      lostOfImages(
        'splits',
        'Splits whose names cannot be those of a list file are left out.',
        ({ split }) => split !== null && !isListableSplit(split),
      ),
    ]),
    ...nameLosses(content, (name) => fitsXml(name) && name === name.trim() && isListable(name)),
    ...categoryLosses(
      content,
      'supercategories',
      'Supercategories are left out.',
      (category) => category.supercategory !== undefined,
    ),
  ]
}

/** Ids of the objects whose masks are not written whole. */
function damagedMasks(content: DatasetContent): ReadonlySet<number> {
  const ids = new Set<number>()
  for (const exported of exportedImages(content)) {
    for (const { id } of paintMasks(exported)?.damaged ?? []) ids.add(id)
  }
  return ids
}

const fractional = lostOfObjects(
  'fractional-boxes',
  'Boxes become whole pixels.',
  ({ box }) => !box.every(Number.isInteger),
)

const outside = lostOfObjects(
  'outside-image',
  'Parts outside the picture are cut off; objects without a whole pixel inside are left out.',
  ({ box }, image) => {
    const [x, y, width, height] = box
    const corners = cornersOf(box, image)
    const leaves = Math.min(x, y) < 0 || x + width > image.width || y + height > image.height
    return leaves || corners === null
  },
)

const polygons = lostOfObjects(
  'polygon-becomes-mask',
  'Polygons become masks.',
  ({ shape }) => (shape?.polygons?.length ?? 0) > 0,
)

const shapes = lostOfObjects(
  'shape',
  'Polygons and masks are left out: only the boxes are written.',
  ({ shape }) => shape !== undefined,
)

const attributes = lostOfObjects(
  'attributes',
  'Attributes other than pose, truncated, occluded and difficult are left out.',
  (object: ContentObject) => hasOthers(object.attributes),
)

function hasOthers(given: Attributes): boolean {
  return Object.entries(given).some(([key, value]) => {
    if (key === 'pose') return typeof value !== 'string' || ['', unspecified].includes(value)
    return value !== true || !vocFlags.some((flag) => flag === key)
  })
}
