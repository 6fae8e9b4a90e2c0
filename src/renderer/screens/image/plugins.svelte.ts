import type { Output } from '../../../shared/api'
import { backend } from '../../api'

type Defense = Output<'plugins.list'>['defenses'][number]
type Model = Output<'models.list'>['models'][number]

/** The defenses with their schemas, and the models that their settings may name: asked for once. */
class Plugins {
  #defenses: readonly Defense[] = $state.raw([])
  #all: readonly Model[] = $state.raw([])
  #isAsked = false

  /** Those on this machine that a setting may name, by task. */
  readonly models = $derived(
    this.#all.flatMap(({ id, name, task, available }) =>
      available && task !== null ? [{ id, name, task }] : [],
    ),
  )

  /** The detector for a first run. */
  get detector(): string | null {
    return this.models.find(({ task }) => task === 'detect')?.id ?? null
  }

  defense(id: string | null): Defense | undefined {
    return this.#defenses.find((defense) => defense.id === id)
  }

  async load(): Promise<void> {
    if (this.#isAsked) return
    this.#isAsked = true
    const [plugins, models] = await Promise.all([
      backend.call('plugins.list', {}),
      backend.call('models.list', {}),
    ])
    if (plugins.ok) this.#defenses = plugins.value.defenses
    if (models.ok) this.#all = models.value.models
    this.#isAsked = plugins.ok && models.ok
  }
}

export const plugins = new Plugins()
