import type { Input, Output } from '../../../shared/api'
import { backend } from '../../api'
import { jobs } from '../../state/jobs.svelte'
import { chosen } from '../../state/chosen.svelte'
import { pair } from '../../state/pair.svelte'
import { project } from '../../state/project.svelte'
import { Loaded } from '../loaded.svelte'

type Plugins = Output<'plugins.list'>
type Model = Output<'models.list'>['models'][number]
type Order = Input<'runs.start'>

/** The form of a new run: what was chosen, and what a run with it would do. */
export class NewRun {
  readonly plugins = new Loaded<Plugins>()
  readonly models = new Loaded<readonly Model[]>()
  readonly plan = new Loaded<Output<'runs.plan'>>()
  /** A data set's id as text, or `chosen` for what the Library handed over. */
  images = $state('')
  detector = $state('')
  /** Empty: no defense. */
  defense = $state('segment-and-complete')
  /** Only what differs from the defaults. */
  params: Record<string, unknown> = $state.raw({})
  score = $state('')
  name = $state('')
  alsoBare = $state(true)
  isStarting = $state(false)
  error: { code: string; message: string; hint: string } | null = $state.raw(null)

  async load(): Promise<void> {
    await Promise.all([
      this.plugins.load((signal) => backend.call('plugins.list', {}, signal)),
      this.models.load(async (signal) => {
        const answer = await backend.call('models.list', {}, signal)
        return answer.ok ? { ok: true, value: answer.value.models } : answer
      }),
    ])
    if (!this.detectors.some(({ id }) => id === this.detector)) {
      // What the project has used before, else the first that is here.
      const used = pair.runs.find(({ detector }) =>
        this.detectors.some(({ id }) => id === detector),
      )
      this.detector = used?.detector ?? this.detectors[0]?.id ?? ''
    }
  }

  get detectors(): readonly Model[] {
    return (this.models.value ?? []).filter(
      ({ task, available, error }) => task === 'detect' && available && error === null,
    )
  }

  get defenses(): Plugins['defenses'] {
    return this.plugins.value?.defenses ?? []
  }

  get chosenDefense(): Plugins['defenses'][number] | undefined {
    return this.defenses.find(({ id }) => id === this.defense)
  }

  get chosenDetector(): Model | undefined {
    return this.detectors.find(({ id }) => id === this.detector)
  }

  /** The score as a number; undefined where the card's is taken, null where it cannot be read. */
  get scoreThreshold(): number | undefined | null {
    if (this.score.trim() === '') return undefined
    const value = Number(this.score.replace(',', '.'))
    return value >= 0 && value <= 1 ? value : null
  }

  get selection(): Order['images'] | null {
    if (this.images === 'chosen') return chosen.images?.selection ?? null
    const dataset = Number(this.images)
    return project.dataset(dataset) ? { filter: { dataset } } : null
  }

  /** The run that would be started; null while something is missing. */
  get order(): Order | null {
    const images = this.selection
    const threshold = this.scoreThreshold
    if (images === null || !this.chosenDetector || threshold === null) return null
    // SchemaForm answers values that the JSON schema allows, which are JSON.
    const params = this.params as Record<string, never>
    return {
      images,
      detector: this.detector,
      defense: this.chosenDefense ? { id: this.defense, params } : null,
      ...(this.chosenDefense ? { alsoBare: this.alsoBare } : {}),
      ...(threshold === undefined ? {} : { scoreThreshold: threshold }),
    }
  }

  async updatePlan(order: Order): Promise<void> {
    await this.plan.load((signal) => backend.call('runs.plan', order, signal))
  }

  /** Starts it; makes the pair of the two runs that it makes. */
  async start(): Promise<string | null> {
    const { order } = this
    if (order === null || this.isStarting) return null
    this.isStarting = true
    const name = this.name.trim()
    const answer = await backend.call('runs.start', { ...order, ...(name === '' ? {} : { name }) })
    this.isStarting = false
    this.error = answer.ok ? null : answer.error
    if (!answer.ok) return null
    const { run, bareRun } = answer.value
    await Promise.all([pair.load(), jobs.load()])
    if (run.defense === null) pair.set(run.id, pair.b)
    else pair.set(bareRun?.id ?? pair.a, run.id)
    this.name = ''
    return run.name
  }
}
