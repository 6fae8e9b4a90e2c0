import type { ImageFilterInput, ImageOrder } from '../../shared/api'
import { backend } from '../api'

/**
 * The list that Library shows and that Image and Annotate walk: its filter, its order, and where the user is in it. Library
 * sets it; it outlives the screens, so that nothing is lost on the way back.
 */
class List {
  #filter: ImageFilterInput = $state.raw({})
  #order: ImageOrder = $state.raw({ by: 'imported' })
  #current: number | null = $state(null)

  get filter(): ImageFilterInput {
    return this.#filter
  }

  get order(): ImageOrder {
    return this.#order
  }

  /** Id of the picture that was looked at last; null while there was none. */
  get current(): number | null {
    return this.#current
  }
  set current(id: number | null) {
    this.#current = id
  }

  set(filter: ImageFilterInput, order: ImageOrder): void {
    this.#filter = filter
    this.#order = order
  }

  /** Where a picture stands in the list, with its neighbours. */
  position(id: number, signal?: AbortSignal) {
    return backend.call('images.position', { filter: this.#filter, order: this.#order, id }, signal)
  }

  /** The first picture of the list; null if it is empty. */
  async first(): Promise<number | null> {
    const answer = await backend.call('images.ids', {
      filter: this.#filter,
      order: this.#order,
      from: 0,
      limit: 1,
    })
    return answer.ok ? (answer.value.ids[0] ?? null) : null
  }
}

export const list = new List()
