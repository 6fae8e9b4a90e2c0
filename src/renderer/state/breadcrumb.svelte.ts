export interface Crumb {
  readonly text: string
  readonly href?: string
}

/** What stands behind the project's name in the top bar. A screen sets it in an effect, and clears it by the return. */
class Breadcrumb {
  #parts: readonly Crumb[] = $state.raw([])

  get parts(): readonly Crumb[] {
    return this.#parts
  }

  /** `$effect(() => breadcrumb.show([{ text: 'Street' }, { text: '12 of 61' }]))` */
  show(parts: readonly Crumb[]): () => void {
    this.#parts = parts
    return () => {
      if (this.#parts === parts) this.#parts = []
    }
  }
}

export const breadcrumb = new Breadcrumb()
