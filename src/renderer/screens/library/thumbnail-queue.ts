/**
 * Pictures on their way at once. A browser opens six connections to a service, of which one hears events: questions for cards
 * would otherwise wait behind a hundred pictures.
 */
const MOST_LOADING = 3

interface Ticket {
  readonly isSeen: () => boolean
  readonly start: () => void
}

/** Lets a few thumbnails load at a time, those in view first. */
export class ThumbnailQueue {
  readonly #waiting = new Set<Ticket>()
  readonly #loading = new Set<Ticket>()

  /** Calls `start` when it is its turn. Answers what is to be called when it is there, has failed, or is not wanted any more. */
  enter(isSeen: () => boolean, start: () => void): () => void {
    const ticket = { isSeen, start }
    this.#waiting.add(ticket)
    // What is mounted together is looked at together: the first is not always the one that is seen.
    queueMicrotask(() => {
      this.#feed()
    })
    return () => {
      this.#waiting.delete(ticket)
      if (this.#loading.delete(ticket)) this.#feed()
    }
  }

  #feed(): void {
    while (this.#loading.size < MOST_LOADING) {
      const waiting = [...this.#waiting]
      const next = waiting.find(({ isSeen }) => isSeen()) ?? waiting[0]
      if (!next) return
      this.#waiting.delete(next)
      this.#loading.add(next)
      next.start()
    }
  }
}

export const thumbnails = new ThumbnailQueue()
