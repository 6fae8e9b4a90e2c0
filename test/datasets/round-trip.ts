import { expect } from 'vitest'
import type { z } from 'zod'
import type { ContentImage, DatasetContent, ImportedObject, Shape } from '../../src/shared/dataset'
import type { DatasetExporterPlugin } from '../../src/shared/plugin'
import { rleToText } from '../../src/shared/vision/rle-text'
import { memorySink } from '../support/memory-sink'
import type { ReadAll, ReadImage } from './read-all'

/** What the exporter writes, written twice to see that it is the same. */
export function exported<P extends z.ZodObject>(
  exporter: DatasetExporterPlugin<P>,
  content: DatasetContent,
  params: z.input<P>,
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

export function expectClose(found: readonly number[], given: readonly number[], tolerance: number) {
  expect(found).toHaveLength(given.length)
  given.forEach((value, i) => {
    expect(Math.abs((found[i] ?? NaN) - value)).toBeLessThanOrEqual(tolerance)
  })
}
