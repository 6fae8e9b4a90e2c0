import { expect } from 'vitest'
import type { z } from 'zod'
import type { ContentImage, DatasetContent, ImportedObject, Shape } from '../../src/shared/dataset'
import type { DatasetExporterPlugin, ImporterPlugin } from '../../src/shared/plugin'
import { type Rle, rleToText } from '../../src/shared/vision'
import { memoryFiles } from '../support/memory-files'
import { memorySink } from '../support/memory-sink'
import { contentOf, readAll, type ReadAll, type ReadImage } from './read-all'

// Contents are written in a format and read again: what comes back is what was written, or what was said to be lost.

/** What the exporter writes, written twice to see that it is the same. */
export function exported<P extends z.ZodObject>(
  exporter: DatasetExporterPlugin<P>,
  content: DatasetContent,
  params: z.input<P> = {} as z.input<P>, // every field has a default
): Record<string, Uint8Array> {
  const parsed = exporter.params.parse(params)
  const write = () => {
    const sink = memorySink()
    exporter.write(content, sink, parsed)
    return Object.fromEntries(sink.files())
  }
  const files = write()
  const again = write()
  expect(Object.keys(again)).toEqual(Object.keys(files))
  for (const [name, bytes] of Object.entries(files)) {
    expect(Buffer.compare(bytes, again[name] ?? new Uint8Array())).toBe(0)
  }
  return files
}

/** Writes and reads again. `pictures`: files that lie beside what is written, by name. */
export async function roundTrip<P extends z.ZodObject, Q extends z.ZodObject>(
  exporter: DatasetExporterPlugin<P>,
  importer: ImporterPlugin<Q>,
  content: DatasetContent,
  pictures: Readonly<Record<string, Uint8Array>> = {},
  params: z.input<Q> = {} as z.input<Q>, // every field has a default
): Promise<DatasetContent> {
  const files = memoryFiles({ ...pictures, ...exported(exporter, content) }, { pieceBytes: 500 })
  return contentOf(await readAll(importer, files, params))
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

interface Expected {
  /** In pixels, for a picture of these sides. */
  readonly tolerance: (image: ContentImage) => number
  readonly fileOf?: (image: ContentImage) => string
}

/** Everything that was written came back: nothing more, nothing less, in the order of each image's objects. */
export function expectSame(
  read: ReadAll,
  content: DatasetContent,
  { tolerance, fileOf }: Expected,
) {
  expect(read.problems).toEqual([])
  expect(read.categories.map(({ name }) => name)).toEqual(
    content.categories.map(({ name }) => name),
  )
  const images = [...content.images()]
  expect(read.images).toHaveLength(images.length)
  const names = new Map(read.categories.map(({ sourceId, name }) => [sourceId, name]))
  for (const image of images) {
    const file = fileOf?.(image) ?? image.file
    const found = read.images.find((one) => one.file === file)
    expect(found, file).toBeDefined()
    if (found) expectSameImage(found, image, content, names, tolerance(image))
  }
}

function expectSameImage(
  found: ReadImage,
  image: ContentImage,
  content: DatasetContent,
  names: ReadonlyMap<string, string>,
  tolerance: number,
) {
  const { width, height, split } = found
  expect({ width, height, split }).toEqual({
    width: image.width,
    height: image.height,
    split: image.split,
  })
  expect(found.attributes).toEqual(image.attributes)
  expect(found.objects).toHaveLength(image.objects.length)
  image.objects.forEach((object, i) => {
    const got: ImportedObject | undefined = found.objects[i]
    const category = content.categories.find(({ id }) => id === object.categoryId)
    expect(names.get(got?.categoryId ?? '')).toBe(category?.name)
    expectClose(got?.box ?? [], object.box, tolerance)
    expectSameShape(got?.shape, object.shape, tolerance)
    if (!object.shape?.polygons) expectClose([got?.area ?? 0], [object.area], 200 * tolerance)
    expectClose([got?.score ?? -1], [object.score ?? -1], 1e-6)
    expect(got?.attributes).toEqual(object.attributes)
  })
}

function expectSameShape(found: Shape | undefined, given: Shape | undefined, tolerance: number) {
  expect(found?.mask && rleToText(found.mask)).toBe(given?.mask && rleToText(given.mask))
  expect(found?.polygons?.length).toBe(given?.polygons?.length)
  given?.polygons?.forEach((points, i) => {
    expectClose(found?.polygons?.[i] ?? [], points, tolerance)
  })
}

function expectClose(found: readonly number[], given: readonly number[], tolerance: number) {
  expect(found).toHaveLength(given.length)
  given.forEach((value, i) => {
    expect(Math.abs((found[i] ?? NaN) - value)).toBeLessThanOrEqual(tolerance)
  })
}
