import fc from 'fast-check'
import { outlinedObject } from '../../src/datasets/reading/outlines'
import type { ContentImage, ContentObject, DatasetContent, Shape } from '../../src/shared/dataset'
import { encodeMask, rleArea, rleBox } from '../../src/shared/vision'

// Contents with all that images and objects may have, to be written and read again in each format.

const names = ['person', 'adversarial patch', '=1+1', "'x", 'a, "b"\nc', 'größe', '__proto__', '#1']
const fileNames = ['a.png', 'a.jpg', 'A.png', 'sub/b.png', 'sub/ü c.jpg', '-x.png', 'deep/er/a.png']
const splitNames = [null, 'train', 'val', 'odd split', 'default']

/** What to leave out, so that a format can hold the rest. */
export interface Without {
  readonly polygons?: boolean
  readonly masks?: boolean
  readonly crowds?: boolean
  readonly scores?: boolean
  readonly attributes?: boolean
  readonly imageAttributes?: boolean
  readonly labels?: boolean
  readonly splits?: boolean
  readonly supercategories?: boolean
  readonly areas?: boolean
  /** Boxes are those of the shapes, in whole pixels. */
  readonly looseBoxes?: boolean
  readonly pixels?: boolean
}

export function contents(without: Without = {}): fc.Arbitrary<DatasetContent> {
  const given = <T, N>(isOut: boolean | undefined, value: fc.Arbitrary<T>, none: N) =>
    isOut === true ? fc.constant(none) : fc.oneof(fc.constant(none), value)
  const category = fc.record({
    name: fc.constantFrom(...names),
    supercategory: given(without.supercategories, fc.constantFrom('animal', 'thing'), undefined),
  })
  const categories = fc.uniqueArray(category, {
    minLength: 1,
    maxLength: 4,
    selector: (c) => c.name,
  })
  const images = fc.uniqueArray(fc.constantFrom(...fileNames), { maxLength: 4 })
  return fc
    .record({ categories, images, isRun: without.scores ? fc.constant(false) : fc.boolean() })
    .chain(({ categories, images, isRun }) => {
      const image = (file: string) =>
        fc
          .record({
            width: fc.integer({ min: 1, max: 12 }),
            height: fc.integer({ min: 1, max: 12 }),
          })
          .chain((frame) =>
            fc.record({
              file: fc.constant(file),
              width: fc.constant(frame.width),
              height: fc.constant(frame.height),
              split: given(without.splits, fc.constantFrom(...splitNames), null),
              label: given(
                without.labels,
                fc.constantFrom({ index: 0, name: 'person' }, { index: null, name: 'x' }),
                undefined,
              ),
              attributes: without.imageAttributes ? fc.constant({}) : attributes,
              pixels: given(
                without.pixels,
                fc.constant({ kind: 'hdf5', dataset: 'x', index: 1 } as const),
                undefined,
              ),
              objects: fc.array(objectsIn(frame, categories.length, isRun, without), {
                maxLength: 4,
              }),
            }),
          )
      return fc.tuple(...images.map(image)).map((list) => contentFrom(categories, list))
    })
}

const attributes = fc.oneof(
  fc.constant({}),
  fc.constantFrom(
    { IsTruncated: 1 },
    { colour: 'red', parts: [1, null] },
    { unlabelled: true },
    { score: 2 },
  ),
)

type Frame = Pick<ContentImage, 'width' | 'height'>

function objectsIn(frame: Frame, classes: number, isRun: boolean, without: Without) {
  const bits = fc
    .uint8Array({
      min: 0,
      max: 1,
      minLength: frame.width * frame.height,
      maxLength: frame.width * frame.height,
    })
    .filter((list) => list.includes(1))
  const mask = bits.map((list) => ({ mask: encodeMask({ ...frame, bits: list }) }))
  const ring = fc
    .array(fc.integer({ min: -3, max: 14 }), { minLength: 6, maxLength: 8 })
    .filter((list) => list.length % 2 === 0)
  const polygons = fc
    .array(ring, { minLength: 1, maxLength: 2 })
    .map((list) => ({ polygons: list }))
  const both = fc.tuple(mask, polygons).map(([a, b]) => ({ ...a, ...b }))
  const shapes: fc.Arbitrary<Shape | undefined>[] = [fc.constant(undefined)]
  if (!without.masks) shapes.push(mask)
  if (!without.polygons) shapes.push(polygons)
  if (!without.masks && !without.polygons) shapes.push(both)
  const side = fc.integer({ min: 0, max: 40 }).map((quarters) => quarters / 4)
  const looseBox = fc.tuple(
    side.map((x) => x - 3),
    side,
    side,
    side,
  )
  return fc
    .record({
      categoryId: fc.integer({ min: 1, max: classes }),
      looseBox,
      isLoose: without.looseBoxes ? fc.constant(false) : fc.boolean(),
      shape: fc.oneof(...shapes),
      oddArea: without.areas
        ? fc.constant(undefined)
        : fc.constantFrom(undefined, undefined, 7.125),
      isCrowd: without.crowds ? fc.constant(false) : fc.boolean(),
      score: isRun ? fc.double({ min: 0, max: 1, noNaN: true }) : fc.constant(undefined),
      attributes: without.attributes ? fc.constant({}) : attributes,
    })
    .map(({ looseBox, isLoose, shape, oddArea, score, ...rest }) => {
      const box = shape && !isLoose ? boxOf(shape) : looseBox
      return {
        ...rest,
        box,
        ...(shape && { shape }),
        ...(score !== undefined && { score }),
        area: oddArea ?? areaOf(shape, box, frame),
      }
    })
}

function boxOf(shape: Shape) {
  return shape.mask ? rleBox(shape.mask) : outlinedObject(shape.polygons ?? [], null).box
}

function areaOf(shape: Shape | undefined, box: readonly number[], frame: Frame): number {
  if (shape?.mask) return rleArea(shape.mask)
  if (shape?.polygons) return outlinedObject(shape.polygons, frame).area
  return (box[2] ?? 0) * (box[3] ?? 0)
}

type LooseObject = Omit<ContentObject, 'id' | 'isPatch'>

function contentFrom(
  categories: readonly { name: string; supercategory: string | undefined }[],
  list: readonly (Omit<ContentImage, 'id' | 'objects' | 'label' | 'pixels'> & {
    label: ContentImage['label'] | undefined
    pixels: ContentImage['pixels'] | undefined
    objects: readonly LooseObject[]
  })[],
): DatasetContent {
  let objectId = 0
  const images = list.map(({ label, pixels, objects, ...image }, i): ContentImage => ({
    ...image,
    id: i + 1,
    ...(label && { label }),
    ...(pixels && { pixels }),
    objects: objects.map((object) => ({ ...object, id: ++objectId, isPatch: false })),
  }))
  return {
    name: 'made up',
    categories: categories.map(({ name, supercategory }, i) => ({
      id: i + 1,
      name,
      ...(supercategory !== undefined && { supercategory }),
    })),
    images: () => images,
  }
}
