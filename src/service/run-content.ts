import { isAbsolute, join, relative, sep } from 'node:path'
import { diskPath } from '../engine/files/disk-path'
import type { FilePath } from '../engine/files/read-file'
import type { ContentImage, ContentObject } from '../shared/dataset'
import { detectionMaskName } from '../shared/report/detection-masks'
import { rleArea, rleBox } from '../shared/vision'
import type { ImageFilter, Project, Run, RunItemDetail } from '../store'
import { commonFolder } from './common-folder'
import { contentNames } from './content-names'
import { contentClasses, type ContentClasses, contentPlaces, memberIds } from './content-order'
import { maskNamed, removedMask } from './found-patches'
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
  const files = found.map(({ file }) => file)
  // Relative names are those of a data set that was removed meanwhile.
  const root = (files.every((file) => isAbsolute(file)) ? commonFolder(files) : null) ?? ''
  return {
    name: run.name,
    classes,
    inputs: files,
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

/** A run as a data set: detections are objects with a score, what the defense took for a patch is a patch. */
export function runContent(project: Project, run: Run, filter: ImageFilter = {}): ProjectContent {
  const run_ = runPictures(project, run, filter)
  const hasMasks = hasRemoved(run_)
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

/** Looks no farther than the first one, and holds no more than one picture. */
function hasRemoved(run: RunPictures): boolean {
  for (const { item } of run.pictures()) if (removedMask(item) !== null) return true
  return false
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
  const mask = removedMask(item)
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
