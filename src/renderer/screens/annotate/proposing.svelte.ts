import type { Input, Output, Proposal } from '../../../shared/api'
import type { Mask } from '../../../shared/vision/mask'
import { backend } from '../../api'
import { Loaded } from '../loaded.svelte'
import { maskOf } from '../image/found-masks'

type Asked = Input<'patches.propose'>
export type ProposalShape = 'square' | 'circle' | 'as-found'

export interface Offered {
  readonly proposal: Proposal
  readonly mask: Mask
  readonly raw: Mask
}

/** What the segmenter offers at the place that was clicked, until it is accepted, adjusted or rejected. */
class Proposing {
  readonly #answer = new Loaded<Output<'patches.propose'>>()
  #asked: Asked | null = $state.raw(null)
  shape: ProposalShape = $state('square')
  /** Of the segmenter; null: its own. */
  threshold: number | null = $state(null)

  readonly current: Offered | null = $derived.by(() => {
    const proposal = this.#asked === null ? undefined : this.#answer.value?.proposals[0]
    return proposal ? { proposal, mask: maskOf(proposal.mask), raw: maskOf(proposal.raw) } : null
  })

  get isBusy(): boolean {
    return this.#answer.isBusy
  }

  get error() {
    return this.#answer.error
  }

  /** Sides that squares snap to, in pixels of the picture, ascending; empty until something was proposed. */
  get sides(): readonly number[] {
    return this.#answer.value?.sides ?? []
  }

  /** A place was asked about, and nothing is there. */
  get foundNothing(): boolean {
    return this.#asked !== null && !this.isBusy && this.error === null && this.current === null
  }

  get isOpen(): boolean {
    return this.#asked !== null
  }

  get usedThreshold(): number {
    return this.threshold ?? this.#answer.value?.threshold ?? 0.6
  }

  /** Settings that a kept proposal names. */
  get params(): NonNullable<Asked['params']> {
    return this.threshold === null ? {} : { threshold: this.threshold }
  }

  async ask(
    place: Pick<Asked, 'imageId' | 'at' | 'within'>,
  ): Promise<Output<'patches.propose'> | null> {
    const asked: Asked = { ...place, shape: this.shape, params: this.params }
    this.#asked = asked
    return this.#answer.load((signal) => backend.call('patches.propose', asked, signal))
  }

  async useShape(shape: ProposalShape): Promise<void> {
    this.shape = shape
    await this.#again({ shape })
  }

  async useThreshold(threshold: number): Promise<void> {
    this.threshold = threshold
    await this.#again({ params: this.params })
  }

  /** The next listed side, larger or smaller than the present one. */
  async stepSide(by: 1 | -1): Promise<void> {
    const now = this.current?.proposal.side ?? null
    if (now === null) return
    const { sides } = this
    const next =
      by === 1 ? sides.find((side) => side > now + 0.5) : sides.findLast((side) => side < now - 0.5)
    if (next !== undefined) await this.#again({ side: next })
  }

  drop(): void {
    this.#asked = null
  }

  async #again(change: Partial<Asked>): Promise<void> {
    if (!this.#asked) return
    // A side that was chosen belongs to the shape and threshold of then.
    const { imageId, at, within, shape, params } = this.#asked
    const next: Asked = {
      imageId,
      ...(at ? { at } : {}),
      ...(within ? { within } : {}),
      ...(shape ? { shape } : {}),
      ...(params ? { params } : {}),
      ...change,
    }
    this.#asked = next
    await this.#answer.load((signal) => backend.call('patches.propose', next, signal))
  }
}

export const proposing = new Proposing()
