import { hash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { readCocoResults, type CocoResult } from '../datasets/coco/results'
import { diskSource } from '../engine/import/disk-source'
import { ImportReport } from '../engine/import/import-report'
import type { ImportProblem, Shape } from '../shared/dataset'
import { AppError } from '../shared/errors'
import { detectionMaskName } from '../shared/report/detection-masks'
import { polygonsToRle, type Rle, rleBox, rleToText, type Detection } from '../shared/vision'
import type { Dataset, Project, ProjectImage, Run } from '../store'
import { memberIds } from './content-order'
import type { JobControl } from './jobs'
import { itemKey, openRun } from './run-order'

export interface ResultsOrder {
  /** A COCO results file. */
  readonly path: string
  readonly name: string
  readonly dataset: Dataset
}

export interface ResultsOutcome {
  readonly run: Run
  readonly detections: number
  readonly report: ImportReport
}

/**
 * Stores the detections of a results file as a run of the data set that they speak of; images without any have none. The
 * same file again is the same run.
 * @throws AppError E_NOT_RESULTS, E_RESULTS_FOREIGN, E_JSON_…, E_FILE_…, E_DISK_FULL; the reason of a cancel
 */
export async function importResults(
  project: Project,
  { path, name, dataset }: ResultsOrder,
  control: JobControl,
): Promise<ResultsOutcome> {
  const source = await diskSource(path)
  const file = source.entry ?? basename(path)
  const report = new ImportReport()
  const { sha256 } = await source.digest(file)
  const categories = project.datasets.categories(dataset.id)
  const members = new Map(
    project.images.sourceIds(dataset.id).map(({ id, sourceId }) => [sourceId, id]),
  )
  const classIds = new Map(categories.map(({ sourceId }, k) => [sourceId, k]))
  const found = new Map<number, FoundObject[]>()
  let detections = 0
  let record = 0
  for await (const entry of readCocoResults(source.stream(file), file)) {
    control.signal.throwIfAborted()
    if (entry.kind === 'problem') {
      report.add(entry.problem)
      continue
    }
    const { result } = entry
    const memberId = members.get(result.imageId)
    const classId = classIds.get(result.categoryId)
    if (memberId === undefined || classId === undefined) {
      report.add(foreign(file, record, result, dataset, memberId === undefined))
    } else {
      try {
        const object = foundObject(result, classId, project.images.get(memberId))
        const list = found.get(memberId)
        if (list) list.push(object)
        else found.set(memberId, [object])
        detections++
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        const { code, message } = error
        report.add({ decision: 'skip-record', code, file, record, message })
      }
    }
    record++
  }
  if (detections === 0 && record > 0) throw allForeign(dirname(path), file, dataset)
  const run = openRun(project, {
    ...{ name, kind: 'detect', dataset, files: [], total: dataset.images },
    determination: sha256,
    about: { imported: { file, sha256 } },
    classNames: categories.map((category) => category.name),
  })
  // From here on screens show the run with its job, and nobody deletes it meanwhile.
  project.jobs.setRun(control.jobId, run.id)
  await storeAll(project, run, { determination: hash('sha256', sha256), dataset, found }, control)
  if (project.runs.get(run.id).state !== 'finished') project.runs.finish(run.id, 'finished')
  return { run: project.runs.get(run.id), detections, report }
}

async function storeAll(
  project: Project,
  run: Run,
  results: {
    readonly determination: string
    readonly dataset: Dataset
    readonly found: ReadonlyMap<number, readonly FoundObject[]>
  },
  control: JobControl,
): Promise<void> {
  const { determination, dataset, found } = results
  let writes: Promise<unknown>[] = []
  let done = 0
  for (const memberId of memberIds(project, { dataset: dataset.id })) {
    const { file, sha256, width, height } = project.images.get(memberId)
    const objects = (found.get(memberId) ?? []).toSorted((a, b) => b.score - a.score)
    const frame = sizeOf(objects) ?? { width, height }
    writes.push(
      project.runs.storeResult(run.id, {
        key: itemKey(determination, String(memberId)),
        ...{ memberId, file, notes: {}, warnings: [], stages: [] },
        detections: objects.map(({ box, score, classId }) => ({ box, score, classId })),
        masks: masksOf(objects, frame),
        ...(sha256 === null ? {} : { sha256 }),
        ...(frame.width === null ? {} : { width: frame.width }),
        ...(frame.height === null ? {} : { height: frame.height }),
      }),
    )
    if (writes.length < 500) continue
    await Promise.all(writes)
    done += writes.length
    writes = []
    control.report({ done, total: dataset.images })
    await control.checkpoint()
  }
  await Promise.all(writes)
}

/** A detection, with the pixels that it marks where the file says them. */
interface FoundObject extends Detection {
  readonly mask: Rle | null
}

/** @throws AppError E_RLE_SIZE_MISMATCH, E_POLYGON_MALFORMED */
function foundObject(
  { box: given, shape, score }: CocoResult,
  classId: number,
  image: ProjectImage,
): FoundObject {
  const mask = maskOf(shape, image)
  const [x, y, width, height] = given ?? (mask ? rleBox(mask) : [0, 0, 0, 0])
  return { box: [x, y, x + width, y + height], score, classId, mask }
}

/** Masks are kept in the size of their picture; outlines become masks, as evaluation takes them. */
function maskOf(shape: Shape | undefined, { width, height, file }: ProjectImage): Rle | null {
  const mask = shape?.mask
  if (mask !== undefined) {
    const fits = width === null || height === null || hasSize(mask, width, height)
    if (fits) return mask
    throw new AppError(
      'E_RLE_SIZE_MISMATCH',
      `A mask has ${mask.height} rows and ${mask.width} columns, and ${file} has ${height} and ${width}.`,
      'The size of a mask is [height, width] of its picture.',
    )
  }
  if (shape?.polygons === undefined) return null
  if (width !== null && height !== null) return polygonsToRle(shape.polygons, { width, height })
  throw new AppError(
    'E_POLYGON_MALFORMED',
    `A detection has an outline, and nobody knows the size of ${file}.`,
    'Import the data set again when its pictures are there, or give the masks as run lengths.',
  )
}

const hasSize = (mask: Rle, width: number, height: number) =>
  mask.width === width && mask.height === height

/** An image has one size: masks of another one, which only a picture that nobody has seen can have, are left out. */
function masksOf(
  objects: readonly FoundObject[],
  { width, height }: Pick<ProjectImage, 'width' | 'height'>,
): Record<string, string> {
  const named = objects.flatMap(({ mask }, place) =>
    mask?.width !== width || mask.height !== height
      ? []
      : [[detectionMaskName(place), rleToText(mask)] as const],
  )
  return Object.fromEntries(named)
}

/** Where nobody has looked at a picture, its masks say how large it is. */
function sizeOf(objects: readonly FoundObject[]): { width: number; height: number } | null {
  const mask = objects.find((object) => object.mask !== null)?.mask ?? null
  return mask && { width: mask.width, height: mask.height }
}

function foreign(
  file: string,
  record: number,
  { imageId, categoryId }: CocoResult,
  { name }: Dataset,
  isImage: boolean,
): ImportProblem {
  return {
    decision: 'skip-record',
    code: isImage ? 'E_ANN_IMAGE_UNKNOWN' : 'E_ANN_CATEGORY_UNKNOWN',
    file,
    record,
    message: `A detection names the ${isImage ? `image ${imageId}` : `class ${categoryId}`}, which the data set "${name}" does not have.`,
  }
}

const allForeign = (folder: string, file: string, { name }: Dataset) =>
  new AppError(
    'E_RESULTS_FOREIGN',
    `No detection of ${file} is about an image and a class of the data set "${name}".`,
    `Import the annotations that these results belong to first (they may be in ${folder}), and name that data set.`,
  )
