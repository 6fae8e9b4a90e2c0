import fc from 'fast-check'
import { resolveName } from '../../../src/shared/dataset/resolve-name'
import type {
  Attributes,
  ContentImage,
  ContentObject,
  DatasetContent,
  JsonValue,
  Shape,
} from '../../../src/shared/dataset'
import { encodeMask } from '../../../src/shared/vision/rle'
import type { ReadAll } from '../read-all'

/** A data set that can be compared: all in lists. */
export interface PlainContent extends Omit<DatasetContent, 'images' | 'name'> {
  readonly images: readonly ContentImage[]
}

const double = (limits: { min: number; max: number }) => fc.double({ ...limits, noNaN: true })
const key = fc.oneof(fc.constantFrom('__proto__', 'attributes', 'bbox', 'license'), fc.string())
const attributes = fc.dictionary(key, fc.jsonValue() as fc.Arbitrary<JsonValue>, {
  maxKeys: 3,
}) as fc.Arbitrary<Attributes>
const text = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' })
const className = fc.oneof(fc.constant('adversarial patch'), text)

/** Names below the root, as `resolve` gives them. */
const fileName = fc
  .array(text, { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'))
  .filter((name) => isPlainName(name))

const polygon = fc
  .integer({ min: 3, max: 6 })
  .chain((points) =>
    fc.array(double({ min: -1e6, max: 1e6 }), { minLength: 2 * points, maxLength: 2 * points }),
  )

/** Any pixels, so that there are holes, parts and runs over column ends. */
const mask = (width: number, height: number): fc.Arbitrary<Shape> =>
  fc
    .array(fc.constantFrom(0, 1), { minLength: width * height, maxLength: width * height })
    .map((bits) => ({ mask: encodeMask({ width, height, bits: Uint8Array.from(bits) }) }))

const polygons: fc.Arbitrary<Shape> = fc
  .array(polygon, { minLength: 1, maxLength: 3 })
  .map((list) => ({ polygons: list }))

function objects(width: number, height: number, categoryIds: readonly number[]) {
  return fc.record(
    {
      categoryId: fc.constantFrom(...categoryIds),
      box: fc.tuple(
        double({ min: -1e4, max: 1e4 }),
        double({ min: -1e4, max: 1e4 }),
        double({ min: 0, max: 1e4 }),
        double({ min: 0, max: 1e4 }),
      ),
      area: double({ min: 0, max: 1e8 }),
      isCrowd: fc.boolean(),
      attributes,
      shape: fc.oneof(mask(width, height), polygons),
      score: double({ min: 0, max: 1 }),
    },
    { requiredKeys: ['categoryId', 'box', 'area', 'isCrowd', 'attributes'] },
  )
}

const size = fc.integer({ min: 1, max: 9 })

const image = (categoryIds: readonly number[]) =>
  fc.tuple(size, size).chain(([width, height]) =>
    fc.record({
      file: fileName,
      width: fc.constant(width),
      height: fc.constant(height),
      split: fc.option(text),
      attributes,
      objects: fc.array(objects(width, height, categoryIds), { maxLength: 4 }),
    }),
  )

const category = fc.record(
  { id: fc.integer({ min: 0, max: 1e6 }), name: className, supercategory: text },
  { requiredKeys: ['id', 'name'] },
)

/** Data sets and runs as the store gives them to exporters, with what COCO can hold. */
export const contents: fc.Arbitrary<DatasetContent> = fc
  .uniqueArray(category, { minLength: 1, maxLength: 4, selector: ({ id }) => id })
  .chain((categories) => {
    const images = fc.uniqueArray(image(categories.map(({ id }) => id)), {
      maxLength: 4,
      selector: ({ file }) => file,
    })
    return images.map((list) => numbered(categories, list))
  })

type Unnumbered = Omit<ContentImage, 'id' | 'objects'> & {
  readonly objects: readonly Omit<ContentObject, 'id' | 'isPatch'>[]
}

function numbered(
  categories: DatasetContent['categories'],
  list: readonly Unnumbered[],
): DatasetContent {
  let objectId = 0
  const patches = new Set(
    categories.filter(({ name }) => name === 'adversarial patch').map(({ id }) => id),
  )
  const images = list.map((one, i) => ({
    ...one,
    id: 3 * i + 1,
    objects: one.objects.map((object) => {
      objectId += 2
      return { ...object, id: objectId, isPatch: patches.has(object.categoryId) }
    }),
  }))
  return {
    name: 'any',
    categories: categories.toSorted((a, b) => a.id - b.id),
    images: () => images,
  }
}

/** What was imported, with the ids of the file. */
export function contentOfFile(read: ReadAll): PlainContent {
  const patches = new Set(
    read.categories.filter(({ name }) => name === 'adversarial patch').map((one) => one.sourceId),
  )
  return {
    categories: read.categories.map(({ sourceId, ...rest }) => ({ id: Number(sourceId), ...rest })),
    images: read.images.map(({ sourceId, width, height, objects: found, ...rest }) => ({
      id: Number(sourceId),
      width: width ?? 0,
      height: height ?? 0,
      ...rest,
      objects: found.map(({ sourceId: id, categoryId, ...object }) => ({
        id: Number(id),
        categoryId: Number(categoryId),
        isPatch: patches.has(categoryId),
        ...object,
      })),
    })),
  }
}

/** Without prototypes, -0 and typed arrays, which JSON does not have. */
export function comparable(content: PlainContent): unknown {
  return JSON.parse(
    JSON.stringify(content, (_, value: unknown) =>
      value instanceof Uint32Array ? Array.from(value) : value,
    ),
  )
}

function isPlainName(name: string): boolean {
  try {
    return resolveName(name) === name
  } catch {
    return false
  }
}
