import fc from 'fast-check'
import { expect } from 'vitest'
import type { z } from 'zod'
import { outlinedObject } from '../../src/datasets/reading/outlines'
import type {
  ContentImage,
  ContentObject,
  DatasetContent,
  JsonValue,
  Shape,
} from '../../src/shared/dataset'
import type { DatasetExporterPlugin, ImporterPlugin } from '../../src/shared/plugin'
import { encodeMask, type Rle, rleArea, rleBox, rleToText } from '../../src/shared/vision'
import { AppError } from '../../src/shared/errors'
import { fuzzing, mutatedBytes, mutatedJson } from '../support/mutations'
import { memoryFiles } from '../support/memory-files'
import { memorySink } from '../support/memory-sink'
import { contentOf, readAll } from './read-all'

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

/** Writes and reads again. `pictures`: files that lie beside what is written, by name. */
export async function roundTrip<P extends z.ZodObject, Q extends z.ZodObject>(
  exporter: DatasetExporterPlugin<P>,
  importer: ImporterPlugin<Q>,
  content: DatasetContent,
  pictures: Readonly<Record<string, Uint8Array>> = {},
  params: z.input<Q> = {} as z.input<Q>, // every field has a default
): Promise<DatasetContent> {
  const sink = memorySink()
  exporter.write(content, sink, exporter.params.parse({}))
  const files = memoryFiles(
    { ...pictures, ...Object.fromEntries(sink.files()) },
    { pieceBytes: 500 },
  )
  return contentOf(await readAll(importer, files, params))
}

/** The files that an export consists of. Equal content must give equal ones. */
export function exported<P extends z.ZodObject>(
  exporter: DatasetExporterPlugin<P>,
  content: DatasetContent,
): ReadonlyMap<string, Uint8Array> {
  const sink = memorySink()
  exporter.write(content, sink, exporter.params.parse({}))
  return sink.files()
}

/** `import(export(x)) = x` where nothing is lost, losses told exactly where something is, and stable from then on. */
export async function expectExactLosses<P extends z.ZodObject, Q extends z.ZodObject>(
  exporter: DatasetExporterPlugin<P>,
  importer: ImporterPlugin<Q>,
  content: DatasetContent,
  picturesOf: (content: DatasetContent) => Readonly<Record<string, Uint8Array>> = () => ({}),
): Promise<void> {
  const params = exporter.params.parse({})
  const read = await roundTrip(exporter, importer, content, picturesOf(content))
  const losses = exporter.losses(content, params)
  if (losses.length === 0)
    expect(plain(read)).toSatisfy(() => sameContent(read, content), show(content))
  else expect(losses).toSatisfy(() => !sameContent(read, content), `${show(read)} has lost nothing`)
  for (const { what, message, count } of losses) {
    expect(what).toMatch(/^[a-z-]+$/)
    expect(message).toMatch(/\.$/)
    expect(count).toBeGreaterThan(0)
  }
  const again = await roundTrip(exporter, importer, read, picturesOf(read))
  expect(plain(again)).toSatisfy(() => sameContent(again, read), show(read))
}

const show = (content: DatasetContent) => JSON.stringify(plain(content), null, 1)

/** Damages one of the files, as bytes and (JSON) in its structure: only AppErrors and problems may come of it. */
export async function expectSturdy<Q extends z.ZodObject>(
  importer: ImporterPlugin<Q>,
  files: Readonly<Record<string, Uint8Array>>,
  name: string,
): Promise<void> {
  const bytes = files[name] ?? new Uint8Array()
  const damaged: fc.Arbitrary<Uint8Array>[] = [mutatedBytes(bytes)]
  if (name.endsWith('.json')) {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as JsonValue // what JSON has
    const structures = mutatedJson(value).map((changed) => JSON.stringify(changed))
    damaged.push(structures.map((text) => new TextEncoder().encode(text)))
  }
  await fc.assert(
    fc.asyncProperty(fc.oneof(...damaged), async (changed) => {
      const source = memoryFiles({ ...files, [name]: changed })
      try {
        await importer.recognizes(source)
        await readAll(importer, source, {} as z.input<Q>) // every field has a default
      } catch (error) {
        if (!(error instanceof AppError)) throw error
      }
    }),
    fuzzing,
  )
}

/** Whether two contents say the same: ids do not count, the order of images and files does not, numbers within 1e-6. */
export function sameContent(a: DatasetContent, b: DatasetContent): boolean {
  return isNear(plain(a), plain(b))
}

/** The content as plain values, for comparing and for messages. */
export function plain(content: DatasetContent) {
  const nameOf = new Map(content.categories.map(({ id, name }) => [id, name]))
  return {
    categories: content.categories.map(({ id: _, ...category }) => category),
    images: [...content.images()]
      .map(({ id: _, objects, ...image }) => ({
        ...image,
        objects: objects.map(({ id: _, isPatch: __, categoryId, shape, ...object }) => ({
          ...object,
          category: nameOf.get(categoryId),
          ...(shape && { shape: plainShape(shape) }),
        })),
      }))
      .sort((x, y) => (x.file < y.file ? -1 : 1)),
  }
}

function plainShape({ polygons, mask }: { polygons?: Shape['polygons']; mask?: Rle }) {
  const text = mask && `${mask.height}x${mask.width} ${rleToText(mask)}`
  return { ...(polygons && { polygons }), ...(text !== undefined && { mask: text }) }
}

function isNear(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= 1e-6 * (1 + Math.abs(a))
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const [entriesA, entriesB] = [Object.entries(a), Object.entries(b)]
  if (entriesA.length !== entriesB.length || Array.isArray(a) !== Array.isArray(b)) return false
  const other = new Map<string, unknown>(entriesB)
  return entriesA.every(([key, value]) => other.has(key) && isNear(value, other.get(key)))
}
