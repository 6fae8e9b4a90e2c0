/** What a screen reader is told in passing: starts and ends of jobs, results of a change. Never once per image. */
class Live {
  #message = $state('')

  get message(): string {
    return this.#message
  }

  say(message: string): void {
    // The same text twice in a row would not be read again.
    this.#message = message === this.#message ? `${message}\u00a0` : message
  }
}

export const live = new Live()
