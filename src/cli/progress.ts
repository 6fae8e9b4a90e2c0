/** Tells how far a job is: one line that redraws itself on a terminal, a plain line now and then elsewhere. */
export class Progress {
  readonly #label: string
  readonly #total: number
  readonly #stream: NodeJS.WriteStream
  readonly #start = performance.now()
  #drawnAt = -Infinity
  #lineShown = false
  /** Items that were there before the clock started. */
  #head: number | null = null

  constructor(label: string, total: number, stream: NodeJS.WriteStream = process.stderr) {
    this.#label = label
    this.#total = total
    this.#stream = stream
  }

  update(done: number, failed: number): void {
    this.#head ??= done
    const now = performance.now()
    const finished = done + failed >= this.#total
    const interval = this.#stream.isTTY ? 100 : 5_000
    if (!finished && now - this.#drawnAt < interval) return
    // Nothing to say yet, and plain logs need no line for it.
    if (!this.#stream.isTTY && done + failed === this.#head && !finished) return
    this.#drawnAt = now
    const seconds = (now - this.#start) / 1_000
    const text = progressLine(
      this.#label,
      done,
      failed,
      this.#total,
      done + failed - this.#head,
      seconds,
    )
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\u001b[K${text}`)
      this.#lineShown = true
    } else {
      this.#stream.write(`${text}\n`)
    }
  }

  /** Clears the redrawn line, so that other messages stand alone. The next update draws it again. */
  clear(): void {
    if (!this.#lineShown) return
    this.#stream.write('\r\u001b[K')
    this.#lineShown = false
    this.#drawnAt = -Infinity
  }
}

const BAR_WIDTH = 24

export function progressLine(
  label: string,
  done: number,
  failed: number,
  total: number,
  measured: number,
  seconds: number,
): string {
  const ended = done + failed
  const filled = total === 0 ? BAR_WIDTH : Math.round((ended / total) * BAR_WIDTH)
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_WIDTH - filled)
  const rate = seconds > 0 ? measured / seconds : 0
  const parts = [`${label} [${bar}] ${ended}/${total}`]
  if (failed > 0) parts.push(`${failed} failed`)
  if (measured > 0) parts.push(`${rate.toFixed(1)}/s`)
  if (measured > 0 && ended < total) parts.push(`ETA ${duration((total - ended) / rate)}`)
  return parts.join('  ')
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3_600).toFixed(1)} h`
}
