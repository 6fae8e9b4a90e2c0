import { SvelteMap } from 'svelte/reactivity'
import type { ApiError, ImageCard, ImageFilterInput, ImageOrder } from '../../../shared/api'
import { backend } from '../../api'

/** Ids come in blocks of this many; a list is never fetched as a whole. */
const BLOCK = 2_000
const CARDS_AT_ONCE = 100
const CARDS_KEPT = 4_000

export interface ListQuestion {
  readonly filter: ImageFilterInput
  readonly order: ImageOrder
  readonly a: number | null
  readonly b: number | null
}

/** The ordered list of pictures as a window: its length, the ids near what is seen, and the cards of these. */
export class ImageWindow {
  #question: ListQuestion | null = null
  #total: number | null = $state(null)
  #error: ApiError | null = $state.raw(null)
  #isLoading = $state(false)
  #hasChanged = $state(false)
  #revision = ''
  readonly #blocks = new SvelteMap<number, readonly number[]>()
  readonly #cards = new SvelteMap<number, ImageCard>()
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing is drawn from it
  readonly #asked = new Set<number>()
  #listController = new AbortController()
  #cardController = new AbortController()
  #underWay: ReadonlySet<number> | null = null
  #mounted: readonly [number, number] = [0, 0]
  #seen: readonly [number, number] = [0, 0]

  /** Length of the list; null until it is known. */
  get total(): number | null {
    return this.#total
  }
  get error(): ApiError | null {
    return this.#error
  }
  get isLoading(): boolean {
    return this.#isLoading
  }
  /** The order on the other side is no longer the one that is shown: `reload` shows it. */
  get hasChanged(): boolean {
    return this.#hasChanged
  }

  id(index: number): number | undefined {
    return this.#blocks.get(Math.floor(index / BLOCK))?.[index % BLOCK]
  }

  card(id: number | undefined): ImageCard | undefined {
    return id === undefined ? undefined : this.#cards.get(id)
  }

  /** Shows another list. What is shown stays until the first block of the new one is there. */
  async ask(question: ListQuestion): Promise<void> {
    const samePair = this.#question?.a === question.a && this.#question.b === question.b
    this.#question = question
    await this.#start(!samePair)
  }

