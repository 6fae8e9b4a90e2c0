import type { ErrorRecord } from '../shared/errors'
import { AppError, toErrorRecord } from '../shared/errors'
import type { Job, JobOrder, JobState, Project } from '../store'
import { linkedTo } from './linked-abort'

/** How far a job is. `total` is null while nobody knows. */
export interface JobProgress {
  readonly done: number
  readonly failed: number
  readonly total: number | null
  /** Milliseconds that the rest will take at the pace so far; null while nobody knows. */
  readonly etaMs: number | null
  /** Items in a second at that pace; null in the first second. */
  readonly perSecond: number | null
}

/** What the work of a job is given. */
export interface JobControl {
  /** Of the job's row, which its items belong to. */
  readonly jobId: number
  /** Aborted when the job is cancelled. */
  readonly signal: AbortSignal
  /** Aborted when the job is paused or cancelled; a new one after each pause. For work that cannot wait in the middle. */
  readonly pauseSignal: AbortSignal
  /** `before`: items of `done` that were there when the work began, and say nothing about its pace. */
  readonly report: (progress: {
    done: number
    failed?: number
    total?: number
    before?: number
  }) => void
  /** The work begins, or goes on, now: what was waited for before says nothing about its pace. */
  readonly begin: () => void
  /** To be called between items: waits while the job is paused. @throws the reason of a cancel */
  readonly checkpoint: () => Promise<void>
}

/** A job of this process. Its row in the project says the same as it does, as soon as the project can be written. */
export interface RunningJob<T> {
  readonly id: number
  readonly state: JobState
  readonly progress: JobProgress
  /** Settles when the work has ended; rejects with what ended it. */
  readonly finished: Promise<T>
  /** Takes effect between two items. */
  pause(): void
  resume(): void
  /** Returns at once; the work ends within a second, and what it has stored stays. */
  cancel(reason?: unknown): void
  onProgress(listener: (progress: JobProgress) => void): void
}

/**
 * Runs work as jobs of a project: each has a row that says what it is and what became of it, can be paused and cancelled, and
 * is there after a crash. Whoever starts the same job again goes on with its row.
 */
export class Jobs {
  readonly #project: Project
  readonly #running = new Map<number, RunningJob<unknown>>()

  constructor(project: Project) {
    this.#project = project
  }

  /** Those of this process. */
  get running(): ReadonlyMap<number, RunningJob<unknown>> {
    return this.#running
  }

  /** Jobs that a process left when it died; starting the same order again goes on with them. Newest first. */
  interrupted(): readonly Job[] {
    const queued: Job[] = []
    for (let after: string | null = null; ;) {
      const page = this.#project.jobs.list('queued', { limit: 1_000, after })
      queued.push(...page.rows)
      if (page.next === null) break
      after = page.next
    }
    return queued.filter(({ id }) => !this.#running.has(id))
  }

  /** @throws AppError E_PROJECT_READ_ONLY, E_PROJECT_BUSY, E_DISK_FULL where the row cannot be written */
  start<T>(order: JobOrder, work: (control: JobControl) => Promise<T>): RunningJob<T> {
    const key = JSON.stringify(order.manifest)
    const earlier = this.interrupted().find(
      ({ kind, manifest }) => kind === order.kind && JSON.stringify(manifest) === key,
    )
    const id = earlier?.id ?? this.#project.jobs.create(order)
    this.#project.jobs.setState(id, 'running')
    const job = new ActiveJob(this.#project, id, work)
    this.#running.set(id, job)
    const forget = (): void => void this.#running.delete(id)
    job.finished.then(forget, forget)
    return job
  }
}

class ActiveJob<T> implements RunningJob<T> {
  readonly id: number
  readonly finished: Promise<T>
  readonly #project: Project
  readonly #cancelling = new AbortController()
  readonly #listeners: ((progress: JobProgress) => void)[] = []
  /** Since when the work has gone on without a wait, and how many items had ended then. */
  #since = { ms: performance.now(), ended: 0 }
  #pausing = new AbortController()
  #resumed: PromiseWithResolvers<undefined> | null = null
  #state: JobState = 'running'
  #progress: JobProgress = { done: 0, failed: 0, total: null, etaMs: null, perSecond: null }

  constructor(project: Project, id: number, work: (control: JobControl) => Promise<T>) {
    this.#project = project
    this.id = id
    this.finished = this.#run(work)
  }

  get state(): JobState {
    return this.#state
  }

  get progress(): JobProgress {
    return this.#progress
  }

  pause(): void {
    if (this.#state !== 'running') return
    this.#resumed = Promise.withResolvers()
    this.#enter('paused')
    this.#pausing.abort(new DOMException('the job was paused', 'AbortError'))
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#pausing = new AbortController()
    this.#begin()
    this.#enter('running')
    this.#resumed?.resolve(undefined)
    this.#resumed = null
  }

  cancel(reason: unknown = new DOMException('the job was cancelled', 'AbortError')): void {
    if (this.#state !== 'running' && this.#state !== 'paused') return
    this.#cancelling.abort(reason)
    this.#resumed?.resolve(undefined)
  }

  onProgress(listener: (progress: JobProgress) => void): void {
    this.#listeners.push(listener)
  }

  async #run(work: (control: JobControl) => Promise<T>): Promise<T> {
    const { signal } = this.#cancelling
    const pausing = () => linkedTo(signal, this.#pausing.signal).signal
    try {
      const answer = await work({
        jobId: this.id,
        signal,
        get pauseSignal() {
          return pausing()
        },
        report: (progress) => {
          this.#report(progress)
        },
        begin: () => {
          this.#begin()
        },
        checkpoint: async () => {
          while (this.#resumed && !signal.aborted) await this.#resumed.promise
          signal.throwIfAborted()
        },
      })
      this.#end('done')
      return answer
    } catch (error) {
      if (signal.aborted) this.#end('cancelled')
      else this.#end('failed', toErrorRecord(error))
      throw error
    }
  }

  #begin(): void {
    this.#since = { ms: performance.now(), ended: this.#progress.done + this.#progress.failed }
  }

  #report({ done, failed = 0, total, before = 0 }: Parameters<JobControl['report']>[0]): void {
    const known = total ?? this.#progress.total
    const ended = done + failed
    const ms = performance.now() - this.#since.ms
    const pace = (ended - Math.max(before, this.#since.ended)) / ms
    const etaMs = known === null || pace <= 0 ? null : Math.max(0, known - ended) / pace
    const perSecond = ms > 1_000 ? 1_000 * Math.max(0, pace) : null
    this.#progress = { done, failed, total: known, etaMs, perSecond }
    for (const listener of this.#listeners) listener(this.#progress)
  }

  /** During an import, or on a full disk, nothing can be written: the row is then told of the next state. */
  #enter(state: JobState): void {
    this.#state = state
    try {
      this.#project.jobs.setState(this.id, state)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
    }
  }

  #end(state: 'done' | 'cancelled' | 'failed', error?: ErrorRecord): void {
    this.#state = state
    try {
      this.#project.jobs.setState(this.id, state, error)
    } catch {
      // On a full disk the work's own fault is the one to tell; the row is found by the next one who opens the project.
    }
  }
}
