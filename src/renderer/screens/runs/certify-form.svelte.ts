import type { ApiError, Input, Output, Run } from '../../../shared/api'
import { backend } from '../../api'
import { jobs } from '../../state/jobs.svelte'
import { chosen } from '../../state/chosen.svelte'
import { pair } from '../../state/pair.svelte'
import { project } from '../../state/project.svelte'
import { Loaded } from '../loaded.svelte'

export type CertifyMethod = Output<'certificates.methods'>['methods'][number]
type Order = Input<'certificates.start'>

/** What most people want: could a sticker change this label, and where? */
const USUAL = { method: 'derandomized-smoothing', model: 'crops-columns' }

/** The form of a run that certifies: what was chosen, and what it would do. */
export class CertifyForm {
  readonly methods = new Loaded<readonly CertifyMethod[]>()
  readonly plan = new Loaded<Output<'certificates.plan'>>()
  /** A data set's id as text, `chosen` for what the Library handed over, `here` for the picture that is looked at. */
  images = $state('')
  /** Of the picture that is looked at. */
  readonly here: number | null
  method = $state(USUAL.method)
  model = $state('')
  /** Id of a run as text; empty: whole pictures. */
  boxesOf = $state('')
  patch = $state('')
  radius = $state('')
  /** Only what differs from the model's own settings. */
  params: Record<string, unknown> = $state.raw({})
  name = $state('')
  isStarting = $state(false)
  error: ApiError | null = $state.raw(null)

  constructor(here: number | null = null) {
    this.here = here
    if (here !== null) this.images = 'here'
  }

  async load(): Promise<void> {
    await this.methods.load(async (signal) => {
      const answer = await backend.call('certificates.methods', {}, signal)
      return answer.ok ? { ok: true, value: answer.value.methods } : answer
    })
    this.chooseMethod(this.chosenMethod?.refusal === null ? this.method : USUAL.method)
  }

  get chosenMethod(): CertifyMethod | undefined {
    return this.methods.value?.find(({ id }) => id === this.method)
  }

  get models(): CertifyMethod['models'] {
    // Those that were trained for it first; then those that fit all the same.
    const rank = (one: CertifyMethod['models'][number]): number =>
      one.refusal !== null ? 2 : one.isTrained ? 0 : 1
    return (this.chosenMethod?.models ?? []).toSorted((p, q) => rank(p) - rank(q))
  }

  get chosenModel(): CertifyMethod['models'][number] | undefined {
    return this.models.find(({ id, refusal }) => id === this.model && refusal === null)
  }

  chooseMethod(method: string): void {
    this.method = method
    this.params = {}
    const fitting = this.models.filter(({ refusal }) => refusal === null)
    const usual = fitting.find(({ id }) => id === USUAL.model) ?? fitting[0]
    if (!fitting.some(({ id }) => id === this.model)) this.model = usual?.id ?? ''
  }

  /** Runs with boxes, newest first. */
  get runs(): readonly Run[] {
    return pair.runs.filter(({ kind, detections }) => kind === 'detect' && detections > 0)
  }

  get isAboutObjects(): boolean {
    return this.chosenMethod?.about === 'objects'
  }

  /** The radius as a number; undefined where none is asked about, null where it cannot be read. */
  get radiusValue(): number | undefined | null {
    if (this.radius.trim() === '') return undefined
    const value = Number(this.radius.replace(',', '.'))
    return value > 0 && Number.isFinite(value) ? value : null
  }

  get selection(): Order['images'] | null {
    if (this.images === 'here') return this.here === null ? null : { ids: [this.here] }
    if (this.images === 'chosen') return chosen.images?.selection ?? null
    const dataset = Number(this.images)
    return project.dataset(dataset) ? { filter: { dataset } } : null
  }

  /** The run that would be started; null while something is missing. */
  get order(): Order | null {
    const images = this.selection
    const method = this.chosenMethod
    const radius = this.radiusValue
    if (images === null || method?.refusal !== null || !this.chosenModel) return null
    if (method.asks === 'radius' && radius === null) return null
    const patch = this.patch.trim()
    // SchemaForm answers values that the JSON schema allows, which are JSON.
    const params = this.params as Record<string, never>
    const run = Number(this.boxesOf)
    return {
      ...{ method: this.method, model: this.model, params, images },
      boxesOf: this.isAboutObjects || this.boxesOf === '' ? null : run,
      ...(method.asks === 'patch' && patch !== '' ? { patch } : {}),
      ...(method.asks === 'radius' && typeof radius === 'number' ? { radius } : {}),
    }
  }

  async updatePlan(order: Order): Promise<void> {
    await this.plan.load((signal) => backend.call('certificates.plan', order, signal))
  }

  /** Starts it; the pair stays what it is. */
  async start(): Promise<{ name: string; jobId: number } | null> {
    const { order } = this
    if (order === null || this.isStarting) return null
    this.isStarting = true
    const name = this.name.trim()
    const answer = await backend.call('certificates.start', {
      ...order,
      ...(name === '' ? {} : { name }),
    })
    this.isStarting = false
    this.error = answer.ok ? null : answer.error
    if (!answer.ok) return null
    await Promise.all([pair.load(), jobs.load()])
    this.name = ''
    return { name: answer.value.run.name, jobId: answer.value.jobId }
  }
}
