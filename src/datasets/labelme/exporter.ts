import { z } from 'zod'
import type { ContentImage, ContentObject } from '../../shared/dataset'
import { defineDatasetExporter } from '../../shared/plugin'
import { bytesToBase64 } from '../reading/base64'
import { labelsFile, labelsList } from '../reading/labels-list'
import { rleToCrop } from '../reading/mask-crops'
import { encodeMaskPng } from '../reading/mask-png'
import { FileStems } from '../writing/file-stems'
import { writtenShape } from '../writing/object-shapes'
import { isHeldGroup } from './attributes'
import { asObject } from './document'
import { labelmeLosses } from './losses'

export default defineDatasetExporter({
  id: 'labelme',
  name: 'LabelMe',
  summary: 'One JSON file of rectangles, polygons and masks beside each picture.',
  reference: 'https://github.com/wkentaro/labelme',
  fileName: null,
  params: z.object({}),
  losses: labelmeLosses,
  write(content, sink) {
    const names = new Map(content.categories.map(({ id, name }) => [id, name]))
    const list = sink.file(labelsFile)
    list.write(labelsList([...names.values()]))
    list.close()
    const stems = new FileStems()
    for (const image of content.images()) {
      const file = sink.file(`${stems.take(image.file)}.json`)
      file.write(`${JSON.stringify(document(image, names), null, 2)}\n`)
      file.close()
    }
  },
})

function document(image: ContentImage, names: ReadonlyMap<number, string>) {
  return {
    version: '5.4.1',
    flags: asObject(image.attributes['flags']) ?? {},
    shapes: image.objects.map((object) => shape(object, image, names)),
    imagePath: image.file.slice(image.file.lastIndexOf('/') + 1),
    imageData: null,
    imageHeight: image.height,
    imageWidth: image.width,
  }
}

function shape(object: ContentObject, image: ContentImage, names: ReadonlyMap<number, string>) {
  const { categoryId, attributes } = object
  const { group_id: group, description } = attributes
  return {
    label: names.get(categoryId) ?? `class ${categoryId}`,
    ...geometry(object, image),
    group_id: isHeldGroup(group) ? group : null,
    description: typeof description === 'string' ? description : '',
    flags: asObject(attributes['flags']) ?? {},
  }
}

function geometry(object: ContentObject, image: ContentImage) {
  const written = writtenShape(object, image)
  const [x, y, width, height] = written.box
  if (written.kind === 'polygon') {
    return { points: pairs(written.points), shape_type: 'polygon' }
  }
  if (written.kind === 'box') {
    return { points: pairs([x, y, x + width, y + height]), shape_type: 'rectangle' }
  }
  const png = encodeMaskPng(rleToCrop(written.mask, written.box), 1)
  return {
    points: pairs([x, y, x + width - 1, y + height - 1]),
    shape_type: 'mask',
    mask: bytesToBase64(png),
  }
}

function pairs(points: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: points.length / 2 }, (_, i) => points.slice(2 * i, 2 * i + 2))
}
