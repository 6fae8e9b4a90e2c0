import type { Job } from '../../shared/api'
import { backend } from '../api'
import { formatCount } from '../strings/ui'
import { jobText } from '../strings/jobs'
import { live } from './live.svelte'
import { toasts } from './toasts.svelte'

const ended = ['cancelled', 'failed', 'done']

/** Jobs of the project as they go on. */
class Jobs {
  #jobs: readonly Job[] = $state.raw([])
  /** The quarter that was last told, by job: screen readers hear of every 25 %. */
  readonly #told = new Map<number, number>()
  readonly #waiting = new Map<number, (job: Job) => void>()
  /** Events so far, by job: an answer that was overtaken by one is old news. */
  readonly #heard = new Map<number, number>()

  constructor() {
    backend.subscribe('job', ({ job }) => {
      this.#heard.set(job.id, this.#eventsOf(job.id) + 1)
      this.#adopt(job)
    })
    backend.subscribe('toast', ({ kind, message, error }) => {
      toasts.add(error ? `${message} (${error.code})` : message, kind)
    })
  }

  /** Newest first. */
  get all(): readonly Job[] {
    return this.#jobs
  }

  get active(): readonly Job[] {
    return this.#jobs.filter((job) => !ended.includes(job.state))
  }

  /** The one that the status bar speaks of. */
  get current(): Job | undefined {
    const { active } = this
    return active.find((job) => job.state === 'running') ?? active[0]
  }

  /** Of all active jobs together, 0..1; null when none is active or nobody knows. */
  get share(): number | null {
    const known = this.active.filter((job) => (job.total ?? 0) > 0)
    if (known.length === 0) return null
    const total = known.reduce((sum, job) => sum + (job.total ?? 0), 0)
    return known.reduce((sum, job) => sum + job.done + job.failed, 0) / total
  }

  async load(): Promise<void> {
    const answer = await backend.call('jobs.list', { limit: 50 })
    if (answer.ok) this.#jobs = answer.value.rows
  }

  /** Follows a job that was just started until it ends. */
  ended(id: number): Promise<Job> {
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      const known = this.#jobs.find((job) => job.id === id)
      if (known && ended.includes(known.state)) this.#adopt(known)
      else void this.#ask('jobs.get', id)
    })
  }

  async act(action: 'pause' | 'resume' | 'cancel', id: number): Promise<void> {
    const answer = await this.#ask(`jobs.${action}`, id)
    if (!answer.ok) toasts.add(answer.error.message, 'bad')
  }

  async remove(id: number): Promise<void> {
    const answer = await backend.call('jobs.remove', { id })
    if (answer.ok) this.#jobs = this.#jobs.filter((job) => job.id !== id)
  }

  async #ask(name: 'jobs.get' | 'jobs.pause' | 'jobs.resume' | 'jobs.cancel', id: number) {
    const events = this.#eventsOf(id)
    const answer = await backend.call(name, { id })
    if (answer.ok && events === this.#eventsOf(id)) this.#adopt(answer.value.job)
    return answer
  }

  #eventsOf(id: number): number {
    return this.#heard.get(id) ?? 0
  }

  #adopt(job: Job): void {
    const known = this.#jobs.some(({ id }) => id === job.id)
    this.#jobs = known
      ? this.#jobs.map((old) => (old.id === job.id ? job : old))
      : [job, ...this.#jobs]
    this.#tell(job)
    if (!ended.includes(job.state)) return
    this.#waiting.get(job.id)?.(job)
    this.#waiting.delete(job.id)
  }

  #tell(job: Job): void {
    const quarter = ended.includes(job.state)
      ? 5
      : Math.floor((4 * (job.done + job.failed)) / (job.total ?? Infinity))
    if (this.#told.get(job.id) === quarter) return
    const isFirst = !this.#told.has(job.id)
    this.#told.set(job.id, quarter)
    if (quarter === 5) live.say(job.summary ?? jobText.ended(job.name))
    else if (isFirst) live.say(jobText.started(job.name))
    else live.say(jobText.at(job.name, formatCount(job.done), formatCount(job.total ?? 0)))
  }
}

export const jobs = new Jobs()
