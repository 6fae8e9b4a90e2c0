import { certificateMethod } from '../engine/certificate-method'
import { programFile } from '../engine/program-file'
import { chooseSplit, type Split, type SplitRequest } from '../engine/split'
import type { CertifyTask, Locations } from '../engine/vision-job'
import type { Attributes } from '../shared/dataset'
import type { ModelCard } from '../shared/model-card'
import type { Dataset, Project, Run } from '../store'
import {
  countRunPictures,
  datasetObjectSubjects,
  memberBoxSubjects,
  memberObjectSubjects,
  runBoxSubjects,
} from './certificate-subjects'
import type { DetectionSteps, StartedRun } from './detection-run'
import { inTurns } from './in-turns'
import type { JobControl, Jobs } from './jobs'
import type { SpawnWorker } from '../engine/spawn-worker'
import { computeRun } from './run-job'
import { datasetOfRun, determinationKey, findSameRun, openRun } from './run-order'
import { idRanges } from './id-ranges'
import {
  datasetSubjects,
  fileSubjects,
  memberSubjects,
  type RunSubject,
  type SubjectFile,
} from './run-subjects'

/** What is certified: boxes of a run, pictures of a data set (their objects, for detectors), or files. */
export type CertificatePictures =
  | {
      readonly run: Run
      /** Only these of its pictures (without links). */
      readonly paths: ReadonlySet<string> | null
      readonly named?: readonly string[] | null
    }
  | { readonly dataset: Dataset }
  /** Some pictures of one data set or of several (null), or the boxes that the run has found in them. */
  | {
      readonly members: readonly number[]
      readonly dataset: Dataset | null
      readonly boxesOf: Run | null
    }
  | {
      readonly files: readonly SubjectFile[]
      /** By which names of files and folders they were found, so that the run can go on without being told. */
      readonly named?: readonly string[] | null
    }

export interface CertificateOrder {
  /** Of the run, if it is a new one. */
  readonly name: string
  readonly task: CertifyTask
  readonly card: ModelCard
  readonly about: Attributes
  readonly pictures: CertificatePictures
  readonly seed: number
  readonly maxPixels: number
  readonly locations: Locations
  readonly workers?: number
  readonly threads?: number
  readonly spawn?: SpawnWorker
}

/** What the run of an order is called and begun with; its results are stored as they come. */
export interface StartedCertification extends StartedRun {
  readonly total: number
}

/**
 * Begins a run that certifies, or goes on with it: the same order over the same pictures is the same run, and
 * certificates that the project has are not computed again.
 * @throws AppError E_PROJECT_BUSY, E_DISK_FULL where the run cannot be written down
 */
export function startCertification(
  project: Project,
  jobs: Jobs,
  order: CertificateOrder,
  steps: DetectionSteps = {},
): StartedCertification {
  const { task, seed, maxPixels, card, locations, spawn } = order
  const { subjects, total, boxesOf, ...pictures } = resolved(project, order)
  const determination = determinationOf(order, boxesOf)
  const run = openRun(project, {
    name: order.name,
    kind: 'certify',
    determination,
    about: {
      ...order.about,
      maxPixels,
      ...namesOf(order.pictures),
      boxesOf: boxesOf && { id: boxesOf.id, name: boxesOf.name },
    },
    ...{ ...pictures, total },
    classNames: card.classes,
  })
  const jobOrder = {
    kind: 'run',
    name: run.name,
    manifest: { runKey: run.manifest['runKey'] ?? null },
    runId: run.id,
  }
  const compute = async (control: JobControl) => {
    const workerEntry = programFile('worker')
    const split = await splitFor(task, {
      ...{ locations, workerEntry, pictures: total, signal: control.signal },
      ...{ model: task.model, sha256: card.sha256 },
      ...(order.workers === undefined ? {} : { workers: order.workers }),
      ...(order.threads === undefined ? {} : { threads: order.threads }),
      ...(spawn ? { spawn } : {}),
    })
    const work = {
      ...{ run, determination, subjects, total, workerEntry },
      workers: Math.max(1, Math.min(split.workers, total)),
      job: { locations, task, threads: split.threads, seed, maxPixels },
      ...(spawn ? { spawn } : {}),
    }
    return computeRun(
      project,
      {
        ...work,
        onPicture: ({ item }, progress) => steps.onPicture?.(item.path, progress),
        onDone: ({ item }, result) => steps.onDone?.(item.path, result),
        onFailed: ({ item }, error) => steps.onFailed?.(item.path, error),
      },
      control,
    )
  }
  const job = jobs.start(jobOrder, (control) => inTurns(control, steps.turn, compute))
  return { run, job, total }
}

