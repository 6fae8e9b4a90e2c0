import type { Selection } from '../../shared/api'

/** Pictures that Library handed to New run or Export: selected ones, or all that its filter lets through. */
export interface ChosenImages {
  readonly selection: Selection
  readonly count: number
  /** "3 selected pictures", "61 pictures of this filter". */
  readonly words: string
}

class Chosen {
  #images: ChosenImages | null = $state.raw(null)

  /** null: nothing was chosen, all pictures count. */
  get images(): ChosenImages | null {
    return this.#images
  }
  set images(images: ChosenImages | null) {
    this.#images = images
  }
}

export const chosen = new Chosen()
