import type { ApiError, Output } from '../../../shared/api'
import { backend, desktop } from '../../api'
import { chosenFiles } from '../../client/dropped-files'
import { upload } from '../../client/upload'
import { Loaded } from '../loaded.svelte'
import { type Card, at, withField } from './card-fields'

type Inspection = Output<'models.inspect'>
type Trial = Output<'models.try'>

export type AddStep =
  | { readonly at: 'reading'; readonly isSending: boolean }
  | { readonly at: 'failed'; readonly error: ApiError }
  | { readonly at: 'look'; readonly inspection: Inspection }

const samples = 5

/** Adding a model: from a dropped file over a look and a sample run to the stored card. Nothing is stored before the end. */
export class AddModel {
  readonly trial = new Loaded<Trial>()
  #step: AddStep | null = $state.raw(null)
  /** Which of the ways to read the model is tried. */
  #way = $state(0)
  #overrides: Card = $state.raw({})
  #sample = $state(0)
  #grant = ''
  #images: readonly number[] = []
  isAdding = $state(false)
  addError: ApiError | null = $state.raw(null)

  get step(): AddStep | null {
    return this.#step
  }

  get sample(): number {
    return this.#sample
  }

  get way(): number {
    return this.#way
  }

  /** Families that fit, the most likely first; none where the card is known. */
  get families(): readonly string[] {
    if (this.#step?.at !== 'look') return []
    const { card, cardFrom, proposals } = this.#step.inspection
    if (card && cardFrom !== 'proposal') return []
    return proposals.map(({ family }) => family)
  }

  get reasons(): readonly string[] {
    if (this.#step?.at !== 'look') return []
    return this.#step.inspection.proposals[this.#way]?.reasons ?? []
  }

  get isKnown(): boolean {
    return this.#step?.at === 'look' && this.families.length === 0 && this.#step.inspection.card !== null
  }

  /** The card with what the user changed: of the last sample run, else as it was proposed. */
  get card(): Card | null {
    if (this.#step?.at !== 'look') return null
    const { card, proposals } = this.#step.inspection
    const proposed = this.families.length === 0 ? card : (proposals[this.#way]?.card ?? card)
    return merged(this.trial.value?.card ?? proposed ?? {}, this.#overrides)
  }

  get licence(): string {
    const licence = at(this.card, 'licence')
    // "unknown" is what the core fills in: the user has to say it.
    if (!('licence' in this.#overrides) && licence === 'unknown') return ''
    return typeof licence === 'string' ? licence : ''
  }

  async take(files: readonly File[]): Promise<void> {
    this.#begin(true)
    if (desktop) {
      const answer = await desktop.grantFiles([...files])
      if (answer.ok) await this.#look(answer.value.id)
      else this.#step = { at: 'failed', error: answer.error }
      return
    }
    const answer = await upload(chosenFiles(files), new AbortController().signal, () => undefined)
    const refused = answer.ok ? answer.value.refused[0]?.error : answer.error
    if (!answer.ok || refused) {
      if (refused) this.#step = { at: 'failed', error: refused }
      return
    }
    // What was sent is a folder: a card may lie beside the model, and is found there.
    const model = files.find(({ name }) => name.toLowerCase().endsWith('.onnx')) ?? files[0]
    const inside = await backend.call('grants.within', {
      grant: answer.value.grant,
      path: model?.name ?? '',
    })
    if (inside.ok) await this.#look(inside.value.grant)
    else this.#step = { at: 'failed', error: inside.error }
  }

  /** The dialog of the desktop; in a browser the screen has a file field. */
  async choose(): Promise<void> {
    if (!desktop) return
    const answer = await desktop.chooseFiles('model')
    if (answer.ok && answer.value === null) return
    this.#begin(false)
    if (answer.ok && answer.value) await this.#look(answer.value.id)
    else if (!answer.ok) this.#step = { at: 'failed', error: answer.error }
  }

  close(): void {
    this.#step = null
    this.trial.clear()
  }

  set(path: string, value: unknown): void {
    this.#overrides = withField(this.#overrides, path, value)
    // The name and the licence change nothing about what it answers.
    if (path !== 'name' && path !== 'licence') void this.try()
  }

  /** "No, try next": the next likely family, from the start. */
  nextWay(): void {
    this.readAs((this.#way + 1) % Math.max(1, this.families.length))
  }

  readAs(way: number): void {
    this.#way = way
    const { name, licence } = this.#overrides
    // Answers about the other family's fields mean nothing for this one.
    this.#overrides = {
      ...(name === undefined ? {} : { name }),
      ...(licence === undefined ? {} : { licence }),
    }
    this.trial.clear()
    void this.try()
  }

  nextSample(): void {
    this.#sample = (this.#sample + 1) % Math.max(1, this.#images.length)
    void this.try()
  }

  async try(): Promise<void> {
    const imageId = this.#images[this.#sample] ?? null
    await this.trial.load((signal) =>
      backend.call('models.try', { ...this.#how, imageId }, signal),
    )
  }

  /** Stores it; answers its name, or null where that was refused. */
  async add(): Promise<string | null> {
    this.isAdding = true
    const answer = await backend.call('models.add', this.#how)
    this.isAdding = false
    this.addError = answer.ok ? null : answer.error
    if (!answer.ok) return null
    this.close()
    return answer.value.model.name
  }

  get #how() {
    const family = this.families[this.#way]
    return {
      grant: this.#grant,
      ...(family === undefined ? {} : { family }),
      // Made from the form's texts, numbers and lists, which are JSON.
      overrides: this.#overrides as Record<string, never>,
    }
  }

  #begin(isSending: boolean): void {
    this.#step = { at: 'reading', isSending }
    this.#way = 0
    this.#sample = 0
    this.#overrides = {}
    this.addError = null
    this.trial.clear()
  }

  async #look(grant: string): Promise<void> {
    this.#grant = grant
    this.#step = { at: 'reading', isSending: false }
    const [answer, images] = await Promise.all([
      backend.call('models.inspect', { grant }),
      backend.call('images.ids', { from: 0, limit: samples }),
    ])
    this.#images = images.ok ? images.value.ids : []
    if (!answer.ok) {
      this.#step = { at: 'failed', error: answer.error }
      return
    }
    this.#step = { at: 'look', inspection: answer.value }
    if (answer.value.probe.ok && this.card !== null) await this.try()
  }
}

function merged(card: Card, overrides: Card): Card {
  const all: Record<string, unknown> = { ...card }
  for (const [key, value] of Object.entries(overrides)) {
    const before = all[key]
    const nested = isObject(before) && isObject(value)
    all[key] = nested ? merged(before, value) : value
  }
  return all
}

function isObject(value: unknown): value is Card {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
