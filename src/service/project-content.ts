import { join } from 'node:path'
import { diskPath } from '../engine/files/disk-path'
import type { FilePath } from '../engine/files/read-file'
import type { ContentImage, ContentObject, DatasetContent } from '../shared/dataset'
import { rleArea } from '../shared/vision'
import type {
  Dataset,
  ImageFilter,
  Project,
  ProjectImage,
  ProjectObject,
  ProjectPatch,
} from '../store'
import {
  contentClasses,
  type ContentClasses,
  type ContentPlace,
  contentPlaces,
} from './content-order'

/** Contents of the project, which know where their pictures are. */
export interface ProjectContent extends DatasetContent {
  /** The file of a picture; null where it is missing or has moved. */
  locate(image: Pick<ContentImage, 'file'>): FilePath | null
  /** Folders that the pictures come from. */
  readonly inputs: readonly string[]
  /** Pictures that cannot be exported, because nobody knows how large they are: their files are missing. */
  readonly withoutSize: number
  readonly images: () => Iterable<ContentImage>
  readonly imageCount: number
}

/**
 * The annotations of a data set, or of those of its pictures that a filter lets through, ready for export. Pictures are read
 * one by one: memory does not grow with the data set but for a number for each picture.
 * @throws AppError E_FILTER_INVALID
 */
export function datasetContent(
  project: Project,
  dataset: Dataset,
  filter: ImageFilter = {},
): ProjectContent {
  const all = contentPlaces(project, dataset, filter)
  const { patch, file } = project.images.facets(dataset.id)
  // Counters tell what there is none of; only the rest is worth a look at every picture.
  const mayLackSize = file.some(({ value, images }) => value !== 'present' && images > 0)
  const places = mayLackSize
    ? all.filter(({ memberId }) => hasSize(project.images.get(memberId)))
    : all
  const hasPatches =
    patch.with > 0 && places.some(({ memberId }) => exportedPatches(project, memberId).length > 0)
  const classes = withoutUnusedPatches(contentClasses(project, dataset), hasPatches)
  return {
    name: dataset.name,
    categories: classes.categories,
    inputs: [dataset.root],
    withoutSize: all.length - places.length,
    imageCount: places.length,
    locate: ({ file }) => diskPath(join(dataset.root, file)),
    *images() {
      const nextId = counter()
      for (const place of places) yield imageOf(project, place, classes, nextId, hasPatches)
    },
  }
}

/** Objects are counted over the whole content. */
export const counter = () => {
  let last = 0
  return () => ++last
}

export const hasSize = ({ width, height }: ProjectImage) => width !== null && height !== null

/** A class without any object is kept where the source has it; that of patches is ours. */
export function withoutUnusedPatches(classes: ContentClasses, hasPatches: boolean): ContentClasses {
  if (hasPatches) return classes
  return { ...classes, categories: classes.categories.filter(({ id }) => id !== classes.patchId) }
}

function imageOf(
  project: Project,
  { id, memberId }: ContentPlace,
  classes: ContentClasses,
  nextId: () => number,
  hasPatches: boolean,
): ContentImage {
  const objects = project.objectsOf(memberId).map((object) => objectOf(object, classes, nextId))
  const patches = (hasPatches ? exportedPatches(project, memberId) : []).map((patch) =>
    patchOf(patch, classes, nextId),
  )
  return { ...imageHead(id, project.images.get(memberId)), objects: [...objects, ...patches] }
}

/** What is said of a picture without its objects. */
export function imageHead(id: number, image: ProjectImage): Omit<ContentImage, 'objects'> {
  const { file, width, height, orientation, split, pixels, label, attributes } = image
  return {
    id,
    file,
    width: width ?? 0,
    height: height ?? 0,
    ...(orientation === null ? {} : { orientation }),
    split,
    ...(pixels ? { pixels } : {}),
    ...(label ? { label } : {}),
    attributes,
  }
}

function objectOf(
  object: ProjectObject,
  classes: ContentClasses,
  nextId: () => number,
): ContentObject {
  const { box, shape, area, isCrowd, score, attributes } = object
  return {
    id: nextId(),
    categoryId: classes.idOf.get(object.class) ?? 0,
    box,
    ...(shape ? { shape } : {}),
    area,
    isCrowd,
    ...(score === undefined ? {} : { score }),
    isPatch: false,
    attributes,
  }
}

/** What somebody has drawn, accepted or imported; not what a segmenter has proposed, nor what was rejected. */
function exportedPatches(project: Project, memberId: number): ProjectPatch[] {
  return project
    .patchesOf(memberId)
    .filter(({ status }) => status === 'imported' || status === 'accepted')
}

function patchOf(
  patch: ProjectPatch,
  classes: ContentClasses,
  nextId: () => number,
): ContentObject {
  const { box, shape, name, target, attributes } = patch
  return {
    id: nextId(),
    categoryId: classes.patchId,
    box,
    ...(shape ? { shape } : {}),
    area: shape?.mask ? rleArea(shape.mask) : box[2] * box[3],
    isCrowd: false,
    isPatch: true,
    attributes: {
      ...attributes,
      ...(name === null ? {} : { patch_name: name }),
      ...(target === null ? {} : { patch_target: target }),
    },
  }
}
