/** Lets one job at a time through, in the order in which they came: two at once take twice as long each. */
export class Turnstile {
  #last: Promise<void> = Promise.resolve()

  /** Resolves when it is one's turn, with the function that ends it. @throws the reason of the abort */
  async enter(signal: AbortSignal): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const before = this.#last
    const leave = (): void => {
      resolve(undefined)
    }
    this.#last = before.then(() => promise)
    const aborted = Promise.withResolvers<never>()
    const abort = (): void => {
      aborted.reject(signal.reason as Error) // what abort() was given; ours are errors
    }
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    try {
      await Promise.race([before, aborted.promise])
      return leave
    } catch (error) {
      leave()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }
}
