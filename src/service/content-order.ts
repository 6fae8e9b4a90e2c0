import type { ContentCategory } from '../shared/dataset'
import type { Dataset, ImageFilter, Project } from '../store'

/** One picture of a content: its id there, and the member of a data set that it is. */
export interface ContentPlace {
  readonly id: number
  readonly memberId: number
}

/** Patches are no object class; in exports they have this one. */
const patchCategoryName = 'adversarial patch'
/** The id that is free in COCO, and that APRICOT uses. */
const apricotPatchId = 12

/**
 * The pictures of a data set in the order of an export, with the ids that they have there. Where the source has numbered
 * them (COCO), its numbers are kept, so that results fit its annotations; else they are counted in the order of the import.
 */
export function contentPlaces(
  project: Project,
  dataset: Dataset,
  filter: ImageFilter = {},
): readonly ContentPlace[] {
  const numbers = sourceNumbers(project.images.sourceIds(dataset.id))
  const places: ContentPlace[] = []
  for (const memberId of memberIds(project, { ...filter, dataset: dataset.id })) {
    places.push({ id: numbers?.get(memberId) ?? places.length + 1, memberId })
  }
  return numbers === null ? places : places.sort((a, b) => a.id - b.id)
}

export function* memberIds(project: Project, filter: ImageFilter): Generator<number> {
  for (let after: string | null = null; ;) {
    const page = project.images.ids(filter, { limit: 1_000, after })
    for (const { id } of page.rows) yield id
    if (page.next === null) return
    after = page.next
  }
}

export interface ContentClasses {
  /** Sorted by id. The last one or the one with APRICOT's id is that of patches. */
  readonly categories: readonly ContentCategory[]
  /** Ids in the content by the name of the class. */
  readonly idOf: ReadonlyMap<string, number>
  readonly patchId: number
}

/** The classes of a data set, with the source's own numbers where it has them; and those that only a run knows. */
export function contentClasses(
  project: Project,
  dataset: Dataset | null,
  moreNames: readonly string[] = [],
): ContentClasses {
  const known = dataset === null ? [] : project.datasets.categories(dataset.id)
  const numbers = sourceNumbers(known)
  const categories: ContentCategory[] = known.map(({ id, name, supercategory }, k) => ({
    id: numbers?.get(id) ?? k + 1,
    name,
    ...(supercategory === null ? {} : { supercategory }),
  }))
  const idOf = new Map(categories.map(({ name, id }) => [name, id]))
  let next = Math.max(0, ...categories.map(({ id }) => id)) + 1
  for (const name of moreNames) {
    if (idOf.has(name)) continue
    idOf.set(name, next)
    categories.push({ id: next++, name })
  }
  const taken = categories.some(({ id }) => id === apricotPatchId)
  const patchId = dataset?.importer === 'apricot' && !taken ? apricotPatchId : next
  categories.push({ id: patchId, name: patchCategoryName })
  return { categories: categories.sort((a, b) => a.id - b.id), idOf, patchId }
}

/** The source's ids as numbers, by our own; null unless all of them are different whole numbers from 1. */
function sourceNumbers(
  rows: readonly { readonly id: number; readonly sourceId: string }[],
): ReadonlyMap<number, number> | null {
  const numbers = new Map<number, number>()
  for (const { id, sourceId } of rows) {
    const number = /^[1-9]\d{0,14}$/.test(sourceId) ? Number(sourceId) : 0
    if (number === 0) return null
    numbers.set(id, number)
  }
  return numbers
}
