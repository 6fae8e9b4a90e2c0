import type { ApiError, Input, Output } from '../../shared/api'
import { backend, desktop } from '../api'
import { projectText } from '../strings/project'
import { places, type PlacePurpose } from './places.svelte'

export type RecentProject = Output<'project.recent'>['projects'][number]

type Order =
  | { readonly name: 'project.open'; readonly input: Input<'project.open'> }
  | { readonly name: 'project.create'; readonly input: Input<'project.create'> }

/** What the dialog shows. */
export type ChangeStep =
  /** A new project needs a name; `error` says what was wrong with the last one. */
  | { readonly at: 'name'; readonly grant: string; readonly error: ApiError | null }
  | { readonly at: 'opening' }
  /** Work is under way in the present project. */
  | { readonly at: 'working'; readonly error: ApiError; readonly order: Order }
  | { readonly at: 'failed'; readonly error: ApiError }

/** The way to another project. When it is open, the page is told so and begins anew. */
class ProjectChange {
  #recent: readonly RecentProject[] = $state.raw([])
  #step: ChangeStep | null = $state.raw(null)

  /** Those that may be opened from here, without the one that is open; newest first. */
  get recent(): readonly RecentProject[] {
    return this.#recent.filter(({ isOpen }) => !isOpen)
  }

  /** Null while the dialog is closed. */
  get step(): ChangeStep | null {
    return this.#step
  }

  async load(): Promise<void> {
    const answer = await backend.call('project.recent', {})
    if (answer.ok) this.#recent = answer.value.projects
  }

  async openOther(): Promise<void> {
    const grant = await this.#folder('open-project')
    if (grant !== null) await this.#open({ grant })
  }

  openRecent(id: string): Promise<void> {
    return this.#open({ recent: id })
  }

  async beginNew(): Promise<void> {
    const grant = await this.#folder('new-project')
    if (grant !== null) this.#step = { at: 'name', grant, error: null }
  }

  async create(grant: string, name: string): Promise<void> {
    await this.#ask({ name: 'project.create', input: { grant, name } })
  }

  /** Ends the work that stood in the way. */
  stopAndOpen(order: Order): Promise<void> {
    return order.name === 'project.open'
      ? this.#ask({ name: order.name, input: { ...order.input, stopJobs: true } })
      : this.#ask({ name: order.name, input: { ...order.input, stopJobs: true } })
  }

  close(): void {
    this.#step = null
  }

  #open(from: Input<'project.open'>['from']): Promise<void> {
    return this.#ask({ name: 'project.open', input: { from } })
  }

  async #ask(order: Order): Promise<void> {
    this.#step = { at: 'opening' }
    const answer = await backend.call(order.name, order.input)
    if (answer.ok) {
      // The present project again: nothing changes, and no event comes.
      this.#step = null
      return
    }
    const { error } = answer
    if (error.code === 'E_JOBS_UNDER_WAY') this.#step = { at: 'working', error, order }
    else if (order.name === 'project.create' && ofTheName.includes(error.code)) {
      this.#step = { at: 'name', grant: order.input.grant, error }
    } else this.#step = { at: 'failed', error }
  }

  /** A grant of the folder that the user chose; null where the dialog was closed. */
  async #folder(purpose: PlacePurpose): Promise<string | null> {
    if (desktop) {
      const answer = await desktop.chooseFolder('project')
      if (answer.ok) return answer.value?.id ?? null
      this.#step = { at: 'failed', error: answer.error }
      return null
    }
    await places.loaded
    if (places.roots.length === 0) {
      this.#step = { at: 'failed', error: projectText.noFolders }
      return null
    }
    const choice = await places.choose(purpose)
    return choice === null || choice === 'own-files' ? null : choice.grant
  }
}

const ofTheName = ['E_TARGET_INVALID', 'E_TARGET_EXISTS', 'E_INPUT_INVALID']

export const projectChange = new ProjectChange()
