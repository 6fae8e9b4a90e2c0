/** Changes a second while it repeats: flashes stay below two a second. */
const CHANGES_A_SECOND = 1.5

/** Shows the other of the two pictures: while a key is held, or in turn. */
class Blink {
  #isHeld = $state(false)
  #isTurned = $state(false)

  get isFlipped(): boolean {
    return this.#isHeld !== this.#isTurned
  }

  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
  }

  /** In turn until the answered function is called. */
  repeat(): () => void {
    const timer = setInterval(() => {
      this.#isTurned = !this.#isTurned
    }, 1_000 / CHANGES_A_SECOND)
    return () => {
      clearInterval(timer)
      this.#isTurned = false
    }
  }
}

export const blink = new Blink()
