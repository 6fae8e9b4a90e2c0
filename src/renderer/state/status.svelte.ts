/** Words of the screen at the right of the status bar, such as what is under the pointer. */
class Status {
  #parts: readonly string[] = $state.raw([])

  get parts(): readonly string[] {
    return this.#parts
  }

  /** For an effect: the words stay until the effect ends. Call it again to change them. */
  show(parts: readonly string[]): () => void {
    this.#parts = parts
    return () => {
      if (this.#parts === parts) this.#parts = []
    }
  }
}

export const status = new Status()
