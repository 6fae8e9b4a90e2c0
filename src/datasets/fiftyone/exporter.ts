import { z } from 'zod'
import type { ContentImage, ContentObject, DatasetContent } from '../../shared/dataset'
import { defineDatasetExporter } from '../../shared/plugin'
import { type Rle, rleArea } from '../../shared/vision'
import { isSplitName } from '../reading/first-bytes'
import { nameLosses } from '../writing/name-losses'
import { maskOfObject } from '../writing/object-shapes'
import {
  categoryLosses,
  countLosses,
  imageLabels,
  lostOfImages,
  lostOfObjects,
  pixelReferences,
} from '../writing/losses'
import { stemNames } from '../writing/unique-names'
import { maskInBox } from './box-crop'
import { encodePackedMask } from './npy'

/** Own fields of a detection, which attributes cannot be named. */
const reserved = ['label', 'bounding_box', 'confidence', 'mask', 'attributes', 'iscrowd']

export default defineDatasetExporter({
  id: 'fiftyone',
  name: 'FiftyOne detection layout',
  summary: 'One labels.json with boxes as fractions of the picture and packed masks.',
  reference: 'https://docs.voxel51.com/user_guide/dataset_creation/datasets.html',
  fileName: null,
  params: z.object({}),
  losses(content) {
    return [
      ...categoryLosses(content, 'supercategories', 'Supercategories are left out.', (category) => {
        return category.supercategory !== undefined
      }),
      ...nameLosses(content, () => true),
      ...countLosses(content, [
        lostOfObjects('polygons', 'Polygons become pixel masks.', ({ shape }) => {
          return shape?.polygons !== undefined
        }),
        lostOfObjects(
          'mask-outside-box',
          'Pixels of masks outside the box are cut off.',
          (object, image) => {
            const mask = maskOfObject(object, image)
            if (mask === null) return false
            return maskInBox(mask, object.box) === null || rleArea(mask) !== areaInBox(mask, object)
          },
        ),
        lostOfObjects(
          'areas',
          'Areas are left out; readers measure the mask or the box.',
          (object, image) => {
            const mask = maskOfObject(object, image)
            const implied = mask ? areaInBox(mask, object) : object.box[2] * object.box[3]
            return Math.abs(object.area - implied) > 1e-6 * (1 + object.area)
          },
        ),
        lostOfObjects(
          'attribute-names',
          `Attributes named ${reserved.join(', ')} are left out.`,
          ({ attributes }) => {
            return reserved.some((name) => Object.hasOwn(attributes, name))
          },
        ),
        lostOfImages(
          'image-attributes',
          'Attributes of images are left out.',
          ({ attributes, objects }) => {
            const names = Object.keys(attributes)
            return (
              names.some((name) => name !== 'unlabelled') ||
              (names.length > 0 && !isUnlabelled(attributes, objects))
            )
          },
        ),
        lostOfImages(
          'splits',
          'Splits by names other than train, val or test are left out.',
          ({ split }) => {
            return split !== null && !isSplitName(split)
          },
        ),
        imageLabels,
        pixelReferences,
      ]),
    ]
  },
  write(content, sink) {
    const nameOf = stemNames(content)
    const classes = content.categories.map(({ name }) => name)
    const indexOf = new Map(content.categories.map(({ id }, index) => [id, index]))
    for (const folder of foldersOf(content)) {
      const file = sink.file(`${folder}labels.json`)
      file.write(`{"classes":${JSON.stringify(classes)},\n"labels":{`)
      let separator = '\n'
      for (const image of content.images()) {
        if (folderOfImage(image) !== folder) continue
        file.write(`${separator}${JSON.stringify(nameOf(image.file))}:`)
        separator = ',\n'
        if (isUnlabelled(image.attributes, image.objects)) file.write('null')
        else {
          const detections = image.objects.map((object) => {
            return JSON.stringify(detectionOf(object, image, indexOf.get(object.categoryId) ?? 0))
          })
          file.write(`[${detections.join(',\n')}]`)
        }
      }
      file.write('\n}}\n')
      file.close()
    }
  },
})

function detectionOf(object: ContentObject, image: ContentImage, label: number) {
  const [x, y, w, h] = object.box
  const { width, height } = image
  const mask = maskOfObject(object, image)
  const crop = mask && maskInBox(mask, object.box)
  const others = Object.entries(object.attributes).filter(([name]) => !reserved.includes(name))
  return {
    label,
    bounding_box: [x / width, y / height, w / width, h / height],
    ...(object.score !== undefined && { confidence: object.score }),
    ...(crop && { mask: encodePackedMask(crop) }),
    attributes: { ...Object.fromEntries(others), iscrowd: Number(object.isCrowd) },
  }
}

function areaInBox(mask: Rle, { box }: ContentObject): number {
  const crop = maskInBox(mask, box)
  return crop ? crop.bits.reduce((sum, bit) => sum + bit, 0) : 0
}

/** Sorted; with the root if nothing else, so that the classes are always written. */
function foldersOf(content: DatasetContent): readonly string[] {
  const folders = new Set<string>()
  for (const image of content.images()) folders.add(folderOfImage(image))
  return folders.size === 0 ? [''] : [...folders].sort()
}

function folderOfImage({ split }: ContentImage): string {
  return split !== null && isSplitName(split) ? `${split}/` : ''
}

const isUnlabelled = (attributes: ContentImage['attributes'], objects: readonly unknown[]) =>
  attributes['unlabelled'] === true && objects.length === 0
