import type { Answer, ApiError } from '../../../shared/api'

/** One change on its way to the project. */
type Edit = () => Promise<Answer<unknown>>

/**
 * Keeps edits in order: each is stored before the next begins. What cannot be stored, such as on a full disk, stays here, in
 * order, until it can be.
 */
class Edits {
  #waiting: readonly Edit[] = $state.raw([])
  #error: ApiError | null = $state.raw(null)
  #isBusy = $state(false)

  get isSaving(): boolean {
    return this.#isBusy
  }

  /** Why the first waiting edit could not be stored; null while all is well. */
  get error(): ApiError | null {
    return this.#error
  }

  /** Edits that are not stored. */
  get unsaved(): number {
    return this.#waiting.length
  }

  /**
   * Stores an edit after those before it, and answers what the project says. An edit that the project refuses for what it
   * is, not for want of room, is dropped: trying it again would not help.
   */
  async save<T>(edit: () => Promise<Answer<T>>): Promise<Answer<T>> {
    return new Promise((resolve) => {
      const step: Edit = async () => {
        const answer = await edit()
        if (answer.ok || !isTemporary(answer.error)) resolve(answer)
        return answer
      }
      this.#waiting = [...this.#waiting, step]
      void this.#work()
    })
  }

  tryAgain(): void {
    this.#error = null
    void this.#work()
  }

  async #work(): Promise<void> {
    if (this.#isBusy || this.#error) return
    this.#isBusy = true
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const answer = await next()
      if (!answer.ok && isTemporary(answer.error)) {
        this.#error = answer.error
        break
      }
      this.#waiting = this.#waiting.slice(1)
    }
    this.#isBusy = false
  }
}

/** Faults of the place where things are kept, not of the edit. */
const temporary = [
  'E_BACKEND_GONE',
  'E_DISK_FULL',
  'E_PROJECT_BUSY',
  'E_PROJECT_LOCKED',
  'E_PROJECT_READ_ONLY',
]

function isTemporary({ code }: ApiError): boolean {
  return temporary.includes(code)
}

export const edits = new Edits()
