const BAR_WIDTH = 24
const REDRAW_MS = 100
const PLAIN_LINE_MS = 10_000

/** Tells how far a download is: one line that redraws itself on a terminal, elsewhere a plain line every ten seconds. */
export class DownloadProgress {
  readonly #label: string
  readonly #stream: NodeJS.WriteStream
  #start = performance.now()
  #drawnAt = performance.now()
  /** Bytes that were there before the clock started. */
  #head = 0
  #lineShown = false

  constructor(label: string, stream: NodeJS.WriteStream = process.stderr) {
    this.#label = label
    this.#stream = stream
  }

  /** A download starts, or goes on after a pause, with `done` bytes. */
  restart(done: number): void {
    this.#start = performance.now()
    this.#head = done
  }

  update(done: number, total: number): void {
    const now = performance.now()
    if (done < this.#head) this.restart(0) // the server sent it from the beginning
    if (now - this.#drawnAt < (this.#stream.isTTY ? REDRAW_MS : PLAIN_LINE_MS)) return
    this.#drawnAt = now
    const text = downloadLine(this.#label, done, total, done - this.#head, now - this.#start)
    this.#stream.write(this.#stream.isTTY ? `\r\u001b[K${text}` : `${text}\n`)
    this.#lineShown = this.#stream.isTTY
  }

  /** Clears the redrawn line, so that other messages stand alone. */
  clear(): void {
    if (!this.#lineShown) return
    this.#stream.write('\r\u001b[K')
    this.#lineShown = false
  }
}

/** `moved` bytes took `ms` milliseconds; `done` of `total` bytes are here. */
export function downloadLine(
  label: string,
  done: number,
  total: number,
  moved: number,
  ms: number,
): string {
  const share = total === 0 ? 1 : done / total
  const filled = Math.round(share * BAR_WIDTH)
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_WIDTH - filled)
  const rate = ms > 0 ? (1_000 * moved) / ms : 0
  const parts = [
    `${label} [${bar}] ${megabytes(done)} of ${megabytes(total)} MB`,
    `${Math.floor(100 * share)} %`,
  ]
  if (rate > 0) parts.push(`${megabytes(rate)} MB/s`)
  if (rate > 0 && done < total) parts.push(`ETA ${Math.ceil((total - done) / rate)} s`)
  return parts.join('  ')
}

export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2)
