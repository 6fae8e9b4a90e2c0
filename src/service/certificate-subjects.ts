import { hash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { diskPath } from '../engine/files/disk-path'
import type { CertifySubject, VisionItem } from '../engine/vision-job'
import type { Dataset, Project, Run, RunItem } from '../store'
import { pathOfPicture } from './picture-place'
import { memberSubjects, type RunSubject } from './run-subjects'
import { memberIds } from './content-order'

/**
 * The pictures of a run with the boxes that it found in them, best score first. Pictures that the run could not do are
 * left out, and so are those not among `paths`, where some are given (without links).
 */
export function* runBoxSubjects(
  project: Project,
  run: Run,
  paths: ReadonlySet<string> | null = null,
): Generator<RunSubject> {
  let index = 0
  for (const item of itemsOfRun(project, run)) {
    if (paths !== null && !paths.has(realPath(placeOf(project, item).path))) continue
    const subject = boxSubject(project, item, index)
    if (subject === null) continue
    yield subject
    index++
  }
}

/** The same for some pictures of data sets, in their order; those that the run could not do are left out. */
export function* memberBoxSubjects(
  project: Project,
  run: Run,
  members: Iterable<number>,
): Generator<RunSubject> {
  let index = 0
  for (const memberId of members) {
    const item = project.runs.itemOfImage(run.id, memberId)
    const subject = item === undefined ? null : boxSubject(project, item, index)
    if (subject === null) continue
    yield subject
    index++
  }
}

/** Null for a picture that the run could not do. */
function boxSubject(project: Project, item: RunItem, index: number): RunSubject | null {
  const { id, memberId, file, sha256, error } = item
  if (error !== null || sha256 === null) return null
  const { path, pixels } = placeOf(project, item)
  const subjects = project.runs
    .item(id)
    .found.map(({ box, class: boxClass }): CertifySubject => ({ box, boxClass }))
  const vision: VisionItem = {
    index,
    path: file,
    source: diskPath(path),
    ...(pixels ? { part: { pixels, contentId: sha256 } } : {}),
    subjects,
    subjectsOf: sha256,
  }
  return {
    index,
    ...(memberId === null ? {} : { memberId }),
    ...{ file, item: vision, contentId: sha256, needsPictures: false },
    about: digestOf(subjects),
  }
}

/** How many pictures `runBoxSubjects` yields. */
export function countRunPictures(
  project: Project,
  run: Run,
  paths: ReadonlySet<string> | null = null,
): number {
  let count = 0
  for (const item of itemsOfRun(project, run)) {
    if (item.error !== null || item.sha256 === null) continue
    if (paths === null || paths.has(realPath(placeOf(project, item).path))) count++
  }
  return count
}

/** The pictures of a data set with its objects; crowds are no single object and are left out. */
export function datasetObjectSubjects(project: Project, dataset: Dataset): Generator<RunSubject> {
  return memberObjectSubjects(project, memberIds(project, { dataset: dataset.id }), false)
}

/** The same for some pictures. `isAbsolute`: their names are not unique without their folders. */
export function* memberObjectSubjects(
  project: Project,
  members: Iterable<number>,
  isAbsolute: boolean,
): Generator<RunSubject> {
  for (const subject of memberSubjects(project, members, undefined, isAbsolute)) {
    const objects = subject.memberId === undefined ? [] : project.objectsOf(subject.memberId)
    const subjects = objects
      .filter(({ isCrowd }) => !isCrowd)
      .map(({ id, class: boxClass, box: [x, y, width, height] }): CertifySubject => ({
        objectId: id,
        boxClass,
        box: [x, y, x + width, y + height],
      }))
    yield { ...subject, item: { ...subject.item, subjects }, about: digestOf(subjects) }
  }
}

/** All results of a run, failures too, in the order in which they were done. */
export function* itemsOfRun(project: Project, run: Run): Generator<RunItem> {
  for (let after: string | null = null; ;) {
    const page = project.runs.items(run.id, 'all', { limit: 500, after })
    yield* page.rows
    if (page.next === null) return
    after = page.next
  }
}

/**
 * Where the picture of a result lies: files of data sets may have been moved since, with their folder. Others were named
 * by a person, and where the name is a link it was followed.
 */
function placeOf(project: Project, { memberId, file }: Pick<RunItem, 'memberId' | 'file'>) {
  if (memberId === null) return { path: realPath(file), pixels: undefined }
  const image = project.images.get(memberId)
  return { path: pathOfPicture(image), pixels: image.pixels }
}

/** Where links lead; the path itself where that is nowhere: whoever opens it says why. */
export function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}

const digestOf = (subjects: readonly CertifySubject[]): string =>
  hash('sha256', JSON.stringify(subjects))
