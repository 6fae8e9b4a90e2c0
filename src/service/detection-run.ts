import { programFile } from '../engine/program-file'
import type { PictureProgress } from '../engine/picture-progress'
import type { SpawnWorker } from '../engine/spawn-worker'
import { chooseSplit } from '../engine/split'
import type { Locations, VisionResult, VisionTask } from '../engine/vision-job'
import type { Attributes } from '../shared/dataset'
import type { ErrorRecord } from '../shared/errors'
import type { Dataset, Project, Run } from '../store'
import { inTurns, type Turn } from './in-turns'
import type { JobControl, Jobs, RunningJob } from './jobs'
import { computeRun, type RunOutcome, type RunWork } from './run-job'
import { determinationKey, openRun } from './run-order'
import { idRanges } from './id-ranges'
import {
  datasetSubjects,
  fileSubjects,
  memberSubjects,
  type PicturePlaces,
  type SubjectFile,
} from './run-subjects'

export interface DetectionOrder {
  /** Of the run, if it is a new one. */
  readonly name: string
  readonly task: VisionTask
  /** What people want to know of the run: detector, defense, settings, digests. */
  readonly about: Attributes
  /** Cards of all models that it uses. */
  readonly cards: unknown
  readonly classNames: readonly string[]
  /** The model that takes most of the time. */
  readonly model: { readonly id: string; readonly sha256: string }
  readonly pictures:
    | { readonly dataset: Dataset }
    | { readonly files: readonly SubjectFile[] }
    /** Some pictures of one data set, or of several (null); each once, in this order. */
    | { readonly members: readonly number[]; readonly dataset: Dataset | null }
  /** Where pictures are drawn, by the place in the list of files or the name in the data set. */
  readonly places?: (file: string, index: number) => ReturnType<PicturePlaces>
  readonly seed: number
  /** Width times height. */
  readonly maxPixels: number
  readonly locations: Locations
  readonly workers?: number
  readonly threads?: number
  readonly spawn?: SpawnWorker
}

export interface DetectionSteps {
  /** Of a picture that takes long, now and then. */
  onPicture?(file: string, progress: PictureProgress): void
  onDone?(file: string, result: VisionResult): void
  onFailed?(file: string, error: ErrorRecord): void
  /** Where runs share the machine. */
  readonly turn?: Turn
}

/** A run that is under way: what it is called, and the job that computes it. */
export interface StartedRun {
  readonly run: Run
  readonly job: RunningJob<RunOutcome>
}

/**
 * Begins a run of a detector, or goes on with it: the same order over the same pictures is the same run, and what the
 * project knows is not computed again.
 * @throws AppError E_PROJECT_BUSY, E_DISK_FULL where the run cannot be written down
 */
export function startDetection(
  project: Project,
  jobs: Jobs,
  order: DetectionOrder,
  steps: DetectionSteps = {},
): StartedRun {
  const { task, seed, maxPixels, cards, pictures, places } = order
  const determination = determinationKey({ task, seed, maxPixels, cards })
  const dataset = 'dataset' in pictures ? pictures.dataset : null
  const files = 'files' in pictures ? pictures.files : []
  const members = 'members' in pictures ? pictures.members : null
  const total = members?.length ?? (dataset === null ? files.length : dataset.images)
  const run = openRun(project, {
    name: order.name,
    kind: 'detect',
    determination,
    about: order.about,
    dataset,
    files: files.map(({ path }) => path),
    ...(members === null ? {} : { members: idRanges(members) }),
    classNames: order.classNames,
    total,
  })
  const subjects = () =>
    members !== null
      ? memberSubjects(project, members, (file) => places?.(file, 0) ?? {}, dataset === null)
      : dataset === null
        ? fileSubjects(project, files, (index) => places?.(files[index]?.path ?? '', index) ?? {})
        : datasetSubjects(project, dataset, {}, (file) => places?.(file, 0) ?? {})
  const manifest = { runKey: run.manifest['runKey'] ?? null }
  const jobOrder = { kind: 'run', name: run.name, manifest, runId: run.id }
  const work = { run, determination, subjects, total }
  const job = jobs.start(jobOrder, (control) =>
    inTurns(control, steps.turn, (own) => compute(project, order, work, steps, own)),
  )
  return { run, job }
}

async function compute(
  project: Project,
  order: DetectionOrder,
  { total, ...about }: Pick<RunWork, 'run' | 'determination' | 'subjects' | 'total'>,
  steps: DetectionSteps,
  control: JobControl,
): Promise<RunOutcome> {
  const { task, seed, maxPixels, locations, model, spawn } = order
  const workerEntry = programFile('worker')
  const split = await chooseSplit({
    ...{ locations, workerEntry, pictures: total, signal: control.signal },
    ...{ model: model.id, sha256: model.sha256 },
    ...(order.workers === undefined ? {} : { workers: order.workers }),
    ...(order.threads === undefined ? {} : { threads: order.threads }),
    ...(spawn ? { spawn } : {}),
  })
  const work = {
    ...{ ...about, total, workerEntry },
    workers: Math.max(1, Math.min(split.workers, total)),
    job: { locations, task, threads: split.threads, seed, maxPixels },
    ...(spawn ? { spawn } : {}),
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
}
