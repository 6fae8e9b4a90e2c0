import { expect } from 'vitest'
import type { z } from 'zod'
import type {
  ContentObject,
  DatasetContent,
  FileSource,
  ImportedCategory,
  ImportedImage,
  ImportedObject,
  ImportProblem,
} from '../../src/shared/dataset'
import type { ImporterPlugin } from '../../src/shared/plugin'

export interface ReadImage extends ImportedImage {
  readonly objects: readonly ImportedObject[]
}

/** All that an importer yielded. */
export interface ReadAll {
  readonly categories: readonly ImportedCategory[]
  readonly images: readonly ReadImage[]
  readonly problems: readonly ImportProblem[]
  /** `decision code` of each problem. */
  readonly verdicts: readonly string[]
}

/** Reads everything and checks what every importer owes its reader: order, unique ids, finite numbers. */
export async function readAll<P extends z.ZodObject>(
  importer: ImporterPlugin<P>,
  files: FileSource,
  params: z.input<P>,
): Promise<ReadAll> {
  const categories = new Map<string, ImportedCategory>()
  const images = new Map<string, ImportedImage & { objects: ImportedObject[] }>()
  const problems: ImportProblem[] = []
  for await (const record of importer.read(files, importer.params.parse(params))) {
    if (record.kind === 'category') {
      expect(categories.has(record.category.sourceId)).toBe(false)
      categories.set(record.category.sourceId, record.category)
    } else if (record.kind === 'image') {
      expect(images.has(record.image.sourceId)).toBe(false)
      expect(record.image.file).not.toMatch(/^\/|\\|(^|\/)\.\.(\/|$)/)
      images.set(record.image.sourceId, { ...record.image, objects: [] })
    } else if (record.kind === 'object') {
      const { object } = record
      expect(categories.has(object.categoryId)).toBe(true)
      const numbers = [...object.box, object.area, object.score ?? 0]
      expect(numbers.concat(...(object.shape?.polygons ?? [])).every(Number.isFinite)).toBe(true)
      const image = images.get(record.imageId)
      expect(image).toBeDefined()
      image?.objects.push(object)
    } else if (record.kind === 'problem') {
      expect(record.problem.code).toMatch(/^[EW]_[A-Z_]+$/)
      problems.push(record.problem)
    }
  }
  return {
    categories: [...categories.values()],
    images: [...images.values()],
    problems,
    verdicts: problems.map(({ decision, code }) => `${decision} ${code}`),
  }
}

/** What was read, as exporters get it: categories and images numbered in the order of reading, from 1. */
export function contentOf(read: ReadAll): DatasetContent {
  const categoryIds = new Map(read.categories.map(({ sourceId }, i) => [sourceId, i + 1]))
  let objectId = 0
  const images = read.images.map(({ objects, sourceId: _, ...image }, i) => ({
    ...image,
    id: i + 1,
    width: image.width ?? 0,
    height: image.height ?? 0,
    objects: objects.map(({ sourceId: _, categoryId, ...object }): ContentObject => {
      objectId++
      return {
        ...object,
        id: objectId,
        categoryId: categoryIds.get(categoryId) ?? 0,
        isPatch: false,
      }
    }),
  }))
  return {
    name: 'read',
    categories: read.categories.map(({ sourceId: _, ...category }, i) => ({
      ...category,
      id: i + 1,
    })),
    images: () => images,
  }
}
