import type { Output } from '../../../shared/api'
import { backend } from '../../api'
import { route } from '../../state/route.svelte'
import { toasts } from '../../state/toasts.svelte'
import { live } from '../../state/live.svelte'
import { annotateText } from '../../strings/annotate'
import { imageState } from '../image/image-state.svelte'
import { Loaded } from '../loaded.svelte'
import { annotate } from './annotate-state.svelte'
import { proposing } from './proposing.svelte'

type Steps = Output<'undo.history'>['steps']

/** The steps that led to what this picture holds, kept by the project: they outlive the app. */
class History {
  readonly #steps = new Loaded<{ steps: Steps }>()
  readonly #state = new Loaded<Output<'undo.state'>>()

  constructor() {
    backend.subscribe('changed', ({ what }) => {
      if (what === 'annotations' || what === 'images') void this.load()
    })
  }

  /** Oldest first. */
  readonly steps: Steps = $derived((this.#steps.value?.steps ?? []).toReversed())

  /** What undo would take back; null: nothing. */
  get undoName(): string | null {
    return this.#state.value?.undo ?? null
  }

  get redoName(): string | null {
    return this.#state.value?.redo ?? null
  }

  async load(): Promise<void> {
    const imageId = imageState.id
    if (imageId === null) return
    await Promise.all([
      this.#steps.load((signal) => backend.call('undo.history', { imageId, limit: 200 }, signal)),
      this.#state.load((signal) => backend.call('undo.state', {}, signal)),
    ])
  }

  undo(): Promise<void> {
    return this.#move('undo.undo')
  }

  redo(): Promise<void> {
    return this.#move('undo.redo')
  }

  async goTo(id: number): Promise<void> {
    const answer = await backend.call('undo.goTo', { id })
    if (!answer.ok) toasts.add(answer.error.message, 'bad')
    await this.#show()
  }

  async #move(name: 'undo.undo' | 'undo.redo'): Promise<void> {
    // What is only offered or only begun is taken back first: it is no step of the history.
    if (proposing.isOpen || annotate.corners.length > 0) {
      proposing.drop()
      annotate.corners = []
      return
    }
    const answer = await backend.call(name, {})
    if (!answer.ok) {
      toasts.add(answer.error.message, 'bad')
      return
    }
    const { done, imageIds } = answer.value
    if (done === null)
      toasts.add(name === 'undo.undo' ? annotateText.nothingToUndo : annotateText.nothingToRedo)
    else live.say(name === 'undo.undo' ? annotateText.undone(done) : annotateText.redone(done))
    const [other] = imageIds
    const isHere = imageState.id !== null && imageIds.includes(imageState.id)
    // The step was made on another picture: show it there, or nobody would see what happened.
    if (done !== null && !isHere && other !== undefined) route.setId(String(other))
    await this.#show()
  }

  async #show(): Promise<void> {
    annotate.choose(null)
    await Promise.all([imageState.reload(), this.load()])
  }
}

export const history = new History()
