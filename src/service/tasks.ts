import { z } from 'zod'
import type { Job as ApiJob } from '../shared/api'
import type { JsonValue } from '../shared/dataset'
import { AppError, toErrorRecord } from '../shared/errors'
import type { Job, JobOrder, Project } from '../store'
import type { EventHub } from './events'
import { isAppError } from './is-app-error'
import { Jobs, type JobControl, type RunningJob } from './jobs'

/** What is kept of a job beside its row. */
const outcomeSchema = z.object({
  summary: z.string().nullable(),
  datasetId: z.number().nullable(),
  /** What its kind answers when it is asked for the result; null where it was not done. */
  result: z.json(),
  progress: z.object({
    done: z.number(),
    failed: z.number(),
    total: z.number().nullable(),
  }),
})
type KeptOutcome = z.infer<typeof outcomeSchema>
export type TaskOutcome = Omit<KeptOutcome, 'progress'>

export interface Task<T> {
  readonly order: JobOrder
  readonly work: (control: JobControl) => Promise<T>
  /** What is kept once it is done; it outlives the program. */
  readonly outcome: (value: T) => TaskOutcome
  readonly canPause: boolean
  /** Told whatever became of it, after its row says so. */
  readonly settled?: (isDone: boolean) => void
}

const TELL_EVERY_MS = 100

interface Live {
  readonly job: RunningJob<unknown>
  readonly canPause: boolean
  isStopping: boolean
}

/** Jobs as screens see them: told of at most ten times a second, with what they did kept for later. */
export class Tasks {
  readonly #project: Project
  readonly #events: EventHub
  readonly #jobs: Jobs
  readonly #live = new Map<number, Live>()
  /** Done when the end of a job has been written down and told. */
  readonly #followed = new Set<Promise<void>>()

  constructor(project: Project, events: EventHub) {
    this.#project = project
    this.#events = events
    this.#jobs = new Jobs(project)
  }

  get jobs(): Jobs {
    return this.#jobs
  }

  /** Answers at once; the job goes on. @throws AppError E_PROJECT_BUSY, E_DISK_FULL where its row cannot be written */
  start<T>(task: Task<T>): RunningJob<T> {
    const job = this.#jobs.start(task.order, task.work)
    this.adopt(job, task)
    return job
  }

  /** For jobs that somebody else has started. */
  adopt<T>(job: RunningJob<T>, task: Omit<Task<T>, 'work' | 'order'>): void {
    const live: Live = { job, canPause: task.canPause, isStopping: false }
    this.#live.set(job.id, live)
    let toldAt = -Infinity
    let waiting: NodeJS.Timeout | null = null
    const tell = (): void => {
      waiting = null
      toldAt = performance.now()
      this.#tell(job.id)
    }
    job.onProgress(() => {
      waiting ??= setTimeout(tell, Math.max(0, toldAt + TELL_EVERY_MS - performance.now()))
    })
    tell()
    const followed = this.#follow(job, task).finally(() => {
      if (waiting) clearTimeout(waiting)
      this.#live.delete(job.id)
      this.#tell(job.id)
      this.#followed.delete(followed)
    })
    this.#followed.add(followed)
  }

  async #follow<T>(job: RunningJob<T>, task: Omit<Task<T>, 'work' | 'order'>): Promise<void> {
    let isDone = false
    try {
      this.#keep(job, task.outcome(await job.finished))
      isDone = true
    } catch (error) {
      this.#keep(job, { summary: null, datasetId: null, result: null })
      if (job.state === 'failed') {
        const told = toErrorRecord(error)
        const toast = { kind: 'bad' as const, message: told.message, error: told, jobId: job.id }
        this.#events.emit('toast', toast)
      }
    }
    task.settled?.(isDone)
  }

  /** @throws AppError E_ROW_UNKNOWN */
  get(id: number): ApiJob {
    return this.#shown(this.#project.jobs.get(id))
  }

  list(...request: Parameters<Project['jobs']['list']>): { rows: ApiJob[]; next: string | null } {
    const { rows, next } = this.#project.jobs.list(...request)
    return { rows: rows.map((job) => this.#shown(job)), next }
  }

  /** Those that run, wait or are paused in this process. */
  get active(): ApiJob[] {
    return [...this.#live.keys()].map((id) => this.get(id))
  }

  running(id: number): RunningJob<unknown> | undefined {
    return this.#live.get(id)?.job
  }

  /** The job that fills a run now. */
  ofRun(runId: number): number | null {
    for (const id of this.#live.keys()) {
      if (this.#project.jobs.get(id).runId === runId) return id
    }
    return null
  }

  pause(id: number): void {
    const live = this.#live.get(id)
    live?.job.pause()
    this.#tell(id)
  }

  resume(id: number): void {
    this.#live.get(id)?.job.resume()
    this.#tell(id)
  }

  cancel(id: number): void {
    const live = this.#live.get(id)
    if (live) {
      live.isStopping = true
      live.job.cancel()
    } else if (this.#project.jobs.get(id).state === 'queued') {
      this.#project.jobs.setState(id, 'cancelled')
    }
    this.#tell(id)
  }

  /** What a job left behind; null if it has not. */
  outcome(id: number): KeptOutcome | null {
    const checked = outcomeSchema.safeParse(this.#project.settings.get(settingOf(id)))
    return checked.success ? checked.data : null
  }

  forget(id: number): void {
    this.#project.jobs.remove(id)
    this.forgetOutcome(id)
  }

  forgetOutcome(id: number): void {
    this.#project.settings.set(settingOf(id), undefined)
  }

  /** Ends all that runs; resolves when it has. */
  async stop(reason: unknown): Promise<void> {
    for (const { job } of this.#live.values()) job.cancel(reason)
    await Promise.allSettled(this.#followed)
  }

  /** A full disk or a project that is being closed must not make a job that is done fail. */
  #keep({ id, progress }: RunningJob<unknown>, outcome: TaskOutcome): void {
    const { done, failed, total } = progress
    const value: JsonValue = { ...outcome, progress: { done, failed, total } }
    try {
      this.#project.settings.set(settingOf(id), value)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
    }
  }

  #tell(id: number): void {
    try {
      this.#events.emit('job', { job: this.get(id) })
    } catch (error) {
      if (!isAppError(error, 'E_ROW_UNKNOWN')) throw error
    }
  }

  #shown(job: Job): ApiJob {
    const live = this.#live.get(job.id)
    const outcome = live || job.state === 'queued' ? null : this.outcome(job.id)
    const progress = live?.job.progress ?? outcome?.progress
    const { id, kind, name, createdMs, finishedMs, error } = job
    return {
      ...{ id, kind, name, createdMs, finishedMs, error },
      runId: job.runId ?? null,
      datasetId: outcome?.datasetId ?? null,
      state: live?.job.state ?? job.state,
      isStopping: live?.isStopping ?? false,
      isInterrupted: !live && job.state === 'queued',
      canPause: live?.canPause ?? false,
      done: progress?.done ?? job.done,
      failed: progress?.failed ?? job.failed,
      total: progress?.total ?? (job.total === 0 ? null : job.total),
      etaMs: live?.job.progress.etaMs ?? null,
      perSecond: live?.job.progress.perSecond ?? null,
      summary: outcome?.summary ?? null,
    }
  }
}

const settingOf = (id: number) => `job:${id}`
