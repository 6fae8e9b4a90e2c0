import { basename } from 'node:path'
import { z } from 'zod'
import { AppError } from '../shared/errors'
import { showPath } from '../shared/image-errors'

const named = z.looseObject({
  images: z.array(z.looseObject({ id: z.number(), file_name: z.string() })),
  categories: z.array(z.looseObject({ id: z.number(), name: z.string() })),
})
const results = named.extend({
  annotations: z.array(z.looseObject({ image_id: z.number(), category_id: z.number() })),
})

/**
 * Results that name their pictures and classes, with the ids that these have in the ground truth: whoever wrote them may
 * have counted both differently, and nobody would see it in the numbers. A plain list of results has ids alone and comes
 * back as it is, as does what is no such document. Classes that the ground truth lacks get ids that it lacks.
 * @throws AppError E_ANN_IMAGE_UNKNOWN
 */
export function joinByName(truthDocument: unknown, resultsDocument: unknown): unknown {
  const truth = named.safeParse(truthDocument).data
  const found = results.safeParse(resultsDocument).data
  if (truth === undefined || found === undefined) return resultsDocument
  const imageIds = imageIdsOf(truth, found)
  const categoryIds = categoryIdsOf(truth, found)
  return {
    ...found,
    annotations: found.annotations.map((annotation) => ({
      ...annotation,
      image_id: imageIds.get(annotation.image_id) ?? refuse(found, annotation.image_id),
      category_id: categoryIds.get(annotation.category_id) ?? annotation.category_id,
    })),
  }
}

type Named = z.infer<typeof named>

/** By the whole name, or by that of the file where only one picture is called so. */
function imageIdsOf(truth: Named, found: Named): ReadonlyMap<number, number> {
  const byName = new Map<string, number | null>()
  for (const { id, file_name: path } of truth.images) {
    const name = basename(path)
    byName.set(name, byName.has(name) ? null : id)
  }
  for (const { id, file_name: path } of truth.images) byName.set(path, id)
  return new Map(
    found.images.flatMap(({ id, file_name: path }): [number, number][] => {
      const there = byName.get(path) ?? byName.get(basename(path)) ?? null
      return there === null ? [] : [[id, there]]
    }),
  )
}

function categoryIdsOf(truth: Named, found: Named): ReadonlyMap<number, number> {
  const byName = new Map(truth.categories.map(({ id, name }) => [name, id]))
  let next = truth.categories.reduce((most, { id }) => Math.max(most, id), 0)
  return new Map(found.categories.map(({ id, name }) => [id, byName.get(name) ?? ++next]))
}

function refuse({ images }: Named, id: number): never {
  const path = images.find((image) => image.id === id)?.file_name
  throw new AppError(
    'E_ANN_IMAGE_UNKNOWN',
    path === undefined
      ? `the results speak of image ${id}, which they do not list`
      : `the results speak of ${showPath(path)}, which the ground truth does not have, or more than once`,
    'Evaluate results against the ground truth of the same pictures, by the same file names.',
  )
}
