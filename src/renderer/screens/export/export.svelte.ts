import type { ApiError, Input, Output } from '../../../shared/api'
import { backend } from '../../api'
import { jobs } from '../../state/jobs.svelte'
import { chosen } from '../../state/chosen.svelte'
import { pair } from '../../state/pair.svelte'
import { project } from '../../state/project.svelte'
import { Loaded } from '../loaded.svelte'
import { exportName, isExportName } from './export-name'

type Exporter = Output<'plugins.list'>['exporters'][number]
type Order = Input<'export.preview'>
type Grant = Output<'grants.list'>['grants'][number]

export type ExportStep =
  | { readonly at: 'choosing' }
  | { readonly at: 'writing'; readonly jobId: number }
  | { readonly at: 'done'; readonly jobId: number; readonly result: Output<'export.result'> }
  | { readonly at: 'failed'; readonly error: ApiError }

/** What is exported, how and where to; what would be lost; and the job that writes it. */
export class Export {
  readonly exporters = new Loaded<readonly Exporter[]>()
  readonly preview = new Loaded<Output<'export.preview'>>()
  readonly check = new Loaded<Output<'export.check'>>()
  readonly grants = new Loaded<readonly Grant[]>()
  /** `run/3` or `dataset/1`; empty: the first that there is. */
  #subject = $state('')
  format = $state('coco')
  params: Record<string, unknown> = $state.raw({})
  /** Only the pictures that the Library handed over. */
  onlyChosen = $state(chosen.images !== null)
  copyImages = $state(false)
  /** Id of a granted folder; empty: the project's own. */
  grant = $state('')
  #name: string | null = $state(null)
  replaces = $state(false)
  #step: ExportStep = $state.raw({ at: 'choosing' })

  get step(): ExportStep {
    return this.#step
  }

  async load(): Promise<void> {
    await Promise.all([
      this.exporters.load(async (signal) => {
        const answer = await backend.call('plugins.list', {}, signal)
        return answer.ok ? { ok: true, value: answer.value.exporters } : answer
      }),
      this.loadGrants(),
    ])
  }

  async loadGrants(): Promise<void> {
    await this.grants.load(async (signal) => {
      const answer = await backend.call('grants.list', {}, signal)
      if (!answer.ok) return answer
      const folders = answer.value.grants.filter(
        ({ kind, writable }) => kind === 'folder' && writable,
      )
      return { ok: true, value: folders }
    })
  }

  /** Subjects in the order in which they are offered: the pair, data sets, other runs. */
  get subjects(): readonly { readonly id: string; readonly kind: 'a' | 'b' | 'run' | 'dataset' }[] {
    const { a, b } = pair
    const ofPair = [
      ...(b === null ? [] : [{ id: `run/${b}`, kind: 'b' as const }]),
      ...(a === null || a === b ? [] : [{ id: `run/${a}`, kind: 'a' as const }]),
    ]
    const others = pair.runs.filter(({ id }) => id !== a && id !== b)
    return [
      ...ofPair,
      ...project.datasets.map(({ id }) => ({ id: `dataset/${id}`, kind: 'dataset' as const })),
      ...others.map(({ id }) => ({ id: `run/${id}`, kind: 'run' as const })),
    ]
  }

  get subject(): string {
    const known = this.subjects.find(({ id }) => id === this.#subject)
    return known?.id ?? this.subjects[0]?.id ?? ''
  }
  set subject(id: string) {
    this.#subject = id
  }

  get isRun(): boolean {
    return this.subject.startsWith('run/')
  }

  /** Name of the run or the data set. */
  get subjectName(): string {
    const id = Number(this.subject.split('/')[1])
    return (this.isRun ? pair.run(id)?.name : project.dataset(id)?.name) ?? ''
  }

  get exporter(): Exporter | undefined {
    return this.exporters.value?.find(({ id }) => id === this.format)
  }

  canTake(exporter: Exporter): boolean {
    return this.isRun || exporter.takes === 'datasets-and-runs'
  }

  get name(): string {
    return this.#name ?? exportName(this.subjectName, this.exporter?.fileName ?? null)
  }
  set name(name: string) {
    this.#name = name
  }

  /** Another subject or format has another name, until the user types one. */
  forgetName(): void {
    this.#name = null
  }

  get isNameGood(): boolean {
    return isExportName(this.name)
  }

  /** What would be exported; null where nothing can be. */
  get order(): Order | null {
    const { exporter, subject } = this
    if (subject === '' || !exporter || !this.canTake(exporter)) return null
    const id = Number(subject.split('/')[1])
    const selection = this.onlyChosen ? chosen.images?.selection : undefined
    const filter = selection && 'ids' in selection ? { ids: selection.ids } : selection?.filter
    return {
      subject: this.isRun ? { run: id } : { dataset: id },
      ...(filter === undefined ? {} : { filter }),
      format: this.format,
      // SchemaForm answers values that the JSON schema allows, which are JSON.
      params: this.params as Record<string, never>,
    }
  }

  async count(order: Order): Promise<void> {
    await this.preview.load((signal) => backend.call('export.preview', order, signal))
  }

  /** Whether something of that name is there. */
  async look(): Promise<void> {
    const { name, format } = this
    if (!this.isNameGood || !this.exporter) {
      this.check.clear()
      return
    }
    const grant = this.grant === '' ? null : this.grant
    await this.check.load((signal) => backend.call('export.check', { grant, name, format }, signal))
  }

  async start(): Promise<number | null> {
    const { order } = this
    if (order === null || this.#step.at === 'writing') return null
    // What an earlier export wrote is not what this one is about.
    this.#step = { at: 'choosing' }
    const answer = await backend.call('export.start', {
      ...order,
      grant: this.grant === '' ? null : this.grant,
      name: this.name.trim(),
      copyImages: this.copyImages && (this.exporter?.canCopyImages ?? false),
      ifExists: this.replaces ? 'replace' : 'keep-both',
    })
    if (!answer.ok) {
      this.#step = { at: 'failed', error: answer.error }
      return null
    }
    const { jobId } = answer.value
    this.#step = { at: 'writing', jobId }
    const job = await jobs.ended(jobId)
    if (job.state === 'cancelled') {
      this.#step = { at: 'choosing' }
      return null
    }
    if (job.error) {
      this.#step = { at: 'failed', error: job.error }
      return null
    }
    const result = await backend.call('export.result', { jobId })
    this.#step = result.ok
      ? { at: 'done', jobId, result: result.value }
      : { at: 'failed', error: result.error }
    return result.ok ? result.value.images : null
  }

  again(): void {
    if (this.#step.at !== 'writing') this.#step = { at: 'choosing' }
  }
}
