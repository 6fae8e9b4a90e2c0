import { programFile } from '../engine/program-file'
import { chooseSplit, type Split, type SplitRequest } from '../engine/split'
import type { CertifyTask, Locations } from '../engine/vision-job'
import type { Attributes } from '../shared/dataset'
import type { ModelCard } from '../shared/model-card'
import type { Dataset, Project, Run } from '../store'
import { countRunPictures, datasetObjectSubjects, runBoxSubjects } from './certificate-subjects'
import type { DetectionSteps, StartedRun } from './detection-run'
import type { Jobs } from './jobs'
import { computeRun } from './run-job'
import { datasetOfRun, determinationKey, openRun } from './run-order'
import { datasetSubjects, fileSubjects, type RunSubject, type SubjectFile } from './run-subjects'

/** What is certified: boxes of a run, pictures of a data set (their objects, for detectors), or files. */
export type CertificatePictures =
  | { readonly run: Run; readonly paths: ReadonlySet<string> | null }
  | { readonly dataset: Dataset }
  | { readonly files: readonly SubjectFile[] }

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
  const { task, seed, maxPixels, card, locations } = order
  const { subjects, total, dataset, files, boxesOf } = resolved(project, order)
  const determination = determinationKey({
    task: { ...task, model: '' }, // known by its card
    ...{ seed, maxPixels },
    cards: [card, boxesOf?.id ?? null],
  })
  const run = openRun(project, {
    name: order.name,
    kind: 'certify',
    determination,
    about: { ...order.about, boxesOf: boxesOf && { id: boxesOf.id, name: boxesOf.name } },
    ...{ dataset, files, total },
    classNames: card.classes,
  })
  const jobOrder = {
    kind: 'run',
    name: run.name,
    manifest: { runKey: run.manifest['runKey'] ?? null },
    runId: run.id,
  }
  const job = jobs.start(jobOrder, async (control) => {
    const workerEntry = programFile('worker')
    const split = await splitFor(task, {
      ...{ locations, workerEntry, pictures: total, signal: control.signal },
      ...{ model: task.model, sha256: card.sha256 },
      ...(order.workers === undefined ? {} : { workers: order.workers }),
      ...(order.threads === undefined ? {} : { threads: order.threads }),
    })
    const work = {
      ...{ run, determination, subjects, total, workerEntry },
      workers: Math.max(1, Math.min(split.workers, total)),
      job: { locations, task, threads: split.threads, seed, maxPixels },
    }
    return computeRun(
      project,
      {
        ...work,
        onDone: ({ item }, result) => steps.onDone?.(item.path, result),
        onFailed: ({ item }, error) => steps.onFailed?.(item.path, error),
      },
      control,
    )
  })
  return { run, job, total }
}

/** Classifiers are small and get many samples: one thread each. Detectors are measured. */
export function splitFor(task: CertifyTask, request: SplitRequest): Promise<Split> {
  if (task.method === 'objectseeker') return chooseSplit(request)
  return chooseSplit({ ...request, threads: request.threads ?? 1 })
}

interface Resolved {
  readonly subjects: () => Iterable<RunSubject>
  readonly total: number
  readonly dataset: Dataset | null
  /** What tells this order from others where there is no data set. */
  readonly files: readonly string[]
  readonly boxesOf: Run | null
}

function resolved(project: Project, { pictures, task }: CertificateOrder): Resolved {
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
  if ('dataset' in pictures) {
    const { dataset } = pictures
    const subjects =
      task.method === 'objectseeker'
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
