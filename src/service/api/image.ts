import { statSync } from 'node:fs'
import { sep } from 'node:path'
import { hash } from 'node:crypto'
import type { Output } from '../../shared/api'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import type { LabelledBox } from '../../shared/metrics/box-differences'
import type { ProjectImage, RunDetection } from '../../store'
import type { Context } from '../context'
import { pictureContent, pictureVersion } from '../content-version'
import { detectionFor } from '../detection-choice'
import { sourceOfPicture } from '../picture-place'
import { digestOfFile } from '../run-subjects'
import { cardsOf } from './cards'
import { compareBoxes } from './differences'
import { objectOf, patchOf } from './annotation-view'
import type { HandlersOf } from './handler'
import { detectionOf, draftResultOf, resultOf } from './image-view'
import { pathOf } from '../grants'
import { rowUnknown } from '../../store/store-errors'
import { keepDraft, supersede } from '../drafts'

export const imageHandlers: HandlersOf<'image'> = {
  async 'image.get'(context, { id, a, b }, signal) {
    const { project } = context
    const image = project.images.get(id)
    const [card] = await cardsOf(context, [id], { a, b }, signal)
    if (!card) throw rowUnknown('image', id)
    const { name } = project.datasets.byId(image.datasetId)
    return {
      card,
      dataset: { id: image.datasetId, name },
      folder: image.folder,
      sha256: image.sha256,
      orientation: image.orientation,
      split: image.split,
      label: image.label?.name ?? null,
      objects: project.objectsOf(id).map(objectOf),
      patches: project.patchesOf(id).map(patchOf),
      runs: runsOf(context, id),
      media: ['thumbnail', 'screen', 'full'].map((kind) => ({
        ...{ imageId: id, kind },
        version: pictureVersion(image),
      })),
    }
  },
  'image.result': ({ project }, { id, run: runId }) => {
    const run = project.runs.get(runId)
    const item = project.runs.itemOfImage(runId, id)
    return { result: item ? resultOf(run, id, item) : null }
  },
  'image.compare': (context, { id, a, b, minScore = 0 }) => {
    const { project } = context
    project.images.get(id)
    const [before, after] = [foundBy(context, id, a), foundBy(context, id, b)]
    const first = a === b ? after.before : before.found
    const strong = ({ score }: RunDetection) => score >= minScore
    const [boxesA, boxesB] = [first.filter(strong), after.found.filter(strong)]
    return {
      ...compareBoxes(boxesA.map(labelled), boxesB.map(labelled), project.objectsOf(id)),
      a: boxesA.map(detectionOf),
      b: boxesB.map(detectionOf),
    }
  },
  async 'image.preview'(context, { id, ...choice }, signal) {
    const { project, locations, settings, studio, threads } = context
    const image = project.images.get(id)
    // Whoever tries the next value has no use for the one before.
    const newest = supersede(context, `preview ${id}`, signal)
    const { task, seed } = await detectionFor(locations, choice)
    const maxPixels = Math.round(settings.get().maxMegapixels * 1e6)
    const order = { item: itemOf(image), task, locations, threads, seed, maxPixels }
    const tried = await studio.ask('try', order, newest)
    const draft = keepDraft(context, order)
    const result = draftResultOf(draft, id, tried)
    const { before } = result
    return {
      ...{ draft, result, classNames: [...tried.classNames] },
      comparison:
        before === null
          ? null
          : compareBoxes(before.map(labelled), result.found.map(labelled), project.objectsOf(id)),
    }
  },
  'image.relocate': (context, { id, grant }) => {
    const { project, grants } = context
    const image = project.images.get(id)
    const given = grants.get(grant)
    const { kind, name } = given
    if (kind !== 'file') throw notTheFile(name, 'it is no file')
    const path = pathOf(given)
    if (image.sha256 === null) throw notTheFile(name, 'nobody knows what the picture held')
    if (digestOfFile(path, name) !== image.sha256) throw notTheFile(name, 'it holds something else')
    const end = sep + image.file.replaceAll('/', sep)
    if (!path.endsWith(end))
      throw notTheFile(name, `its path does not end in ${showPath(image.file)}`)
    const root = path.slice(0, -end.length)
    const { size, mtimeMs } = statSync(path)
    if (root !== image.folder) project.files.moveFolder(image.folder, root)
    project.files.record([presentAgain(image, size, Math.trunc(mtimeMs))])
    context.changed('images')
    return { found: true }
  },
}

/** Where a picture is, as workers take it. */
export function itemOf(image: ProjectImage) {
  const { folder, file, pixels } = image
  const contentId =
    pictureContent(image) ?? hash('sha256', `${folder} ${file} ${JSON.stringify(pixels)}`)
  return {
    path: file,
    source: sourceOfPicture(image),
    ...(pixels ? { part: { pixels, contentId } } : {}),
  }
}

function presentAgain(image: ProjectImage, sizeBytes: number, modifiedMs: number) {
  const { fileId, sha256, width, height, orientation } = image
  const turned = (orientation ?? 1) >= 5
  return {
    fileId,
    state: 'present' as const,
    modifiedMs,
    content: {
      ...{ sha256: sha256 ?? '', sizeBytes, width: width ?? 0, height: height ?? 0 },
      storedWidth: (turned ? height : width) ?? 0,
      storedHeight: (turned ? width : height) ?? 0,
      orientation: orientation ?? 1,
      format: '',
    },
  }
}

function runsOf({ project }: Context, id: number): Output<'image.get'>['runs'] {
  return project.runs.ofImage(id).map(({ id: itemId, runId, error }) => ({
    ...{ runId, itemId, error },
    name: project.runs.get(runId).name,
  }))
}

function foundBy({ project }: Context, id: number, runId: number) {
  const { name } = project.runs.get(runId)
  const item = project.runs.itemOfImage(runId, id)
  if (item?.error === null) return item
  throw new AppError(
    'E_RESULT_MISSING',
    `The run "${name}" has no result for this picture.`,
    item?.error ? item.error.message : 'Run it on this picture, or choose another run.',
  )
}

const labelled = ({
  box,
  score,
  class: label,
}: RunDetection | ReturnType<typeof detectionOf>): LabelledBox => ({
  ...{ box, score, label },
})

const notTheFile = (name: string, why: string) =>
  new AppError(
    'E_FILE_NOT_THE_SAME',
    `${name} cannot take the place of the picture: ${why}.`,
    'Choose the same picture where its folder has moved to, or move the file back.',
  )
