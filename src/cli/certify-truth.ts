import { readFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { z } from 'zod'
import { reasonOf } from '../engine/files/read-file'
import type { CertifySubject } from '../engine/vision-job'
import { AppError } from '../shared/errors'

const schema = z.object({
  images: z.array(z.object({ id: z.int().min(0), file_name: z.string() })),
  categories: z.array(z.object({ id: z.int().min(0), name: z.string() })),
  annotations: z.array(
    z.object({
      image_id: z.int(),
      category_id: z.int(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      iscrowd: z.union([z.boolean(), z.number()]).optional(),
    }),
  ),
})

/** The objects of a COCO ground truth, by picture. */
export interface GroundTruthObjects {
  /** Objects of the picture with this name, or of the one whose file is called so; null: it is not in the file. */
  objectsOf(name: string): readonly CertifySubject[] | null
  /** Of the file: other objects make other results. */
  readonly sha256: string
}

/** @throws AppError E_GT_UNREADABLE, E_JSON_SYNTAX, E_COCO_NO_IMAGES */
export async function readGroundTruthObjects(path: string): Promise<GroundTruthObjects> {
  const text = await read(path)
  const { images, categories, annotations } = parse(path, text)
  const nameOf = new Map(categories.map(({ id, name }) => [id, name]))
  const objects = new Map<number, CertifySubject[]>(images.map(({ id }) => [id, []]))
  for (const { image_id: image, category_id: category, bbox, iscrowd } of annotations) {
    if (Number(iscrowd ?? 0) !== 0) continue // a crowd is no single object
    const [x, y, width, height] = bbox
    objects.get(image)?.push({
      box: [x, y, x + width, y + height],
      boxClass: nameOf.get(category) ?? `category ${category}`,
    })
  }
  const byName = new Map<string, number | null>()
  for (const { id, file_name: path } of images) {
    // Of two pictures that are called alike in different folders neither is meant for sure.
    const name = basename(path)
    byName.set(name, byName.has(name) ? null : id)
  }
  for (const { id, file_name: name } of images) byName.set(name, id)
  return {
    sha256: createHash('sha256').update(text).digest('hex'),
    objectsOf(name) {
      const id = byName.get(name) ?? byName.get(basename(name)) ?? null
      return id === null ? null : (objects.get(id) ?? [])
    },
  }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const message = `cannot read the ground truth ${path}: ${reasonOf(cause)}`
    throw new AppError('E_GT_UNREADABLE', message, 'Check the path after --gt.', { cause })
  }
}

function parse(path: string, text: string): z.infer<typeof schema> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    const hint = 'Give a COCO annotation file after --gt.'
    throw new AppError('E_JSON_SYNTAX', `${path} is not JSON`, hint, { cause })
  }
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = issue && issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ` : ''
  throw new AppError(
    'E_COCO_NO_IMAGES',
    `${path} is not a COCO annotation file: ${where}${issue?.message ?? 'it is of another form'}`,
    'It needs images, categories, and annotations with image_id, category_id and bbox.',
  )
}