  async reload(): Promise<void> {
    if (this.#question) await this.#start(false)
  }

  /** Cards are asked for anew, as they come into view; the order stays as it is until the user asks for the new one. */
  async refresh(ids: readonly number[] | null): Promise<void> {
    for (const id of ids ?? [...this.#cards.keys()]) this.#asked.delete(id)
    this.#loadCards()
    const question = this.#question
    if (!question || this.#total === null) return
    const { filter, order } = question
    const answer = await backend.call('images.ids', { filter, order, from: 0, limit: 1 })
    if (!answer.ok || question !== this.#question || answer.value.revision === this.#revision)
      return
    if (this.#total === 0) await this.reload()
    else this.#hasChanged = true
  }

  /** What is seen and mounted now: blocks and cards are fetched for it, and given up for what was scrolled past. */
  show(seen: readonly [number, number], mounted: readonly [number, number]): void {
    this.#seen = seen
    this.#mounted = mounted
    void this.#loadBlocks()
    this.#loadCards()
  }

  /** All ids of positions `from` up to `to`; fetches what is missing. */
  async ids(from: number, to: number): Promise<number[]> {
    const first = Math.floor(from / BLOCK)
    const last = Math.floor(Math.max(from, to - 1) / BLOCK)
    for (let block = first; block <= last; block++) await this.#loadBlock(block)
    const ids: number[] = []
    for (let index = from; index < to; index++) {
      const id = this.id(index)
      if (id !== undefined) ids.push(id)
    }
    return ids
  }

  async #start(isOtherPair: boolean): Promise<void> {
    const question = this.#question
    if (!question) return
    this.#listController.abort()
    this.#listController = new AbortController()
    this.#isLoading = true
    const { filter, order } = question
    const answer = await backend.call(
      'images.ids',
      { filter, order, from: 0, limit: BLOCK },
      this.#listController.signal,
    )
    if (question !== this.#question) return
    this.#isLoading = false
    if (!answer.ok) {
      if (answer.error.code !== 'E_CANCELLED') this.#error = answer.error
      return
    }
    this.#error = null
    this.#hasChanged = false
    this.#blocks.clear()
    this.#blocks.set(0, answer.value.ids)
    this.#total = answer.value.total
    this.#revision = answer.value.revision
    if (isOtherPair) this.#cards.clear()
    this.#asked.clear()
    this.#cardController.abort()
    this.#underWay = null
    void this.#loadBlocks()
    this.#loadCards()
  }

  async #loadBlocks(): Promise<void> {
    const [from, to] = this.#mounted
    if (this.#total === null || to <= from) return
    const last = Math.floor((Math.min(to, this.#total) - 1) / BLOCK)
    for (let block = Math.floor(from / BLOCK); block <= last; block++) {
      await this.#loadBlock(block)
    }
    this.#loadCards()
  }

  async #loadBlock(block: number): Promise<void> {
    const question = this.#question
    if (!question || block < 0 || this.#blocks.has(block)) return
    const { filter, order } = question
    const answer = await backend.call(
      'images.ids',
      { filter, order, from: block * BLOCK, limit: BLOCK },
      this.#listController.signal,
    )
    if (!answer.ok || question !== this.#question) return
    if (answer.value.revision !== this.#revision) this.#hasChanged = true
    this.#blocks.set(block, answer.value.ids)
  }

  /** One batch at a time, what is seen first; when it is there, the next one for what is in view by then. */
  #loadCards(): void {
    const question = this.#question
    if (!question) return
    const near = this.#idsOf(this.#mounted)
    if (this.#underWay) {
      if (near.some((id) => this.#underWay?.has(id))) return
      // All that is asked for was scrolled past: its answer is not needed any more.
      this.#cardController.abort()
    }
    const isMissing = (id: number): boolean => !this.#asked.has(id)
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing is drawn from it
    const ids = [...new Set([...this.#idsOf(this.#seen), ...near])]
      .filter(isMissing)
      .slice(0, CARDS_AT_ONCE)
    if (ids.length === 0) return
    this.#cardController = new AbortController()
    void this.#loadBatch(question, ids, this.#cardController.signal)
  }

  async #loadBatch(
    question: ListQuestion,
    ids: readonly number[],
    signal: AbortSignal,
  ): Promise<void> {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing is drawn from it
    const underWay = new Set(ids)
    this.#underWay = underWay
    const { a, b } = question
    const answer = await backend.call(
      'images.cards',
      { ids: [...ids], a, b, overlay: true },
      signal,
    )
    if (this.#underWay === underWay) this.#underWay = null
    if (signal.aborted || question !== this.#question) return
    // After a fault too: a card that cannot be had is not asked for again and again.
    for (const id of ids) this.#asked.add(id)
    if (answer.ok) for (const card of answer.value.cards) this.#cards.set(card.id, card)
    this.#forget()
    this.#loadCards()
  }

  #idsOf([from, to]: readonly [number, number]): number[] {
    const ids: number[] = []
    for (let index = from; index < to; index++) {
      const id = this.id(index)
      if (id !== undefined) ids.push(id)
    }
    return ids
  }

  /** Cards far from what is seen make room. */
  #forget(): void {
    if (this.#cards.size <= CARDS_KEPT) return
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing is drawn from it
    const near = new Set(this.#idsOf(this.#mounted))
    for (const id of [...this.#cards.keys()]) {
      if (this.#cards.size <= CARDS_KEPT / 2) break
      if (near.has(id)) continue
      this.#cards.delete(id)
      this.#asked.delete(id)
    }
  }
}
