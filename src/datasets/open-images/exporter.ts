import { z } from 'zod'
import type { ContentImage, ContentObject, DatasetContent } from '../../shared/dataset'
import { defineDatasetExporter } from '../../shared/plugin'
import { decodeRle, rleArea } from '../../shared/vision'
import { encodeMaskPng } from '../reading/mask-png'
import { csvLine } from '../writing/csv-cells'
import { maskOfObject } from '../writing/object-shapes'
import {
  categoryLosses,
  countLosses,
  imageAttributes,
  imageLabels,
  impliedArea,
  lostOfObjects,
  pixelReferences,
} from '../writing/losses'
import { stemNames } from '../writing/unique-names'
import { flagColumns, machineSource } from './boxes'
import { labelCodes } from './label-codes'

export default defineDatasetExporter({
  id: 'open-images',
  name: 'Open Images',
  summary: 'CSV tables of boxes, classes and images, and one PNG for each mask.',
  reference: 'https://storage.googleapis.com/openimages/web/download_v7.html',
  fileName: null,
  params: z.object({}),
  losses(content) {
    return [
      ...categoryLosses(
        content,
        'supercategories',
        'Supercategories are left out.',
        ({ supercategory }) => supercategory !== undefined,
      ),
      ...countLosses(content, [
        lostOfObjects('polygons', 'Polygons become pixel masks.', ({ shape }) => {
          return shape?.polygons !== undefined
        }),
        lostOfObjects(
          'attributes',
          `Attributes of objects are left out, but for ${flagColumns.join(', ')} with 1 or -1.`,
          ({ attributes }) => Object.entries(attributes).some((entry) => !isFlag(entry)),
        ),
        lostOfObjects(
          'areas',
          'Areas are left out; readers measure the mask or the box.',
          (object, image) => {
            const mask = maskOfObject(object, image)
            const implied = mask ? rleArea(mask) : impliedArea({ box: object.box }, image)
            return Math.abs(object.area - implied) > 1e-6 * (1 + object.area)
          },
        ),
        imageAttributes,
        imageLabels,
        pixelReferences,
      ]),
    ]
  },
  write(content, sink) {
    const codes = labelCodes(content.categories)
    const idOf = stemNames(content)
    const table = (name: string, lines: Iterable<string>) => {
      const file = sink.file(name)
      for (const line of lines) file.write(line)
      file.close()
    }
    const classLines = content.categories.map(({ id, name }) =>
      csvLine([codes.get(id) ?? '', name]),
    )
    table('class-descriptions.csv', classLines)
    table('images.csv', imageLines(content, idOf))
    table('annotations-bbox.csv', boxLines(content, idOf, codes))
    if (!hasMasks(content)) return
    table('annotations-object-segmentation.csv', maskLines(content, idOf, codes))
    for (const image of content.images()) {
      for (const object of image.objects) {
        const mask = maskOfObject(object, image)
        if (mask === null) continue
        const file = sink.file(maskPath(object))
        file.write(encodeMaskPng(decodeRle(mask), 1))
        file.close()
      }
    }
  },
})

/** `FileName`, `Width` and `Height` are ours: with them the fractions can be read without the pictures. */
function* imageLines(content: DatasetContent, idOf: (file: string) => string): Generator<string> {
  yield csvLine(['ImageID', 'Subset', 'FileName', 'Width', 'Height'])
  for (const { file, split, width, height } of content.images()) {
    yield csvLine([idOf(file), split ?? '', file, width, height])
  }
}

/** `BoxID` is ours: it ties a mask to its box where two boxes are equal. */
function* boxLines(
  content: DatasetContent,
  idOf: (file: string) => string,
  codes: ReadonlyMap<number, string>,
): Generator<string> {
  const edges = ['XMin', 'XMax', 'YMin', 'YMax']
  const flags = ['IsOccluded', 'IsTruncated', 'IsGroupOf', 'IsDepiction', 'IsInside']
  yield csvLine(['ImageID', 'Source', 'LabelName', 'Confidence', ...edges, ...flags, 'BoxID'])
  for (const image of content.images()) {
    for (const object of image.objects) {
      const flag = (name: string) =>
        name === 'IsGroupOf' ? Number(object.isCrowd) : flagValue(object.attributes[name])
      yield csvLine([
        idOf(image.file),
        object.score === undefined ? 'xclick' : machineSource,
        codes.get(object.categoryId) ?? '',
        object.score ?? 1,
        ...edgesOf(object, image),
        ...flags.map(flag),
        boxId(object),
      ])
    }
  }
}

function* maskLines(
  content: DatasetContent,
  idOf: (file: string) => string,
  codes: ReadonlyMap<number, string>,
): Generator<string> {
  const edges = ['BoxXMin', 'BoxXMax', 'BoxYMin', 'BoxYMax']
  yield csvLine(['MaskPath', 'ImageID', 'LabelName', 'BoxID', ...edges, 'PredictedIoU', 'Clicks'])
  for (const image of content.images()) {
    for (const object of image.objects) {
      if (maskOfObject(object, image) === null) continue
      const code = codes.get(object.categoryId) ?? ''
      const place = [maskPath(object), idOf(image.file), code, boxId(object)]
      yield csvLine([...place, ...edgesOf(object, image), '', ''])
    }
  }
}

function edgesOf({ box: [x, y, w, h] }: ContentObject, { width, height }: ContentImage) {
  return [x / width, (x + w) / width, y / height, (y + h) / height]
}

function hasMasks(content: DatasetContent): boolean {
  for (const image of content.images()) {
    if (image.objects.some((object) => maskOfObject(object, image) !== null)) return true
  }
  return false
}

const boxId = ({ id }: ContentObject) => id.toString(16).padStart(8, '0')
const maskPath = (object: ContentObject) => `masks/${boxId(object)}.png`

const isFlag = ([name, value]: readonly [string, unknown]) =>
  (flagColumns as readonly string[]).includes(name) && (value === 1 || value === -1)
const flagValue = (value: unknown) => (value === 1 || value === -1 ? value : 0)
