import type { ApiError, Output } from '../../shared/api'
import { backend, desktop } from '../api'
import { startAnew } from '../client/project-key'

type Info = Output<'project.info'>
type Dataset = Output<'datasets.list'>['datasets'][number]

/** The project that is open: its name, counts and data sets. */
class Project {
  #info: Info | null = $state.raw(null)
  #datasets: readonly Dataset[] = $state.raw([])
  #error: ApiError | null = $state.raw(null)

  constructor() {
    backend.subscribe('changed', ({ what }) => {
      if (what === 'datasets' || what === 'images' || what === 'runs') void this.load()
    })
    backend.subscribe('project', startAnew)
    // A core that was started again may have opened another project.
    desktop?.onCoreStatus(({ state }) => {
      if (state === 'ready' && this.#info) void this.load()
    })
  }

  get info(): Info | null {
    return this.#info
  }

  get datasets(): readonly Dataset[] {
    return this.#datasets
  }

  /** Why the project cannot be read; null if it can, or nobody knows yet. */
  get error(): ApiError | null {
    return this.#error
  }

  dataset(id: number): Dataset | undefined {
    return this.#datasets.find((dataset) => dataset.id === id)
  }

  async load(): Promise<void> {
    const [info, datasets] = await Promise.all([
      backend.call('project.info', {}),
      backend.call('datasets.list', {}),
    ])
    if (info.ok && this.#info && info.value.key !== this.#info.key) {
      startAnew()
      return
    }
    if (info.ok) this.#info = info.value
    if (datasets.ok) this.#datasets = datasets.value.datasets
    this.#error = info.ok ? null : info.error
  }
}

export const project = new Project()
