import { z } from 'zod'
import type { ContentImage, ContentObject, DatasetContent } from '../../shared/dataset'
import { defineDatasetExporter } from '../../shared/plugin'
import { rleToText } from '../../shared/vision'
import { areas, countLosses, lostOfImages, lostOfObjects, pixelReferences } from '../writing/losses'
import { stemNames } from '../writing/unique-names'
import { subsetName } from './subset-name'

const imageMedia = 2
/** Attributes that the format uses itself. */
const reserved = ['is_crowd', 'score']

export default defineDatasetExporter({
  id: 'datumaro',
  name: 'Datumaro',
  summary: 'One JSON for each subset; box, polygons and mask of an object are tied by a group.',
  reference:
    'https://open-edge-platform.github.io/datumaro/latest/docs/data-formats/formats/datumaro.html',
  fileName: null,
  params: z.object({}),
  losses(content) {
    const { categories } = content
    return countLosses(content, [
      areas,
      lostOfObjects(
        'attribute-names',
        `Attributes named ${reserved.join(' or ')} are left out.`,
        ({ attributes }) => {
          return reserved.some((name) => Object.hasOwn(attributes, name))
        },
      ),
      lostOfImages(
        'image-labels',
        'Classes of whole images that are no classes of objects, with the same number, are left out.',
        ({ label }) => {
          return label !== undefined && categories[label.index ?? -1]?.name !== label.name
        },
      ),
      pixelReferences,
    ])
  },
  write(content, sink) {
    const { categories } = content
    const nameOf = stemNames(content)
    const indexOf = new Map(categories.map(({ id }, index) => [id, index]))
    const labels = categories.map(({ name, supercategory }) => {
      return { name, parent: supercategory ?? '', attributes: [] }
    })
    for (const subset of subsetsOf(content)) {
      const file = sink.file(`annotations/${subset}.json`)
      file.write(`{"dm_format_version":"1.0","media_type":${imageMedia},"infos":{},\n`)
      file.write(
        `"categories":${JSON.stringify({ label: { labels, attributes: [] } })},\n"items":[`,
      )
      let separator = '\n'
      for (const image of content.images()) {
        if (subsetName(image.split) !== subset) continue
        file.write(separator + JSON.stringify(itemOf(image, nameOf(image.file), content, indexOf)))
        separator = ',\n'
      }
      file.write('\n]}\n')
      file.close()
    }
  },
})

function itemOf(
  image: ContentImage,
  id: string,
  { categories }: DatasetContent,
  indexOf: ReadonlyMap<number, number>,
) {
  const { file, width, height, label, attributes } = image
  const isHeld = label !== undefined && categories[label.index ?? -1]?.name === label.name
  const labelAnnotation = { id: 0, attributes: {}, group: 0, label_id: label?.index, type: 'label' }
  return {
    id,
    annotations: [
      ...(isHeld ? [labelAnnotation] : []),
      ...image.objects.flatMap((object) =>
        annotationsOf(object, indexOf.get(object.categoryId) ?? 0),
      ),
    ],
    attr: attributes,
    image: { path: file, size: [height, width] },
  }
}

/** The box, then the polygons, then the mask: all with the id of the object and in its group. */
function annotationsOf(object: ContentObject, labelId: number) {
  const { id, box, shape, score, isCrowd } = object
  const others = Object.entries(object.attributes).filter(([name]) => !reserved.includes(name))
  const attributes = {
    ...Object.fromEntries(others),
    ...(score !== undefined && { score }),
    is_crowd: isCrowd,
  }
  const head = { id, attributes, group: id, label_id: labelId, z_order: 0 }
  const mask = shape?.mask
  return [
    { ...head, type: 'bbox', bbox: box },
    ...(shape?.polygons ?? []).map((points) => ({ ...head, type: 'polygon', points })),
    ...(mask
      ? [
          {
            ...head,
            type: 'mask',
            rle: { counts: rleToText(mask), size: [mask.height, mask.width] },
          },
        ]
      : []),
  ]
}

/** Sorted; `default` if nothing else, so that the classes are always written. */
function subsetsOf(content: DatasetContent): readonly string[] {
  const subsets = new Set<string>()
  for (const { split } of content.images()) subsets.add(subsetName(split))
  return subsets.size === 0 ? ['default'] : [...subsets].sort()
}
