import type { Answer, ApiError } from '../../shared/api'

/** An answer that may still be on its way. The last good value stays until a newer one is complete, so that nothing flickers. */
export class Loaded<T> {
  #value: T | null = $state.raw(null)
  #error: ApiError | null = $state.raw(null)
  #isBusy = $state(false)
  #controller: AbortController | null = null

  get value(): T | null {
    return this.#value
  }

  /** Why the last question had no answer; null if it had, or is on its way. */
  get error(): ApiError | null {
    return this.#error
  }

  get isBusy(): boolean {
    return this.#isBusy
  }

  /** Asks; an older question that is still open is given up. */
  async load(ask: (signal: AbortSignal) => Promise<Answer<T>>): Promise<T | null> {
    this.#controller?.abort()
    const controller = new AbortController()
    this.#controller = controller
    this.#isBusy = true
    const answer = await ask(controller.signal)
    if (this.#controller !== controller) return null
    this.#isBusy = false
    this.#error = answer.ok ? null : answer.error
    if (answer.ok) this.#value = answer.value
    return answer.ok ? answer.value : null
  }

  /** Forgets the value and gives up what is on its way. */
  clear(): void {
    this.#controller?.abort()
    this.#controller = null
    this.#isBusy = false
    this.#value = null
    this.#error = null
  }
}
