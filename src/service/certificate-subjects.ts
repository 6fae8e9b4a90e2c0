import { hash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { diskPath } from '../engine/files/disk-path'
import type { CertifySubject, VisionItem } from '../engine/vision-job'
import type { Dataset, Project, Run, RunItem } from '../store'
import { datasetSubjects, type RunSubject } from './run-subjects'

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
  for (const { id, memberId, file, sha256, error } of itemsOfRun(project, run)) {
    if (error !== null || sha256 === null) continue
    const place = placeOf(project, memberId, file)
    if (paths !== null && !paths.has(realPath(place.source))) continue
    const subjects = project.runs
      .item(id)
      .found.map(({ box, class: boxClass }): CertifySubject => ({ box, boxClass }))
    const item: VisionItem = {
      index,
      path: file,
      source: diskPath(place.source),
      ...(place.pixels ? { part: { pixels: place.pixels, contentId: sha256 } } : {}),
      subjects,
      subjectsOf: sha256,
    }
    yield {
      index,
      ...(memberId === null ? {} : { memberId }),
      ...{ file, item, contentId: sha256, needsPictures: false },
      about: digestOf(subjects),
    }
    index++
  }
}

/** How many pictures `runBoxSubjects` yields. */
export function countRunPictures(
  project: Project,
  run: Run,
  paths: ReadonlySet<string> | null = null,
): number {
  let count = 0
  for (const { memberId, file, sha256, error } of itemsOfRun(project, run)) {
    if (error !== null || sha256 === null) continue
    if (paths === null || paths.has(realPath(placeOf(project, memberId, file).source))) count++
  }
  return count
}

/** The pictures of a data set with its objects; crowds are no single object and are left out. */
export function* datasetObjectSubjects(project: Project, dataset: Dataset): Generator<RunSubject> {
  for (const subject of datasetSubjects(project, dataset)) {
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
function placeOf(project: Project, memberId: number | null, file: string) {
  if (memberId === null) return { source: realPath(file), pixels: undefined }
  const { folder, file: name, pixels } = project.images.get(memberId)
  return { source: join(folder, name), pixels }
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
