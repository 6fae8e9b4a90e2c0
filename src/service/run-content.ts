import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { diskPath } from '../engine/files/disk-path'
import type { FilePath } from '../engine/files/read-file'
import type { ContentImage, ContentObject } from '../shared/dataset'
import { detectionMaskName } from '../shared/report/detection-masks'
import { type Rle, rleArea, rleBox, rleFromText } from '../shared/vision'
import type { ImageFilter, Project, Run, RunItemDetail } from '../store'
import { contentNames } from './content-names'
import { contentClasses, type ContentClasses, contentPlaces, memberIds } from './content-order'
import {
  counter,
  hasSize,
  imageHead,
  type ProjectContent,
  slices,
  withoutUnusedPatches,
} from './project-content'
import { datasetOfRun } from './run-order'

/** What a run has found in one picture, and which picture of an export it is. */
export interface RunPicture {
  readonly image: Omit<ContentImage, 'objects'>
  readonly item: RunItemDetail
}

/** The results of a run, picture by picture. */
export interface RunPictures {
  readonly name: string
  readonly classes: ContentClasses
  readonly inputs: readonly string[]
  readonly imageCount: number
  /** In the order of their ids, which does not depend on the order in which they were computed. */
  pictures(): Iterable<RunPicture>
  locate(image: Pick<ContentImage, 'file'>): FilePath | null
}

/**
 * The pictures that a run has answered. Those of a data set have the ids and names that they have there; others are counted
 * in the order of their paths, and named from the folder that holds all of them.
 * @throws AppError E_FILTER_INVALID
 */
export function runPictures(project: Project, run: Run, filter: ImageFilter = {}): RunPictures {
  const names = project.runs.classes(run.id).map(({ name }) => name)
  const dataset = datasetOfRun(project, run)
  const classes = contentClasses(project, dataset, names)
  if (dataset === null) return filePictures(project, run, classes, filter)
  const done = doneMembers(project, run)
  const places = contentPlaces(project, dataset, filter).filter(({ memberId }) =>
    done.has(memberId),
  )
  const pictureNames = contentNames(project, dataset)
  return {
    name: run.name,
    classes,
    inputs: pictureNames.folders,
    imageCount: places.length,
    locate: (image) => pictureNames.locate(image),
    *pictures() {
      for (const some of slices(places)) {
        const images = project.images.many(some.map(({ memberId }) => memberId))
        for (const [k, { id, memberId }] of some.entries()) {
          const item = project.runs.itemOfImage(run.id, memberId)
          const image = images[k]
          if (!item || !image) continue
          const head = imageHead(id, image, pictureNames)
          // A picture that was missing at the import has a size now.
          const size = hasSize(image) ? {} : { width: item.width ?? 0, height: item.height ?? 0 }
          yield { image: { ...head, ...size }, item }
        }
      }
    },
  }
}

/** Pictures of data sets that the run has answered. */
function doneMembers(project: Project, run: Run): ReadonlySet<number> {
  const done = new Set<number>()
  for (let after: string | null = null; ;) {
    const page = project.runs.items(run.id, 'all', { limit: 1_000, after })
    for (const { memberId, error } of page.rows) {
      if (error === null && memberId !== null) done.add(memberId)
    }
    if (page.next === null) return done
    after = page.next
  }
}

/** A filter speaks of pictures of data sets: files that are none do not come through one. */
function filePictures(
  project: Project,
  run: Run,
  classes: ContentClasses,
  filter: ImageFilter,
): RunPictures {
  const chosen = Object.keys(filter).length === 0 ? null : new Set(memberIds(project, filter))
  const found: { readonly id: number; readonly file: string }[] = []
  for (let after: string | null = null; ;) {
    const page = project.runs.items(run.id, 'all', { limit: 1_000, after })
    for (const { id, file, memberId, error } of page.rows) {
      const isMeant = chosen === null || (memberId !== null && chosen.has(memberId))
      if (error === null && isMeant) found.push({ id, file })
    }
    if (page.next === null) break
    after = page.next
  }
  found.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.id - b.id))
  const root = commonFolder(found.map(({ file }) => file))
  return {
    name: run.name,
    classes,
    inputs: found.map(({ file }) => file),
    imageCount: found.length,
    locate: ({ file }) => diskPath(join(root, file)),
    *pictures() {
      for (const [k, { id, file }] of found.entries()) {
        const item = project.runs.item(id)
        yield {
          item,
          image: {
            id: k + 1,
            file: root === '' ? file : relative(root, file).replaceAll(sep, '/'),
            width: item.width ?? 0,
            height: item.height ?? 0,
            split: null,
            attributes: {},
          },
        }
      }
    },
  }
}

/** Empty where there is none, or the names are relative already: those of a data set that was removed meanwhile. */
function commonFolder(files: readonly string[]): string {
  if (!files.every((file) => isAbsolute(file))) return ''
  let folder = dirname(files[0] ?? sep)
  for (const file of files) {
    while (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
      const above = dirname(folder)
      // Files of several drives have no folder in common.
      if (above === folder) return ''
      folder = above
    }
  }
  return folder
}

/** A run as a data set: detections are objects with a score, what the defense took for a patch is a patch. */
export function runContent(project: Project, run: Run, filter: ImageFilter = {}): ProjectContent {
  const run_ = runPictures(project, run, filter)
  const hasMasks = [...run_.pictures()].some(({ item }) => patchMask(item) !== null)
  const classes = withoutUnusedPatches(run_.classes, hasMasks)
  return {
    name: run_.name,
    categories: classes.categories,
    inputs: run_.inputs,
    withoutSize: 0,
    imageCount: run_.imageCount,
    locate: (image) => run_.locate(image),
    *images() {
      const nextId = counter()
      for (const { image, item } of run_.pictures()) {
        yield { ...image, objects: objectsOf(item, classes, nextId) }
      }
    },
  }
}

function objectsOf(
  item: RunItemDetail,
  classes: ContentClasses,
  nextId: () => number,
): ContentObject[] {
  const objects = item.found.map((found, place): ContentObject => {
    const [x1, y1, x2, y2] = found.box
    const own = maskNamed(item, detectionMaskName(place))
    return {
      id: nextId(),
      categoryId: classes.idOf.get(found.class) ?? 0,
      box: [x1, y1, x2 - x1, y2 - y1],
      ...(own === null ? {} : { shape: { mask: own } }),
      area: own === null ? (x2 - x1) * (y2 - y1) : rleArea(own),
      isCrowd: false,
      score: found.score,
      isPatch: false,
      attributes: {},
    }
  })
  const mask = patchMask(item)
  if (mask === null) return objects
  const [x, y, width, height] = rleBox(mask)
  objects.push({
    id: nextId(),
    categoryId: classes.patchId,
    box: [x, y, width, height],
    shape: { mask },
    area: rleArea(mask),
    isCrowd: false,
    isPatch: true,
    attributes: {},
  })
  return objects
}

/** The pixels that the defense removed: completed, or as the segmenter found them. Null if there are none. */
function patchMask(item: RunItemDetail): Rle | null {
  const mask = maskNamed(item, 'completed') ?? maskNamed(item, 'raw')
  return mask === null || rleArea(mask) === 0 ? null : mask
}

function maskNamed({ masks, width, height }: RunItemDetail, name: string): Rle | null {
  const text = masks[name]
  if (text === undefined || width === null || height === null) return null
  return rleFromText(text, { width, height })
}
