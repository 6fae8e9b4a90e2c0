/** Lines and columns of a text that passes by piece by piece, counted only as far as somebody asks. */
export class TextPlace {
  /** File offset up to which is counted. */
  #offset = 0
  #line = 1
  #column = 1

  /**
   * One-based line and column (in characters) of `bytes[at]`, where `bytes[0]` is the file's byte `base`. Ask for places
   * that rise (a place before the last one gets the answer of the last), and for the first byte before `bytes` moves on.
   */
  of(bytes: Uint8Array, base: number, at: number): { line: number; column: number } {
    for (let i = Math.max(0, this.#offset - base); i < at; i++) {
      const byte = bytes[i]!
      if (byte === 0x0a) {
        this.#line++
        this.#column = 1
      } else if ((byte & 0xc0) !== 0x80) this.#column++ // one count for each character, not for its further bytes
    }
    this.#offset = Math.max(this.#offset, base + at)
    return { line: this.#line, column: this.#column }
  }
}
