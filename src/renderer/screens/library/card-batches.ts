/** Cards asked for at once. */
const BATCH = 100
/** One for what came into view since, beside one for what is near it. */
const MOST_UNDER_WAY = 2

interface Batch {
  /** Without those that have changed since they were asked for. */
  readonly ids: Set<number>
  readonly controller: AbortController
}

/**
 * Asks for cards in batches: first of what is seen, then of what will be soon. A batch of which nothing is wanted any more is
 * given up, so that what was scrolled past holds up nothing.
 */
export class CardBatches {
  readonly #load: (ids: ReadonlySet<number>, signal: AbortSignal) => Promise<void>
  readonly #asked = new Set<number>()
  #underWay: readonly Batch[] = []

  /**
   * `load` rejects with nothing: it deals with faults itself. An id that is not in its set any more when the answer is there
   * has changed meanwhile, and is asked for again.
   */
  constructor(load: (ids: ReadonlySet<number>, signal: AbortSignal) => Promise<void>) {
    this.#load = load
  }

  /** Ids are asked for again when they are wanted the next time. */
  forget(ids: Iterable<number>): void {
    for (const id of ids) {
      this.#asked.delete(id)
      for (const batch of this.#underWay) batch.ids.delete(id)
    }
  }

  /** Gives up what is under way, and knows of nothing. */
  clear(): void {
    for (const { controller } of this.#underWay) controller.abort()
    this.#underWay = []
    this.#asked.clear()
  }

  /** `next` answers what is wanted by now, so that a batch that comes back late is followed by the right one. */
  want(next: () => { readonly seen: readonly number[]; readonly soon: readonly number[] }): void {
    const { seen, soon } = next()
    const wanted = new Set([...seen, ...soon])
    for (const batch of this.#underWay) {
      if (![...batch.ids].some((id) => wanted.has(id))) this.#giveUp(batch)
    }
    for (const group of [seen, soon]) {
      const ids = this.#missing(group)
      if (ids.length === 0 || this.#underWay.length >= MOST_UNDER_WAY) continue
      const batch = { ids: new Set(ids), controller: new AbortController() }
      this.#underWay = [...this.#underWay, batch]
      void this.#load(batch.ids, batch.controller.signal).then(() => {
        if (batch.controller.signal.aborted) return
        this.#underWay = this.#underWay.filter((one) => one !== batch)
        // After a fault too: a card that cannot be had is not asked for again and again.
        for (const id of batch.ids) this.#asked.add(id)
        this.want(next)
      })
    }
  }

  #missing(ids: readonly number[]): number[] {
    const isMissing = (id: number): boolean =>
      !this.#asked.has(id) && !this.#underWay.some((batch) => batch.ids.has(id))
    return [...new Set(ids)].filter(isMissing).slice(0, BATCH)
  }

  #giveUp(batch: Batch): void {
    batch.controller.abort()
    this.#underWay = this.#underWay.filter((one) => one !== batch)
  }
}
