import { z } from 'zod'
import type { ContentImage, ContentObject, DatasetContent } from '../../shared/dataset'
import { defineDatasetExporter } from '../../shared/plugin'
import { decodeRle, rleArea, rleBox } from '../../shared/vision'
import { boundsOf } from '../reading/outlines'
import { xmlTag } from '../reading/xml-write'
import { nameLosses } from '../writing/name-losses'
import { maskOfObject } from '../writing/object-shapes'
import {
  countLosses,
  crowdFlags,
  imageAttributes,
  impliedArea,
  lostOfImages,
  lostOfObjects,
  objectAttributes,
  pixelReferences,
} from '../writing/losses'
import { encodeBrush } from './brush'
import { classesFile } from './task-reader'

export default defineDatasetExporter({
  id: 'label-studio',
  name: 'Label Studio',
  summary: 'Tasks with annotations and predictions, and the labelling interface that fits them.',
  reference: 'https://labelstud.io/guide/tasks.html',
  fileName: null,
  params: z.object({}),
  losses(content) {
    return [
      ...nameLosses(content, () => true),
      ...countLosses(content, [
        crowdFlags,
        lostOfObjects(
          'polygons',
          'Objects of several polygons, or of polygons and a mask, become a brush mask.',
          ({ shape }) => {
            return shape?.polygons !== undefined && ringOf(shape) === null
          },
        ),
        lostOfObjects(
          'boxes',
          'Boxes beside a shape are left out; readers draw them around the shape.',
          (object, image) => {
            const drawn = heldOf(object, image).box
            return object.box.some((edge, i) => Math.abs(edge - (drawn[i] ?? NaN)) > 1e-6)
          },
        ),
        lostOfObjects(
          'areas',
          'Areas are left out; readers measure the shape or the box.',
          (object, image) => {
            return Math.abs(object.area - heldOf(object, image).area) > 1e-6 * (1 + object.area)
          },
        ),
        objectAttributes,
        imageAttributes,
        lostOfImages(
          'image-labels',
          'The numbers of the classes of whole images are left out; their names are kept.',
          ({ label }) => {
            return label !== undefined && label.index !== null
          },
        ),
        pixelReferences,
      ]),
    ]
  },
  write(content, sink) {
    const names = new Map(content.categories.map(({ id, name }) => [id, name]))
    const tasks = sink.file('tasks.json')
    let separator = '[\n'
    for (const image of content.images()) {
      tasks.write(separator + JSON.stringify(taskOf(image, names)))
      separator = ',\n'
    }
    tasks.write(separator === '[\n' ? '[]\n' : '\n]\n')
    tasks.close()
    const classes = sink.file(classesFile)
    classes.write(`${JSON.stringify(content.categories, null, 1)}\n`)
    classes.close()
    const interface_ = sink.file('label-config.xml')
    interface_.write(labelConfig(content))
    interface_.close()
  },
})

/** `width`, `height` and `split` are ours: a task without results states no size. */
function taskOf(image: ContentImage, names: ReadonlyMap<number, string>) {
  const { id, file, width, height, split, label, objects } = image
  const results = (isPrediction: boolean) =>
    objects
      .filter(({ score }) => (score !== undefined) === isPrediction)
      .map((object) => resultOf(object, image, names.get(object.categoryId) ?? ''))
  const choice = label && {
    id: `image-${id}`,
    from_name: 'choice',
    to_name: 'image',
    type: 'choices',
    value: { choices: [label.name] },
  }
  const annotated = [...(choice ? [choice] : []), ...results(false)]
  const predicted = results(true)
  // A picture that nothing was found in is annotated as empty; one that a run has seen is not annotated at all.
  const isAnnotated = annotated.length > 0 || predicted.length === 0
  return {
    id,
    data: { image: file, width, height, ...(split !== null && { split }) },
    annotations: isAnnotated
      ? [{ id, result: annotated, was_cancelled: false, ground_truth: false }]
      : [],
    predictions: predicted.length > 0 ? [{ result: predicted }] : [],
  }
}

function resultOf(object: ContentObject, image: ContentImage, name: string) {
  const { type, value, frame } = valueOf(object, image)
  return {
    id: String(object.id),
    from_name: type.slice(0, -'labels'.length),
    to_name: 'image',
    original_width: frame.width,
    original_height: frame.height,
    image_rotation: 0,
    ...(object.score !== undefined && { score: object.score }),
    type,
    value: { ...value, [type]: [name] },
  }
}

function valueOf(object: ContentObject, image: ContentImage) {
  const { box, shape } = object
  const { width, height } = image
  const ring = ringOf(shape)
  if (ring) {
    const points: number[][] = []
    for (let i = 0; i + 1 < ring.length; i += 2) {
      points.push([(100 * ring[i]!) / width, (100 * ring[i + 1]!) / height])
    }
    return { type: 'polygonlabels', value: { points, closed: true }, frame: image }
  }
  const mask = maskOfObject(object, image)
  if (mask) {
    const rle = encodeBrush(decodeRle(mask))
    return { type: 'brushlabels', value: { format: 'rle', rle }, frame: mask }
  }
  const [x, y, w, h] = box
  const percent = {
    x: (100 * x) / width,
    y: (100 * y) / height,
    width: (100 * w) / width,
    height: (100 * h) / height,
    rotation: 0,
  }
  return { type: 'rectanglelabels', value: percent, frame: image }
}

/** The one ring of a shape that is nothing else. */
function ringOf(shape: ContentObject['shape']): readonly number[] | null {
  const [ring, ...others] = shape?.polygons ?? []
  return ring && others.length === 0 && !shape?.mask ? ring : null
}

/** Box and area as a reader will find them. */
function heldOf(object: ContentObject, image: ContentImage) {
  const { box, shape } = object
  const ring = ringOf(shape)
  if (ring)
    return { box: boundsOf([ring]), area: impliedArea({ box, shape: { polygons: [ring] } }, image) }
  const mask = maskOfObject(object, image)
  return mask ? { box: rleBox(mask), area: rleArea(mask) } : { box, area: box[2] * box[3] }
}

/** The labelling interface: a project needs it before the tasks can be shown. */
function labelConfig(content: DatasetContent): string {
  const labels = content.categories
    .map(({ name }) => `    ${xmlTag('Label', { value: name })}\n`)
    .join('')
  const tools = ['Rectangle', 'Polygon', 'Brush'].map((tool) => {
    const tag = xmlTag(`${tool}Labels`, { name: tool.toLowerCase(), toName: 'image' }, true)
    return `  ${tag}\n${labels}  </${tool}Labels>\n`
  })
  const choices = new Set<string>()
  for (const { label } of content.images()) if (label) choices.add(label.name)
  const choiceTags = [...choices].sort().map((name) => `    ${xmlTag('Choice', { value: name })}\n`)
  const choice =
    choiceTags.length === 0
      ? ''
      : `  ${xmlTag('Choices', { name: 'choice', toName: 'image' }, true)}\n${choiceTags.join('')}  </Choices>\n`
  const image = xmlTag('Image', { name: 'image', value: '$image' })
  return `<View>\n  ${image}\n${tools.join('')}${choice}</View>\n`
}
