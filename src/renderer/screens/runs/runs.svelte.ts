import type { Job, Output, Run } from '../../../shared/api'
import { backend } from '../../api'
import { jobs } from '../../state/jobs.svelte'
import { pair } from '../../state/pair.svelte'
import { toasts } from '../../state/toasts.svelte'
import { Loaded } from '../loaded.svelte'

type Comparison = Output<'runs.compare'>
export type ChangedRow = Comparison['rows'][number]

/** Runs with their progress, and the comparison of A and B. */
export class Runs {
  readonly list = new Loaded<readonly Run[]>()
  readonly comparison = new Loaded<Comparison>()
  /** Pages of the comparison after its first. */
  #more: readonly ChangedRow[] = $state.raw([])
  #next: string | null = null
  #isPaging = false

  get all(): readonly Run[] {
    return this.list.value ?? []
  }

  /** The job that fills a run now, with its progress. */
  jobOf(run: Run): Job | undefined {
    return jobs.all.find(
      ({ id, runId, state }) =>
        id === run.jobId || (runId === run.id && !['done', 'failed', 'cancelled'].includes(state)),
    )
  }

  get changed(): readonly ChangedRow[] {
    return [...(this.comparison.value?.rows ?? []), ...this.#more]
  }

  async load(comparedWith: number | null): Promise<void> {
    await this.list.load(async (signal) => {
      const with_ = comparedWith === null ? {} : { comparedWith }
      const answer = await backend.call('runs.list', { limit: 1000, ...with_ }, signal)
      return answer.ok ? { ok: true, value: answer.value.rows } : answer
    })
  }

  async compare(a: number | null, b: number | null): Promise<void> {
    this.#more = []
    this.#next = null
    if (a === null || b === null) {
      this.comparison.clear()
      return
    }
    const value = await this.comparison.load((signal) =>
      backend.call('runs.compare', { a, b, limit: 200 }, signal),
    )
    if (value) this.#next = value.next
  }

  /** The next page of changed pictures, when the end of the list comes into view. */
  async compareMore(): Promise<void> {
    const { a, b } = pair
    if (this.#next === null || this.#isPaging || a === null || b === null) return
    this.#isPaging = true
    const after = this.#next
    const answer = await backend.call('runs.compare', { a, b, limit: 200, after })
    this.#isPaging = false
    // Another pair was chosen meanwhile: the page belongs to a list that is gone.
    if (!answer.ok || this.#next !== after) return
    this.#more = [...this.#more, ...answer.value.rows]
    this.#next = answer.value.next
  }

  async resume(run: Run): Promise<void> {
    const job = this.jobOf(run)
    if (job) {
      await jobs.act('resume', job.id)
      return
    }
    this.#tell(await backend.call('runs.resume', { id: run.id }))
  }

  async retryFailed(run: Run): Promise<void> {
    this.#tell(await backend.call('runs.retryFailed', { id: run.id }))
  }

  async rename(run: Run, name: string): Promise<void> {
    this.#tell(await backend.call('runs.rename', { id: run.id, name }))
  }

  async remove(run: Run): Promise<void> {
    this.#tell(await backend.call('runs.delete', { id: run.id }))
  }

  #tell(answer: { ok: true } | { ok: false; error: { code: string; message: string } }): void {
    if (answer.ok) void this.load(pair.a)
    else toasts.add(`${answer.error.message} (${answer.error.code})`, 'bad')
  }
}
