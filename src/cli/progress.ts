import type { PictureProgress } from '../engine/picture-progress'

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
  #done = 0
  #failed = 0
  /** Pictures under way that told how far they are. */
  readonly #inside = new Map<string, PictureProgress & { readonly from: number }>()

  constructor(label: string, total: number, stream: NodeJS.WriteStream = process.stderr) {
    this.#label = label
    this.#total = total
    this.#stream = stream
  }

  /** How far the work on one picture is, where that takes long. */
  inside(name: string, { done, total, unit }: PictureProgress): void {
    // What an earlier attempt had done says nothing of how fast this one is.
    const { from = done } = this.#inside.get(name) ?? {}
    this.#inside.set(name, { done, total, unit, from })
    this.update(this.#done, this.#failed)
  }

  /** That picture is no longer under way. */
  leave(name: string): void {
    this.#inside.delete(name)
  }

  update(done: number, failed: number): void {
    this.#done = done
    this.#failed = failed
    this.#head ??= done
    const now = performance.now()
    const finished = done + failed >= this.#total
    const interval = this.#stream.isTTY ? 100 : 5_000
    if (!finished && now - this.#drawnAt < interval) return
    // Nothing to say yet, and plain logs need no line for it.
    const isNothing = done + failed === this.#head && this.#inside.size === 0
    if (!this.#stream.isTTY && isNothing && !finished) return
    this.#drawnAt = now
    const seconds = (now - this.#start) / 1_000
    const inside = [...this.#inside.values()]
    const text = progressLine(
      this.#label,
      done,
      failed,
      this.#total,
      done + failed - this.#head + inside.reduce((sum, one) => sum + measuredOf(one), 0),
      seconds,
      inside,
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

const measuredOf = ({ done, total, from }: PictureProgress & { readonly from: number }): number =>
  (done - from) / total

const BAR_WIDTH = 24

export function progressLine(
  label: string,
  done: number,
  failed: number,
  total: number,
  measured: number,
  seconds: number,
  inside: readonly PictureProgress[] = [],
): string {
  const ended = done + failed
  const begun = inside.reduce((sum, picture) => sum + picture.done / picture.total, 0)
  const filled = total === 0 ? BAR_WIDTH : Math.round(((ended + begun) / total) * BAR_WIDTH)
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_WIDTH - filled)
  const rate = seconds > 0 ? measured / seconds : 0
  const parts = [`${label} [${bar}] ${ended}/${total}`]
  if (failed > 0) parts.push(`${failed} failed`)
  const [first] = inside
  if (first && inside.length === 1) parts.push(`${first.done} of ${first.total} ${first.unit}`)
  if (measured > 0 && rate >= 0.1) parts.push(`${rate.toFixed(1)}/s`)
  else if (measured > 0 && total > 1) parts.push(`${duration(1 / rate)} each`)
  if (measured > 0 && ended < total) parts.push(`ETA ${duration((total - ended - begun) / rate)}`)
  return parts.join('  ')
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3_600).toFixed(1)} h`
}
