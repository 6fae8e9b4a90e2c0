import type { Job } from '../../../shared/api'
import { backend } from '../../api'
import { jobs } from '../../state/jobs.svelte'
import { toasts } from '../../state/toasts.svelte'
import { modelsText as words } from '../../strings/models'
import { Loaded } from '../loaded.svelte'
import { mapOf } from '../distinct'
import type { Model } from './card-fields'

/** Models on this machine and in the catalogue, with what is being fetched. */
export class Models {
  readonly list = new Loaded<readonly Model[]>()
  /** Results of the last verification, by id. */
  #verified: ReadonlyMap<string, { ok: boolean; message: string }> = $state.raw(mapOf())
  #isVerifying = $state(false)
  /** Jobs that fetch, by the id of the model. */
  #pulls: ReadonlyMap<string, number> = $state.raw(mapOf())

  get here(): readonly Model[] {
    return (this.list.value ?? []).filter(({ source, available }) => source !== 'catalog' || available)
  }

  get catalogue(): readonly Model[] {
    return (this.list.value ?? []).filter(({ source, available }) => source === 'catalog' && !available)
  }

  get isVerifying(): boolean {
    return this.#isVerifying
  }

  verdict(id: string): { ok: boolean; message: string } | undefined {
    return this.#verified.get(id)
  }

  /** The job that fetches a model now. */
  pullOf(id: string): Job | undefined {
    const jobId = this.#pulls.get(id)
    return jobs.active.find((job) => job.id === jobId)
  }

  async load(): Promise<void> {
    await this.list.load(async (signal) => {
      const answer = await backend.call('models.list', {}, signal)
      return answer.ok ? { ok: true, value: answer.value.models } : answer
    })
  }

  async pull({ id, name }: Model): Promise<void> {
    const answer = await backend.call('models.pull', { id })
    if (!answer.ok) {
      toasts.add(`${answer.error.message} (${answer.error.code})`, 'bad')
      return
    }
    const { jobId } = answer.value
    this.#pulls = mapOf([...this.#pulls, [id, jobId]])
    const job = await jobs.ended(jobId)
    if (job.state === 'done') toasts.add(words.fetched(name), 'ok')
    else if (job.error) toasts.add(`${job.error.message} ${job.error.hint} (${job.error.code})`, 'bad')
    await this.load()
  }

  async verify(): Promise<void> {
    if (this.#isVerifying) return
    this.#isVerifying = true
    const answer = await backend.call('models.verify', {})
    this.#isVerifying = false
    if (!answer.ok) {
      toasts.add(`${answer.error.message} (${answer.error.code})`, 'bad')
      return
    }
    const { models } = answer.value
    this.#verified = mapOf(
      models.map(({ id, ok, error }) => [id, { ok, message: error?.message ?? '' }] as const),
    )
    const bad = models.filter(({ ok }) => !ok).length
    if (bad === 0) toasts.add(words.verifiedAll(models.length), 'ok')
    else toasts.add(words.verifiedSome(bad, models.length), 'bad')
  }

  async remove({ id, name }: Model): Promise<boolean> {
    const answer = await backend.call('models.remove', { id })
    if (answer.ok) toasts.add(words.card.removed(name), 'ok')
    else toasts.add(`${answer.error.message} ${answer.error.hint} (${answer.error.code})`, 'bad')
    await this.load()
    return answer.ok
  }
}