function namesOf(pictures: CertificatePictures): { named?: readonly string[] } {
  const named = 'named' in pictures ? pictures.named : null
  return named ? { named } : {}
}

type Order = Pick<CertificateOrder, 'task' | 'card' | 'seed' | 'maxPixels'>

/** Stands for everything that determines a certificate of an order beside the picture and its boxes. */
export function determinationOf(
  { task, card, seed, maxPixels }: Order,
  boxesOf: Run | null,
): string {
  return determinationKey({
    task: { ...task, model: '' }, // known by its card
    ...{ seed, maxPixels },
    cards: [card, boxesOf?.id ?? null],
  })
}

/** The run that an order would go on with, and the pictures that it is about. */
export function lookAhead(
  project: Project,
  order: Order & Pick<CertificateOrder, 'pictures'>,
): { readonly same: Run | undefined; readonly determination: string } & Pick<
  Resolved,
  'subjects' | 'total'
> {
  const { subjects, total, boxesOf, ...pictures } = resolved(project, order)
  const determination = determinationOf(order, boxesOf)
  const same = findSameRun(project, { kind: 'certify', determination, ...pictures })
  return { subjects, total, same, determination }
}

/** Classifiers are small and get many samples: one thread each. Detectors are measured. */
export function splitFor(task: CertifyTask, request: SplitRequest): Promise<Split> {
  if (isAboutObjects(task)) return chooseSplit(request)
  return chooseSplit({ ...request, threads: request.threads ?? 1 })
}

const isAboutObjects = ({ method }: CertifyTask): boolean =>
  certificateMethod(method).about === 'objects'

interface Resolved {
  readonly subjects: () => Iterable<RunSubject>
  readonly total: number
  readonly dataset: Dataset | null
  /** What tells this order from others where there is no data set. */
  readonly files: readonly string[]
  readonly boxesOf: Run | null
  readonly members?: string
}

function resolved(
  project: Project,
  { pictures, task }: Pick<CertificateOrder, 'pictures' | 'task'>,
): Resolved {
  if ('run' in pictures) {
    const { run, paths } = pictures
    return {
      subjects: () => runBoxSubjects(project, run, paths),
      total: countRunPictures(project, run, paths),
      dataset: paths === null ? datasetOfRun(project, run) : null,
      files: paths === null ? [`run ${run.id}`] : [`run ${run.id}`, ...[...paths].sort()],
      boxesOf: run,
    }
  }
  if ('members' in pictures) {
    const { members, dataset, boxesOf } = pictures
    const isAbsolute = dataset === null
    const subjects = (): Iterable<RunSubject> => {
      if (boxesOf !== null) return memberBoxSubjects(project, boxesOf, members)
      if (isAboutObjects(task)) return memberObjectSubjects(project, members, isAbsolute)
      return memberSubjects(project, members, undefined, isAbsolute)
    }
    const total = members.length
    return { subjects, total, dataset, files: [], boxesOf, members: idRanges(members) }
  }
  if ('dataset' in pictures) {
    const { dataset } = pictures
    const subjects = isAboutObjects(task)
      ? () => datasetObjectSubjects(project, dataset)
      : () => datasetSubjects(project, dataset)
    return { subjects, total: dataset.images, dataset, files: [], boxesOf: null }
  }
  const { files } = pictures
  return {
    subjects: () => fileSubjects(project, files),
    total: files.length,
    dataset: null,
    files: files.map(({ path }) => path),
    boxesOf: null,
  }
}
