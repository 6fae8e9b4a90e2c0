import type { ApiError, Input, Job, Output } from '../../../shared/api'
import { backend, desktop } from '../../api'
import { jobs } from '../../state/jobs.svelte'
import { places } from '../../state/places.svelte'
import { project } from '../../state/project.svelte'
import { route } from '../../state/route.svelte'
import { toasts } from '../../state/toasts.svelte'
import { Loaded } from '../loaded.svelte'

export type StudyKind = Input<'studies.start'>['kind']
type Listed = Output<'studies.list'>['rows'][number]
type Model = Output<'models.list'>['models'][number]

/** Studies of the project, the one that is shown, and what a new one would ask. */
export class Studies {
  readonly list = new Loaded<readonly Listed[]>()
  readonly result = new Loaded<Output<'studies.result'>>()
  readonly models = new Loaded<readonly Model[]>()
  kind: StudyKind = $state('d3s')
  /** Id of the data set, `grant` for the chosen folder, or empty. */
  place = $state('')
  model = $state('')
  limit = $state('')
  classes = $state('')
  #grant = $state('')
  #fault: ApiError | null = $state.raw(null)
  #isStarting = $state(false)
  #isKindChosen = false

  /** Why the last start was refused. */
  get fault(): ApiError | null {
    return this.#fault
  }
  get isStarting(): boolean {
    return this.#isStarting
  }
  get hasFolder(): boolean {
    return this.#grant !== ''
  }
  get canChooseFolder(): boolean {
    return desktop !== undefined || places.roots.length > 0
  }

  /** The study that the address names; null: a new one is being made. */
  get shown(): Listed | null {
    const id = Number(route.query['study'])
    return (this.list.value ?? []).find((study) => study.id === id) ?? null
  }

  jobOf({ id }: Listed): Job | undefined {
    return jobs.active.find((job) => job.id === id)
  }

  /** Data sets that a study of this kind can ask about. */
  get datasets() {
    return project.datasets.filter(({ importer }) => importer === this.kind)
  }

  /** The data set whose pictures a study speaks of, where the project has it. */
  datasetOf({ kind, folder }: Listed): number | null {
    const its = project.datasets.filter(({ importer }) => importer === kind)
    const same = its.filter(({ root }) => root.split(/[\\/]/).at(-1) === folder)
    return (same[0] ?? null)?.id ?? null
  }

  get limitIsGood(): boolean {
    const limit = Number(this.limit)
    return this.limit.trim() === '' || (Number.isInteger(limit) && limit >= 1 && limit <= 1_000_000)
  }

  /** Names in the data set to names in the model; null where they cannot be read. */
  get chosenClasses(): Readonly<Record<string, string>> | null {
    const chosen: Record<string, string> = {}
    for (const pair of this.classes.split(',').filter((part) => part.trim() !== '')) {
      const [from, to, ...more] = pair.split('=').map((part) => part.trim())
      if (!from || !to || more.length > 0) return null
      chosen[from] = to
    }
    return chosen
  }

  get canStart(): boolean {
    const hasModel = this.model !== '' || this.kind === 'd3s'
    return this.place !== '' && hasModel && this.limitIsGood && this.chosenClasses !== null
  }

  async load(): Promise<void> {
    await Promise.all([
      this.list.load(async (signal) => {
        const answer = await backend.call('studies.list', { limit: 200 }, signal)
        return answer.ok ? { ok: true, value: answer.value.rows } : answer
      }),
      this.models.load(async (signal) => {
        const answer = await backend.call('models.list', {}, signal)
        if (!answer.ok) return answer
        const asked = answer.value.models.filter(
          ({ task, available }) => available && (task === 'classify' || task === 'detect'),
        )
        return { ok: true, value: asked }
      }),
    ])
    // A project that has one of the two is asked about that one.
    const other = this.kind === 'd3s' ? 'om-imagenet' : 'd3s'
    const hasOther = project.datasets.some(({ importer }) => importer === other)
    if (!this.#isKindChosen && this.datasets.length === 0 && hasOther) this.#useKind(other)
  }

  /** Asks for the answer of a study that has one. */
  async open(study: Listed | null): Promise<void> {
    if (study?.hasResult) {
      const { id } = study
      await this.result.load((signal) => backend.call('studies.result', { id }, signal))
    } else this.result.clear()
  }

  chooseKind(kind: StudyKind): void {
    this.#isKindChosen = true
    this.#useKind(kind)
  }

  #useKind(kind: StudyKind): void {
    this.kind = kind
    this.place = String(this.datasets[0]?.id ?? '')
  }

  async chooseFolder(): Promise<void> {
    const grant = desktop ? await grantOfDialog() : await grantOfService()
    if (grant === null) return
    this.#grant = grant
    this.place = 'grant'
  }

  async start(): Promise<void> {
    const chosenClasses = this.chosenClasses
    if (!this.canStart || chosenClasses === null) return
    this.#isStarting = true
    const asked = {
      place: this.place === 'grant' ? { grant: this.#grant } : { dataset: Number(this.place) },
      ...(this.limit.trim() === '' ? {} : { limit: Number(this.limit) }),
      chosenClasses,
    }
    const answer = await backend.call(
      'studies.start',
      this.kind === 'd3s'
        ? { kind: 'd3s', model: this.model === '' ? null : this.model, ...asked }
        : { kind: 'om-imagenet', model: this.model, ...asked },
    )
    this.#isStarting = false
    this.#fault = answer.ok ? null : answer.error
    if (!answer.ok) return
    await this.load()
    route.set({ study: String(answer.value.jobId) })
    await jobs.ended(answer.value.jobId)
    await this.load()
  }

  async remove({ id }: Listed): Promise<void> {
    const answer = await backend.call('studies.remove', { id })
    if (!answer.ok) toasts.add(answer.error.message, 'bad')
    route.set({ study: '' })
    await this.load()
  }
}

async function grantOfDialog(): Promise<string | null> {
  const answer = await desktop?.chooseFolder('import')
  return answer?.ok && answer.value ? answer.value.id : null
}

async function grantOfService(): Promise<string | null> {
  const choice = await places.choose('import')
  return choice === null || choice === 'own-files' ? null : choice.grant
}
