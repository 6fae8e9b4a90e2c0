import { SvelteMap } from 'svelte/reactivity'
import type { ApiError, ImageCard, ImageFilterInput, ImageOrder } from '../../../shared/api'
import { backend } from '../../api'
import { CardBatches } from './card-batches'

/** Ids come in blocks of this many. */
const BLOCK = 2_000
/** Blocks are fetched when what is mounted comes this near to them. */
const BLOCK_AHEAD = 500
/** Of a list up to this length the other blocks come too, one after the other: a jump then knows its ids. */
const FETCHED_WHOLE = 200_000
const CARDS_KEPT = 4_000
/** Between two such blocks, so that the service has time for others. */
const FILL_PAUSE_MS = 50
/** Screens of cards that are fetched ahead of the one that is seen, the way that it was scrolled. */
const SCREENS_AHEAD = 3

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
  readonly #batches = new CardBatches((ids, signal) => this.#loadBatch(ids, signal))
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing is drawn from it
  readonly #blocksUnderWay = new Map<number, Promise<void>>()
  #listController = new AbortController()
  #mounted: readonly [number, number] = [0, 0]
  #isGoingUp = false
  #isFilling = false
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
    this.#batches.forget(ids ?? this.#cards.keys())
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
    if (seen[0] !== this.#seen[0]) this.#isGoingUp = seen[0] < this.#seen[0]
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
    this.#blocksUnderWay.clear()
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
    this.#batches.clear()
    void this.#loadBlocks()
    this.#loadCards()
  }

  /** Those near what is mounted, at once; then, one after the other, those of the rest of the list. */
  async #loadBlocks(): Promise<void> {
    const [from, to] = this.#mounted
    const total = this.#total
    if (total === null || to <= from) return
    const last = Math.floor((Math.min(to + BLOCK_AHEAD, total) - 1) / BLOCK)
    const first = Math.floor(Math.max(0, from - BLOCK_AHEAD) / BLOCK)
    const near = Array.from({ length: last - first + 1 }, (_, k) => first + k)
    await Promise.all(near.map((block) => this.#loadBlock(block)))
    this.#loadCards()
    if (total <= FETCHED_WHOLE) await this.#fill(Math.ceil(total / BLOCK))
  }

  async #fill(blocks: number): Promise<void> {
    if (this.#isFilling) return
    this.#isFilling = true
    const question = this.#question
    for (let block = 0; block < blocks && question === this.#question; block++) {
      if (this.#blocks.has(block)) continue
      await new Promise((resolve) => setTimeout(resolve, FILL_PAUSE_MS))
      await this.#loadBlock(block)
      // The service is busy or gone: the next scroll goes on.
      if (!this.#blocks.has(block)) break
    }
    this.#isFilling = false
  }

  /** Once, however often it is asked for while it is on its way. */
  async #loadBlock(block: number): Promise<void> {
    if (block < 0 || this.#blocks.has(block)) return
    const known = this.#blocksUnderWay.get(block)
    const loading = known ?? this.#fetchBlock(block)
    this.#blocksUnderWay.set(block, loading)
    await loading
    if (this.#blocksUnderWay.get(block) === loading) this.#blocksUnderWay.delete(block)
  }

  async #fetchBlock(block: number): Promise<void> {
    const question = this.#question
    if (!question) return
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

  /** What is seen first, then what comes next the way that was scrolled, then the rest of what is mounted. */
  #loadCards(): void {
    if (!this.#question) return
    this.#batches.want(() => {
      const [from, to] = this.#seen
      const far = SCREENS_AHEAD * (to - from)
      const ahead = this.#isGoingUp
        ? this.#idsOf([from - far, from]).reverse()
        : this.#idsOf([to, to + far])
      return { seen: this.#idsOf(this.#seen), soon: [...ahead, ...this.#idsOf(this.#mounted)] }
    })
  }

  async #loadBatch(ids: ReadonlySet<number>, signal: AbortSignal): Promise<void> {
    const question = this.#question
    if (!question) return
    const { a, b } = question
    const answer = await backend.call(
      'images.cards',
      { ids: [...ids], a, b, overlay: true },
      signal,
    )
    if (signal.aborted || !answer.ok) return
    for (const card of answer.value.cards) if (ids.has(card.id)) this.#cards.set(card.id, card)
    this.#forget()
  }

  #idsOf([from, to]: readonly [number, number]): number[] {
    const ids: number[] = []
    for (let index = Math.max(0, from); index < to; index++) {
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
      this.#batches.forget([id])
    }
  }
}
