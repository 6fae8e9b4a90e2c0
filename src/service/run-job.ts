import { spawnNodeWorker, type SpawnWorker } from '../engine/spawn-worker'
import type { PictureProgress } from '../engine/picture-progress'
import type { VisionJob, VisionResult, WorkerReady } from '../engine/vision-job'
import { runVisionJob } from '../engine/vision-pool'
import type { ErrorRecord } from '../shared/errors'
import type { Project, Run } from '../store'
import type { JobControl } from './jobs'
import { linkedTo } from './linked-abort'
import { RunResults } from './run-results'
import type { RunSubject } from './run-subjects'

export interface RunWork {
  readonly run: Run
  readonly determination: string
  /** Read once, one after the other, as they are needed. */
  readonly subjects: () => Iterable<RunSubject>
  readonly total: number
  readonly job: VisionJob
  readonly workers: number
  readonly workerEntry: string
  readonly spawn?: SpawnWorker
  /** Of a picture that takes long, now and then. */
  onPicture?(subject: RunSubject, progress: PictureProgress): void
  onDone?(subject: RunSubject, result: VisionResult): void
  onFailed?(subject: RunSubject, error: ErrorRecord): void
}

export interface RunOutcome {
  readonly ready: WorkerReady | null
  /** Pictures that were computed now. */
  readonly computed: number
  /** Results that the project had already, of this run or another. */
  readonly known: number
  readonly failed: number
}

/**
 * Computes a run: each picture whose result the project does not have goes through a worker, and is stored as it comes. When
 * this rejects, all results that were stored stay, and the same run goes on from there, inside a picture too.
 * @throws AppError E_DISK_FULL and others of writing, and what keeps the job from starting; the reason of a cancel
 */
export async function computeRun(
  project: Project,
  work: RunWork,
  control: JobControl,
): Promise<RunOutcome> {
  const results = new RunResults(project, work, control)
  try {
    await results.list()
    for (;;) {
      await control.checkpoint()
      // Of this turn: who pauses and goes on at once has a new one by the time that this one has ended.
      const { pauseSignal } = control
      try {
        await computeRest(work, results, pauseSignal)
        break
      } catch (error) {
        // A paused run is begun again when it goes on: what is stored is not computed twice.
        if (!pauseSignal.aborted || control.signal.aborted) throw error
      }
    }
    await results.settle()
    const { run } = work
    const now = project.runs.get(run.id)
    if (results.changed || now.state !== 'finished') project.runs.finish(run.id, 'finished')
    return results.outcome()
  } catch (error) {
    await results.settle().catch(() => undefined) // the first fault is the one to tell
    leaveRun(project, work.run.id, control.signal.aborted ? 'cancelled' : 'failed')
    throw error
  }
}

/** On a full disk the state cannot be written; the run is then found unfinished, which it is. */
function leaveRun(project: Project, runId: number, state: 'cancelled' | 'failed'): void {
  try {
    project.runs.finish(runId, state)
  } catch {
    // The fault that ended the run is the one to tell.
  }
}

async function computeRest(
  work: RunWork,
  results: RunResults,
  pauseSignal: AbortSignal,
): Promise<void> {
  const queue = results.missing()[Symbol.iterator]()
  const first = queue.next()
  if (first.done === true) return
  await runVisionJob(work.job, chain(first.value, queue), {
    workerEntry: work.workerEntry,
    workers: work.workers,
    signal: linkedTo(pauseSignal, results.fault).signal,
    spawn: work.spawn ?? spawnNodeWorker,
    onReady: (ready) => {
      results.ready = ready
    },
    onProgress: (index, progress) => {
      results.tell(index, progress)
    },
    onDone: (result) => {
      results.add(result)
    },
    onFailed: (index, error) => {
      results.fail(index, error)
    },
  })
}

function* chain<T>(first: T, rest: Iterator<T>): Generator<T> {
  yield first
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value
}
