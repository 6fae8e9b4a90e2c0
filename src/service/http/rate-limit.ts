/** So many requests at once, and so many a second after that. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

const MOST_CALLERS = 10_000

/** Buckets that fill up by themselves, one for each caller. */
export class RateLimit {
  readonly #rate: Rate
  readonly #now: () => number
  readonly #callers = new Map<string, { level: number; atMs: number }>()

  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate
    this.#now = now
  }

  /** Takes one of the caller's requests; answers the seconds to wait if there is none left, else 0. */
  take(caller: string): number {
    const now = this.#now()
    const { burst, perSecond } = this.#rate
    const known = this.#callers.get(caller)
    const level = known
      ? Math.min(burst, known.level + ((now - known.atMs) / 1_000) * perSecond)
      : burst
    this.#callers.delete(caller)
    // Who is refused takes nothing, so that waiting for what was said is enough.
    this.#callers.set(caller, { level: level >= 1 ? level - 1 : level, atMs: now })
    for (const old of this.#callers.keys()) {
      if (this.#callers.size <= MOST_CALLERS) break
      this.#callers.delete(old)
    }
    return level >= 1 ? 0 : Math.ceil((1 - level) / perSecond)
  }
}
