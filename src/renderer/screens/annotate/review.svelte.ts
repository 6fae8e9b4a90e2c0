import type { Output } from '../../../shared/api'
import { backend } from '../../api'
import { route } from '../../state/route.svelte'
import { toasts } from '../../state/toasts.svelte'
import { annotateText } from '../../strings/annotate'
import { imageState } from '../image/image-state.svelte'
import { walk } from '../image/walk.svelte'
import { Loaded } from '../loaded.svelte'

type Queue = Output<'review.queue'>
export type ReviewShow = 'to-do' | 'accepted' | 'rejected' | 'no-patch' | 'all'
const PAGE = 200
/** Before this many decisions nobody knows how long one takes. */
const ENOUGH_TO_TELL = 3

/** The pictures that wait for a decision, and what was decided. */
class Review {
  readonly #queue = new Loaded<Queue>()
  show: ReviewShow = $state('all')
  #limit = PAGE
  #decidedAt: readonly number[] = $state.raw([])

  constructor() {
    backend.subscribe('changed', ({ what }) => {
      if (what === 'annotations' || what === 'images') void this.load()
    })
  }

  get queue(): Queue | null {
    return this.#queue.value
  }

  get error() {
    return this.#queue.error
  }

  /** Position of the shown picture among the rows; -1: it is not among them. */
  readonly at = $derived(
    this.queue?.rows.findIndex(({ imageId }) => imageId === imageState.id) ?? -1,
  )

  /** By the pace of this sitting; null while nobody knows. */
  get secondsLeft(): number | null {
    const times = this.#decidedAt
    const [first, last] = [times[0], times.at(-1)]
    if (first === undefined || last === undefined || times.length <= ENOUGH_TO_TELL) return null
    return ((last - first) / 1_000 / (times.length - 1)) * (this.queue?.toDo ?? 0)
  }

  async load(): Promise<void> {
    const dataset = imageState.info?.dataset.id
    await this.#queue.load((signal) =>
      backend.call(
        'review.queue',
        { show: this.show, limit: this.#limit, ...(dataset === undefined ? {} : { dataset }) },
        signal,
      ),
    )
  }

  async showOnly(show: ReviewShow): Promise<void> {
    this.show = show
    this.#limit = PAGE
    await this.load()
  }

  /** The list was scrolled near to its end. */
  async more(): Promise<void> {
    const queue = this.queue
    if (!queue || queue.rows.length >= queue.total || this.#limit >= 1_000 || this.#queue.isBusy)
      return
    this.#limit = Math.min(1_000, this.#limit + PAGE)
    await this.load()
  }

  /** Opens the neighbour in the review list, or, for a picture that is not in it, in the Library's list. */
  async step(by: 1 | -1): Promise<void> {
    const rows = this.queue?.rows ?? []
    const next = this.at < 0 ? undefined : rows[this.at + by]
    if (next) route.setId(String(next.imageId))
    else if (this.at >= 0 || !(await walk.go(by))) toasts.add(annotateText.last)
  }

  async decide(how: 'accept' | 'reject'): Promise<void> {
    const { id } = imageState
    if (id === null) return
    // With nothing left to do the Library's list goes on.
    const next = this.#nextToDo() ?? walk.position?.next ?? null
    const answer = await backend.call(how === 'accept' ? 'review.accept' : 'review.reject', {
      imageId: id,
    })
    if (!answer.ok) {
      toasts.add(answer.error.message, 'bad')
      return
    }
    this.#decidedAt = [...this.#decidedAt, performance.now()].slice(-20)
    if (next === null) {
      toasts.add(
        `${how === 'accept' ? annotateText.accepted : annotateText.rejected}. ${annotateText.last}`,
        'ok',
      )
      await Promise.all([imageState.reload(), this.load()])
    } else route.setId(String(next))
  }

  /** After this picture, the next without a decision; from the start again after the last. */
  #nextToDo(): number | null {
    const rows = this.queue?.rows ?? []
    const order = [...rows.slice(this.at + 1), ...rows.slice(0, Math.max(0, this.at))]
    return order.find(({ state }) => state === 'to-do')?.imageId ?? null
  }
}

export const review = new Review()
