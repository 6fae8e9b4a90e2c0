import type { Output } from '../../../shared/api'
import { list } from '../../state/list.svelte'
import { route } from '../../state/route.svelte'
import { Loaded } from '../loaded.svelte'

/** Where the picture stands in the Library's list, and the steps to its neighbours. */
class Walk {
  readonly #position = new Loaded<Output<'images.position'>>()

  /** Null while nobody knows. */
  get position(): Output<'images.position'> | null {
    return this.#position.value
  }

  #found: Promise<unknown> = Promise.resolve()

  find(imageId: number): void {
    list.current = imageId
    this.#found = this.#position.load((signal) => list.position(imageId, signal))
  }

  /** Opens the next or the previous picture on the same screen; false at the end of the list. */
  async go(step: 1 | -1): Promise<boolean> {
    // Keys come faster than answers: the neighbours must be those of the picture that is shown now.
    await this.#found
    const id = step === 1 ? this.position?.next : this.position?.previous
    if (id == null) return false
    route.setId(String(id))
    this.find(id)
    return true
  }

  /** Gives the screen a picture when its address names none: the one seen last, else the first. False: the list is empty. */
  async begin(): Promise<boolean> {
    const id = list.current ?? (await list.first())
    if (id !== null) route.setId(String(id))
    return id !== null
  }
}

export const walk = new Walk()
