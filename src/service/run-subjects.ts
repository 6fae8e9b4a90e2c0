import { createHash } from 'node:crypto'
import { closeSync, existsSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { openRegularFile, type FilePath } from '../engine/files/read-file'
import { contentIdOf as partId } from '../engine/import/check-image'
import { picturesOf, type VisionItem } from '../engine/vision-job'
import type { Dataset, ImageFilter, Project, ProjectImage } from '../store'
import { memberIds } from './content-order'
import { pathOfPicture, sourceOfPicture } from './picture-place'

/** A picture that a run is to answer. */
export interface RunSubject {
  readonly index: number
  /** The picture of a data set that it is, if it is one. */
  readonly memberId?: number
  /** Below the root of its data set, or absolute. */
  readonly file: string
  /** 64 hexadecimal digits that stand for its pixels; null if nobody has looked. */
  readonly contentId: string | null
  readonly item: VisionItem
  /** Stands for what beside the picture determines its result, such as the boxes that are certified. */
  readonly about?: string
  /** Pictures are to be written for it that are not there. */
  readonly needsPictures: boolean
}

/** Where the pictures go that are drawn of a result, by the name of the picture without its ending; none by default. */
export type PicturePlaces = (file: string) => Pick<VisionItem, 'annotatedPath' | 'maskPath'>

const noPictures: PicturePlaces = () => ({})

/** The pictures of a data set, in the order of its list. */
export function* datasetSubjects(
  project: Project,
  dataset: Dataset,
  filter: ImageFilter = {},
  places = noPictures,
): Generator<RunSubject> {
  yield* memberSubjects(project, memberIds(project, { ...filter, dataset: dataset.id }), places)
}

/** Pictures of data sets, one by one. `isAbsolute`: their names are not unique without their folders. */
export function* memberSubjects(
  project: Project,
  ids: Iterable<number>,
  places = noPictures,
  isAbsolute = false,
): Generator<RunSubject> {
  let index = 0
  for (const memberId of ids) {
    const image = project.images.get(memberId)
    const contentId = contentOf(image)
    const item: VisionItem = {
      index,
      path: image.file,
      source: sourceOfPicture(image),
      ...(image.pixels && contentId !== null ? { part: { pixels: image.pixels, contentId } } : {}),
      ...places(image.file),
    }
    const file = isAbsolute ? pathOfPicture(image) : image.file
    yield subjectOf({ index, memberId, file, contentId, item })
    index++
  }
}

/** A file of the disk that is to be answered, whether or not the project knows it. */
export interface SubjectFile {
  readonly path: string
  readonly source: FilePath
}

/** Files by their paths; those with the content of a picture of the project are that picture. */
export function* fileSubjects(
  project: Project,
  files: readonly SubjectFile[],
  places: (index: number) => ReturnType<PicturePlaces> = noPictures.bind(null, ''),
): Generator<RunSubject> {
  for (const [index, { path, source }] of files.entries()) {
    const item: VisionItem = { index, path, source, ...places(index) }
    const file = resolve(path)
    let contentId: string | null = null
    try {
      contentId = digestOfFile(source, path)
    } catch {
      // The worker says what is wrong with it.
    }
    const memberId = contentId === null ? undefined : memberAt(project, contentId, file)
    const subject = { index, file, contentId, item }
    yield subjectOf(memberId === undefined ? subject : { ...subject, memberId })
  }
}

/** Of several pictures with this content, the one that lies there. */
function memberAt(project: Project, sha256: string, path: string): number | undefined {
  const ids = project.images.withContent(sha256)
  const there = ids.find((id) => pathOfPicture(project.images.get(id)) === path)
  return there ?? ids[0]
}

function subjectOf(subject: Omit<RunSubject, 'needsPictures'>): RunSubject {
  return { ...subject, needsPictures: picturesOf(subject.item).some((path) => !existsSync(path)) }
}

/** What the project knows of a picture's pixels, unless its file was seen to have changed. */
function contentOf(image: ProjectImage): string | null {
  const { sha256, pixels, fileState } = image
  if (sha256 !== null && fileState !== 'changed') return partId(sha256, pixels)
  if (!pixels) return null
  try {
    return partId(digestOfFile(sourceOfPicture(image), image.file), pixels)
  } catch {
    return null // the worker says what is wrong with the file
  }
}

/**
 * Reads the file if nobody has looked at it yet.
 * @throws AppError E_FILE_NOT_FOUND, E_FILE_UNREADABLE, E_FILE_NOT_REGULAR
 */
export function contentIdOf({ contentId, item }: RunSubject): string {
  return contentId ?? digestOfFile(item.source, item.path)
}

/** SHA-256 of a file's bytes, in hexadecimal. @throws AppError E_FILE_NOT_FOUND, E_FILE_UNREADABLE, E_FILE_NOT_REGULAR */
export function digestOfFile(source: FilePath, name: string): string {
  const { file } = openRegularFile(source, { name, followLinks: true })
  try {
    const digest = createHash('sha256')
    const piece = Buffer.alloc(1 << 20)
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
      digest.update(piece.subarray(0, length))
    }
    return digest.digest('hex')
  } finally {
    closeSync(file)
  }
}
