import { backend } from '../../api'
import { jobs } from '../../state/jobs.svelte'
import { pair } from '../../state/pair.svelte'
import { toasts } from '../../state/toasts.svelte'
import { partCount, traceMask } from '../image/found-masks'
import { imageState } from '../image/image-state.svelte'
import { annotate } from './annotate-state.svelte'
import { review } from './review.svelte'

/** What the defended run B took out of pictures, to be taken over as proposals and then corrected. */
class Found {
  #isBusy = $state(false)
  /** Patches that B found in the picture that is shown. */
  readonly patches = $derived(partCount(traceMask(imageState.b, 'completed')) ?? 0)

  get isBusy(): boolean {
    return this.#isBusy
  }

  /** Whether B can have found anything. */
  get isRunDefended(): boolean {
    return pair.runB?.defense != null
  }

  /** In this picture; the first of them is selected, ready to be changed. */
  async takeHere(): Promise<void> {
    const { id } = imageState
    if (id === null || !(await this.#take({ imageIds: [id] }))) return
    await imageState.reload()
    const [first] = annotate.patches
    if (first) annotate.choose({ kind: 'patch', id: first.patch.id })
  }

  /** In all pictures of the data set that have no patch yet. */
  async takeAll(): Promise<void> {
    const dataset = imageState.info?.dataset.id
    if (await this.#take(dataset === undefined ? {} : { dataset })) await imageState.reload()
  }

  async #take(where: { imageIds?: number[]; dataset?: number }): Promise<boolean> {
    if (pair.b === null) return false
    this.#isBusy = true
    const answer = await backend.call('patches.proposeAll', { ...where, run: pair.b })
    const job = answer.ok ? await jobs.ended(answer.value.jobId) : null
    const error = answer.ok ? job?.error : answer.error
    if (error) toasts.add(`${error.message} (${error.code})`, 'bad')
    await review.load()
    this.#isBusy = false
    return !error
  }
}

export const found = new Found()
