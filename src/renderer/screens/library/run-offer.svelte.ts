import type { ImageFilterInput, Input } from '../../../shared/api'
import { backend } from '../../api'
import { jobs } from '../../state/jobs.svelte'
import { live } from '../../state/live.svelte'
import { pair } from '../../state/pair.svelte'
import { toasts } from '../../state/toasts.svelte'
import { library as text } from '../../strings/library'

interface Offer {
  readonly dataset: number
  readonly images: number
  readonly detail: string
  readonly input: Input<'runs.start'>
}

const DEFENSE = 'segment-and-complete'

/** For a data set that no defense has seen yet: one click runs the usual detector with the usual defense. */
class RunOffer {
  #offer: Offer | null = $state.raw(null)
  #isStarting = $state(false)
  readonly #declined = new Set<number>()

  get offer(): Offer | null {
    return this.#offer
  }

  get isStarting(): boolean {
    return this.#isStarting
  }

  /** Works out the offer for what is shown; none where a defended run exists or the user has declined. */
  async consider(dataset: number | null, filter: ImageFilterInput, images: number): Promise<void> {
    const isKnown = pair.runs.some((run) => run.defense !== null && run.dataset?.id === dataset)
    if (dataset === null || images === 0 || isKnown || this.#declined.has(dataset)) {
      this.#offer = null
      return
    }
    if (this.#offer?.dataset === dataset && this.#offer.images === images) return
    const [models, plugins] = await Promise.all([
      backend.call('models.list', {}),
      backend.call('plugins.list', {}),
    ])
    if (!models.ok || !plugins.ok) return
    const detector = models.value.models.find((model) => model.task === 'detect' && model.available)
    const defense = plugins.value.defenses.find(({ id }) => id === DEFENSE)
    if (!detector || !defense) return
    const input = {
      images: { filter },
      detector: detector.id,
      defense: { id: defense.id, params: {} },
      alsoBare: true,
    }
    const plan = await backend.call('runs.plan', input)
    const ms = plan.ok ? plan.value.aboutMs : null
    this.#offer = {
      dataset,
      images,
      detail: text.offerDetail(detector.name, defense.name, ms),
      input,
    }
  }

  decline(): void {
    if (this.#offer) this.#declined.add(this.#offer.dataset)
    this.#offer = null
  }

  /** Starts the run; resolves when it has ended, with how many pictures changed, or null if it did not come to that. */
  async start(): Promise<number | null> {
    if (!this.#offer || this.#isStarting) return null
    const { input } = this.#offer
    this.#isStarting = true
    const answer = await backend.call('runs.start', input)
    this.#isStarting = false
    if (!answer.ok) {
      toasts.add(answer.error.message, 'bad')
      return null
    }
    this.#offer = null
    const { run, bareRun, jobId } = answer.value
    live.say(text.runStarted)
    await pair.load()
    pair.set(bareRun?.id ?? pair.a, run.id)
    const job = await jobs.ended(jobId)
    if (job.state !== 'done' || bareRun === null) return null
    const compared = await backend.call('runs.compare', { a: bareRun.id, b: run.id, limit: 1 })
    return compared.ok ? compared.value.changed : null
  }
}

export const runOffer = new RunOffer()
