import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import { reasonOf } from '../engine/files/read-file'
import { AppError } from '../shared/errors'

const schema = z.object({
  images: z.array(z.object({ id: z.int().min(0), file_name: z.string() })),
  categories: z.array(z.object({ id: z.int().min(0), name: z.string() })),
})

/** The ids of a COCO ground truth, which results must use to be comparable with it. */
export interface GroundTruthIds {
  /** The id of an image by its report name, or undefined. */
  imageId(name: string): number | undefined
  /** Categories for a detector's classes, in order; classes the ground truth lacks get ids of their own above its. */
  categoriesFor(classNames: readonly string[]): readonly { id: number; name: string }[]
}

/**
 * @throws AppError E_GT_UNREADABLE, E_JSON_SYNTAX, E_COCO_NO_IMAGES
 */
export async function readGroundTruthIds(path: string): Promise<GroundTruthIds> {
  const { images, categories } = parse(path, await read(path))
  const byName = new Map(images.map((image) => [image.file_name, image.id]))
  const byBase = new Map<string, number | null>()
  for (const image of images) {
    const base = basename(image.file_name)
    byBase.set(base, byBase.has(base) ? null : image.id) // null: two images share this name
  }
  const idOfClass = new Map(categories.map((category) => [category.name, category.id]))
  const firstFree = Math.max(0, ...categories.map((category) => category.id)) + 1
  return {
    imageId: (name) => byName.get(name) ?? byBase.get(basename(name)) ?? undefined,
    categoriesFor(classNames) {
      let next = firstFree
      return classNames.map((name) => ({ id: idOfClass.get(name) ?? next++, name }))
    },
  }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new AppError(
      'E_GT_UNREADABLE',
      `cannot read the ground truth ${path}: ${reasonOf(cause)}`,
      'Check the path after --gt.',
      {
        cause,
      },
    )
  }
}

function parse(path: string, text: string): z.infer<typeof schema> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new AppError(
      'E_JSON_SYNTAX',
      `${path} is not JSON`,
      'Give a COCO annotation file after --gt.',
      { cause },
    )
  }
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = issue && issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ` : ''
  throw new AppError(
    'E_COCO_NO_IMAGES',
    `${path} is not a COCO annotation file: ${where}${issue?.message ?? 'it is of another form'}`,
    'It needs images with id and file_name, and categories with id and name.',
  )
}
