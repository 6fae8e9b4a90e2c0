import type { Run } from '../../shared/api'
import { backend } from '../api'
import { project } from './project.svelte'
import { route } from './route.svelte'

/** The two runs that every screen compares. The address names them; without it the project's last choice holds. */
class Pair {
  #runs: readonly Run[] = $state.raw([])
  #isLoaded = $state(false)

  constructor() {
    backend.subscribe('changed', ({ what }) => {
      if (what === 'runs') void this.load()
    })
  }

  /** All runs, newest first. */
  get runs(): readonly Run[] {
    return this.#runs
  }

  get isLoaded(): boolean {
    return this.#isLoaded
  }

  /** Id of the run A; null while there is none. */
  get a(): number | null {
    return this.#chosen('a')
  }

  get b(): number | null {
    return this.#chosen('b')
  }

  get runA(): Run | undefined {
    return this.run(this.a)
  }

  get runB(): Run | undefined {
    return this.run(this.b)
  }

  /** The pair as procedures take it. */
  get input(): { a: number | null; b: number | null } {
    return { a: this.a, b: this.b }
  }

  run(id: number | null): Run | undefined {
    return id === null ? undefined : this.#runs.find((run) => run.id === id)
  }

  set(a: number | null, b: number | null): void {
    route.set({ a: String(a ?? 'none'), b: String(b ?? 'none') })
    void backend.call('project.setPair', { a, b })
  }

  swap(): void {
    this.set(this.b, this.a)
  }

  async load(): Promise<void> {
    const answer = await backend.call('runs.list', { limit: 1000 })
    if (!answer.ok) return
    this.#runs = answer.value.rows
    this.#isLoaded = true
  }

  #chosen(side: 'a' | 'b'): number | null {
    const named = route.query[side]
    if (named === 'none') return null
    const id = named === undefined ? project.info?.pair[side] : Number(named)
    if (id != null && this.run(id)) return id
    return this.#usual(side)
  }

  /** B is the newest run with a defense; A the newest without one, of the same data set if there is one. */
  #usual(side: 'a' | 'b'): number | null {
    const defended = this.#runs.find((run) => run.defense !== null)
    if (side === 'b') return defended?.id ?? null
    const bare = this.#runs.filter((run) => run.kind === 'detect' && run.defense === null)
    return (bare.find((run) => run.dataset?.id === defended?.dataset?.id) ?? bare[0])?.id ?? null
  }
}

export const pair = new Pair()
