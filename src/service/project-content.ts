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
import { type ContentNames, contentNames } from './content-names'
import {
  contentClasses,
  type ContentClasses,
  type ContentPlace,
  contentPlaces,
} from './content-order'
import { isKnownPatch } from './found-patches'

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
  const places = mayLackSize ? [...placesWithSize(project, all)] : all
  const hasPatches =
    patch.with > 0 && places.some(({ memberId }) => project.patchesOf(memberId).some(isKnownPatch))
  const classes = withoutUnusedPatches(contentClasses(project, dataset), hasPatches)
  const names = contentNames(project, dataset)
  return {
    name: dataset.name,
    categories: classes.categories,
    inputs: names.folders,
    withoutSize: all.length - places.length,
    imageCount: places.length,
    locate: (image) => names.locate(image),
    *images() {
      const nextId = counter()
      const parts = { classes, names, nextId, hasPatches }
      for (const some of slices(places)) yield* imagesOf(project, some, parts)
    },
  }
}

function* placesWithSize(
  project: Project,
  places: readonly ContentPlace[],
): Generator<ContentPlace> {
  for (const some of slices(places)) {
    const images = project.images.many(some.map(({ memberId }) => memberId))
    for (const [k, place] of some.entries()) {
      const image = images[k]
      if (image && hasSize(image)) yield place
    }
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

interface ImageParts {
  readonly classes: ContentClasses
  readonly names: ContentNames
  readonly nextId: () => number
  readonly hasPatches: boolean
}

/** A few hundred pictures are read with as many questions to the project as one would take. */
function* imagesOf(
  project: Project,
  places: readonly ContentPlace[],
  { classes, names, nextId, hasPatches }: ImageParts,
): Generator<ContentImage> {
  const ids = places.map(({ memberId }) => memberId)
  const images = project.images.many(ids)
  const objects = project.objectsOfMany(ids)
  const patches = hasPatches ? project.patchesOfMany(ids) : null
  for (const [k, { id, memberId }] of places.entries()) {
    const image = images[k]
    if (!image) continue
    yield {
      ...imageHead(id, image, names),
      objects: [
        ...(objects.get(memberId) ?? []).map((object) => objectOf(object, classes, nextId)),
        ...(patches?.get(memberId) ?? [])
          .filter(isKnownPatch)
          .map((patch) => patchOf(patch, classes, nextId)),
      ],
    }
  }
}

const PICTURES_AT_ONCE = 300

export function* slices<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let k = 0; k < list.length; k += PICTURES_AT_ONCE) yield list.slice(k, k + PICTURES_AT_ONCE)
}

/** What is said of a picture without its objects. */
export function imageHead(
  id: number,
  image: ProjectImage,
  names: ContentNames,
): Omit<ContentImage, 'objects'> {
  const { width, height, orientation, split, pixels, label, attributes } = image
  return {
    id,
    file: names.nameOf(image),
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
