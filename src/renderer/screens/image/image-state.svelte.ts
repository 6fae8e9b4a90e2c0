import type { ApiError, ImageResult, Input, Output } from '../../../shared/api'
import { backend } from '../../api'
import { pair } from '../../state/pair.svelte'
import { Loaded } from '../loaded.svelte'
import { Picture, Probability } from './pictures.svelte'

type Info = Output<'image.get'>
type DraftInput = Input<'image.preview'>
/** JSON values by name. */
export type Values = Readonly<Record<string, unknown>>

/** After the last movement of a control. */
const DRAFT_DELAY_MS = 120
/** `screen` pictures are at most this wide and high. */
const SCREEN_SIDE = 1_600

/** One picture: what is known of it, what the runs A and B say of it, and a draft of B with other settings. */
class ImageState {
  readonly #info = new Loaded<Info>()
  readonly #a = new Loaded<{ result: ImageResult | null }>()
  readonly #b = new Loaded<{ result: ImageResult | null }>()
  readonly #draft = new Loaded<Output<'image.preview'>>()
  readonly source = new Picture()
  readonly removed = new Picture()
  readonly probability = new Probability()
  /** Settings that are tried; null: those of run B. */
  draftValues: Values | null = $state.raw(null)
  #id: number | null = $state(null)
  #runs: { readonly a: number | null; readonly b: number | null } = { a: null, b: null }
  #timer: ReturnType<typeof setTimeout> | undefined
  #wantsFull = false

  constructor() {
    backend.subscribe('changed', ({ what, ids }) => {
      const isMine = ids === null || (this.#id !== null && ids.includes(this.#id))
      if ((what === 'annotations' || what === 'images') && isMine) void this.reload()
      if (what === 'runs') void this.loadResults()
    })
  }

  get id(): number | null {
    return this.#id
  }

  get info(): Info | null {
    return this.#info.value
  }

  get error(): ApiError | null {
    return this.#info.error
  }

  /** Settings were moved and their result is not here yet. */
  get isTrying(): boolean {
    return this.#draft.isBusy
  }

  /** Why the last try gave nothing; the last good result stays. */
  get draftError(): ApiError | null {
    return this.#draft.error
  }

  get areResultsHere(): boolean {
    return !this.#a.isBusy && !this.#b.isBusy
  }

  get resultError(): ApiError | null {
    return this.#b.error ?? this.#a.error
  }

  /** What B says: the draft where one is tried. */
  get b(): ImageResult | null {
    const draft = this.draftValues === null ? null : this.#draft.value
    return draft?.result ?? this.#b.value?.result ?? null
  }

  /** What A says; without a run A, what the detector of B said before the defense. */
  get a(): ImageResult['found'] | null {
    return this.#a.value?.result?.found ?? this.#b.value?.result?.before ?? null
  }

  get resultA(): ImageResult | null {
    return this.#a.value?.result ?? null
  }

  /** Shows another picture, or the same with other runs A and B. What is shown already is not asked for again. */
  async open(id: number, a: number | null, b: number | null): Promise<void> {
    const isSamePair = this.#runs.a === a && this.#runs.b === b
    this.#runs = { a, b }
    if (id === this.#id) {
      if (!isSamePair) this.dropDraft()
      if (!isSamePair) await this.loadResults()
      return
    }
    this.#id = id
    this.#wantsFull = false
    this.dropDraft()
    for (const part of [this.#info, this.#a, this.#b]) part.clear()
    void this.removed.load(null)
    void this.probability.load(null)
    void this.source.load(null)
    await Promise.all([this.reload(), this.loadResults()])
  }

  async loadResults(): Promise<void> {
    const [id, { a, b }] = [this.#id, this.#runs]
    if (id === null) return
    const ask = async (
      part: Loaded<{ result: ImageResult | null }>,
      run: number | null,
    ): Promise<void> => {
      if (run === null) part.clear()
      else await part.load((signal) => backend.call('image.result', { id, run }, signal))
    }
    await Promise.all([ask(this.#a, a), ask(this.#b, b)])
    if (id === this.#id) this.#loadPictures()
  }

  /** The picture is shown larger than its `screen` version is: fetches it whole. */
  wantFull(): void {
    if (this.#wantsFull || !this.info) return
    this.#wantsFull = true
    void this.source.load(this.#url('full'))
  }

  /** Whether a version smaller than the picture is shown. */
  get isReduced(): boolean {
    const { card } = this.info ?? {}
    const longest = Math.max(card?.width ?? 0, card?.height ?? 0)
    return longest > SCREEN_SIDE && !this.#wantsFull
  }

  /** Tries other settings on this picture; with `done` false a control still moves. */
  tryValues(values: Values): void {
    this.draftValues = values
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#runDraft(), DRAFT_DELAY_MS)
  }

  dropDraft(): void {
    clearTimeout(this.#timer)
    const hadOne = this.draftValues !== null
    this.draftValues = null
    this.#draft.clear()
    if (hadOne) this.#loadPictures()
  }

  async #runDraft(): Promise<void> {
    const [id, run, values] = [this.#id, pair.runB, this.draftValues]
    if (id === null || values === null || !run?.detector || !run.defense) return
    const input: DraftInput = {
      id,
      detector: run.detector,
      // Values of the form are JSON: they come from a JSON schema.
      defense: { id: run.defense, params: values as NonNullable<DraftInput['defense']>['params'] },
      ...(run.scoreThreshold === null ? {} : { scoreThreshold: run.scoreThreshold }),
    }
    const answer = await this.#draft.load((signal) => backend.call('image.preview', input, signal))
    if (answer && id === this.#id) this.#loadPictures()
  }

  /** Asks again for the card and the annotations. */
  async reload(): Promise<void> {
    const id = this.#id
    if (id === null) return
    const info = await this.#info.load((signal) =>
      backend.call('image.get', { id, ...pair.input }, signal),
    )
    if (!info || id !== this.#id || this.#wantsFull) return
    // The thumbnail is there at once; the picture takes its place, in the same frame.
    if (!this.source.image) await this.source.load(this.#url('thumbnail'))
    if (id === this.#id) await this.source.load(this.#url('screen'))
  }

  #loadPictures(): void {
    void this.removed.load(this.#resultUrl('removed'))
    void this.probability.load(this.#resultUrl('probability'))
  }

  #url(kind: string): string | null {
    const card = this.info?.card
    return card ? backend.mediaUrl(card.id, kind, card.version) : null
  }

  #resultUrl(kind: string): string | null {
    const picture = this.b?.media.find((one) => one.kind === kind)
    return picture ? backend.mediaUrl(picture.imageId, picture.kind, picture.version) : null
  }
}

export const imageState = new ImageState()
