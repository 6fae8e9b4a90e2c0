import { showPath } from '../shared/image-errors'
import { oneLine } from './report-error'

const SHOWN = 3

/** Writes warnings to standard error: the first few of each kind, and how many more there were. */
export class WarningTally {
  readonly #before: () => void
  readonly #counts = new Map<string, number>()

  /** `before` is called before anything is written, to clear a progress line. */
  constructor(before: () => void = () => undefined) {
    this.#before = before
  }

  add(code: string, message: string): void {
    const seen = (this.#counts.get(code) ?? 0) + 1
    this.#counts.set(code, seen)
    if (seen <= SHOWN) this.#write(code, message)
  }

  /** A warning of a picture as results carry it: with its code in front, or, from a plug-in, without one. */
  addText(path: string, text: string): void {
    const [, code = 'W_DEFENSE', message = text] = /^(W_[A-Z0-9_]+) (.*)$/s.exec(text) ?? []
    this.add(code, withPath(path, message))
  }

  finish(): void {
    for (const [code, seen] of this.#counts) {
      if (seen > SHOWN) this.#write(code, `${seen - SHOWN} more of this kind`)
    }
    this.#counts.clear()
  }

  #write(code: string, message: string): void {
    this.#before()
    process.stderr.write(`warning ${code}: ${oneLine(message)}\n`)
  }
}

/** Names the picture that a message speaks of, unless it does so itself. */
export function withPath(path: string, message: string): string {
  const shown = showPath(path)
  return message.includes(shown) ? message : `${shown}: ${message}`
}
