import type {
  ContentCategory,
  ContentImage,
  ContentObject,
  DatasetContent,
} from '../shared/dataset'
import type { ProjectObject, ProjectPatch } from './annotations'
import type { ImageFilter } from './image-filter'
import type { ProjectImage } from './images'
import type { Project } from './project'
import { filterInvalid } from './store-errors'

export const PATCH_CLASS = 'adversarial patch'
const PAGE = 500

export interface ContentOptions {
  /** Further limits, or a selection of pictures by id (in place of a filter). */
  readonly filter?: Omit<ImageFilter, 'dataset'>
  readonly selection?: readonly number[]
}

/**
 * A data set as exporters take it: category ids are the data set's own, patches that were not rejected come as objects of
 * the category `adversarial patch`. Reads page by page; the project must not be changed meanwhile.
 * @throws AppError E_ROW_UNKNOWN, E_FILTER_INVALID
 */
export function datasetContent(
  project: Project,
  datasetId: number,
  options: ContentOptions = {},
): DatasetContent {
  const { name } = project.datasets.byId(datasetId)
  const own = project.datasets.categories(datasetId)
  const categories: ContentCategory[] = own.map(({ id, name: category, supercategory }) => ({
    id,
    name: category,
    ...(supercategory === null ? {} : { supercategory }),
  }))
  const patchId = withPatchCategory(categories)
  return {
    name,
    categories,
    *images() {
      let id = 0
      for (const image of chosenImages(project, datasetId, options)) {
        const objects = [
          ...project.objectsOf(image.id).map((object) => objectContent(++id, object)),
          ...project
            .patchesOf(image.id)
            .filter(({ status }) => status !== 'rejected')
            .map((patch) => patchContent(++id, patchId, patch)),
        ]
        yield imageContent(image, objects)
      }
    },
  }
}

/**
 * What a run found, as exporters take it; category ids count the run's classes from 1. Pictures that failed are left out.
 * @throws AppError E_ROW_UNKNOWN
 */
export function runContent(project: Project, runId: number): DatasetContent {
  const { name } = project.runs.get(runId)
  const categories = project.runs.classes(runId).map((each, k) => ({ id: k + 1, name: each.name }))
  return {
    name,
    categories,
    *images() {
      let [objectId, imageId] = [0, 0]
      let after: string | null = null
      do {
        const page = project.runs.items(runId, 'all', { after, limit: PAGE })
        for (const item of page.rows) {
          if (item.error !== null) continue
          const objects = project.runs.item(item.id).found.map(({ box, score, classId }) => {
            const [x1, y1, x2, y2] = box
            const [width, height] = [x2 - x1, y2 - y1]
            return {
              id: ++objectId,
              categoryId: classId + 1,
              box: [x1, y1, width, height] as const,
              area: width * height,
              isCrowd: false,
              score,
              isPatch: false,
              attributes: {},
            }
          })
          imageId++
          if (item.memberId === null) {
            const { file, width, height } = item
            const size = { width: width ?? 0, height: height ?? 0 }
            yield { id: imageId, file, ...size, split: null, attributes: {}, objects }
          } else {
            yield { ...imageContent(project.images.get(item.memberId), objects), id: imageId }
          }
        }
        after = page.next
      } while (after !== null)
    },
  }
}

function* chosenImages(
  project: Project,
  dataset: number,
  { filter, selection }: ContentOptions,
): Generator<ProjectImage> {
  if (selection) {
    for (const id of [...new Set(selection)].sort((a, b) => a - b)) {
      const image = project.images.get(id)
      if (image.datasetId !== dataset) throw filterInvalid(`image ${id} is of another data set`)
      yield image
    }
    return
  }
  let after: string | null = null
  do {
    const page = project.images.list({ ...filter, dataset }, { after, limit: PAGE })
    yield* page.rows
    after = page.next
  } while (after !== null)
}

/** A category of this name that the data set has itself is used. */
function withPatchCategory(categories: ContentCategory[]): number {
  const known = categories.find(({ name }) => name === PATCH_CLASS)
  if (known) return known.id
  const id = Math.max(0, ...categories.map((category) => category.id)) + 1
  categories.push({ id, name: PATCH_CLASS })
  return id
}

function imageContent(image: ProjectImage, objects: readonly ContentObject[]): ContentImage {
  return {
    id: image.id,
    file: image.file,
    width: image.width ?? 0,
    height: image.height ?? 0,
    split: image.split,
    ...(image.pixels ? { pixels: image.pixels } : {}),
    ...(image.label ? { label: image.label } : {}),
    attributes: image.attributes,
    objects,
  }
}

function objectContent(id: number, object: ProjectObject): ContentObject {
  return {
    id,
    categoryId: object.categoryId,
    box: object.box,
    ...(object.shape ? { shape: object.shape } : {}),
    area: object.area,
    isCrowd: object.isCrowd,
    ...(object.score === undefined ? {} : { score: object.score }),
    isPatch: false,
    attributes: object.attributes,
  }
}

/** Which patch it is and what it wants travel as attributes. */
function patchContent(id: number, categoryId: number, patch: ProjectPatch): ContentObject {
  const [, , width, height] = patch.box
  return {
    id,
    categoryId,
    box: patch.box,
    ...(patch.shape ? { shape: patch.shape } : {}),
    area: width * height,
    isCrowd: false,
    isPatch: true,
    attributes: {
      ...patch.attributes,
      ...(patch.name === null ? {} : { patch: patch.name }),
      ...(patch.target === null ? {} : { target: patch.target }),
    },
  }
}
