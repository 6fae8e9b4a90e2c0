import type { Acceptance } from './acceptance'
import type { Cover } from './cover'
import type { SearchResult, Sides } from './rectangle-search'
import type { SummedArea } from './summed-area'

/**
 * Shape completion with discs: the definition of the squares with the disc's own pixel count as its area. A disc of
 * diameter d is the pixels whose centres are within d / 2 of the centre of a d x d square.
 *
 * The overlap of a disc is a sum over its rows, so a step costs d instead of 1. The overlap of the square around it
 * bounds it, and most places are settled by that.
 */
export function searchDiscs(
  set: SummedArea,
  diameters: readonly number[],
  frame: Sides,
  rungs: Float64Array,
  accepts: Acceptance,
  cover: Cover,
): SearchResult {
  const loosest = rungs.at(-1) ?? Infinity
  const discs = diameters
    .filter((d) => d <= Math.min(frame.height, frame.width))
    .map((d) => new Disc(set, d, frame))
  let qMax = -Infinity
  const best = discs.map((disc) => {
    // Below the loosest rung nothing can be accepted: finding the exact maximum there would only cost time.
    const overlap = disc.bestOverlap(accepts(disc.area, set.total, loosest))
    if (overlap >= 0) qMax = Math.max(qMax, (2 * overlap - set.total) / disc.area)
    return overlap
  })
  const rung = rungs.findIndex((t) =>
    discs.some((disc, k) => best[k]! >= accepts(disc.area, set.total, t)),
  )
  if (rung >= 0) {
    discs.forEach((disc, k) => {
      const least = accepts(disc.area, set.total, rungs[rung]!)
      if (best[k]! >= least) disc.paint(least, cover)
    })
  }
  return { rung, qMax }
}

class Disc {
  readonly area: number
  readonly #set: SummedArea
  readonly #diameter: number
  /** First column of each row of the disc; it ends as far from the other side. */
  readonly #inset: Int32Array
  readonly #rows: readonly [number, number]
  readonly #columns: readonly [number, number]

  constructor(set: SummedArea, diameter: number, frame: Sides) {
    const [x1, y1, x2, y2] = set.bounds
    this.#set = set
    this.#diameter = diameter
    this.#inset = insets(diameter)
    this.area = this.#inset.reduce((sum, inset) => sum + diameter - 2 * inset, 0)
    this.#rows = [Math.max(0, y1 - diameter + 1), Math.min(frame.height - diameter, y2 - 1)]
    this.#columns = [Math.max(0, x1 - diameter + 1), Math.min(frame.width - diameter, x2 - 1)]
  }

  /** The largest overlap of at least `least`; -1 when there is none. */
  bestOverlap(least: number): number {
    let best = least - 1
    if (least > Math.min(this.area, this.#set.total)) return -1
    for (let top = this.#rows[0]; top <= this.#rows[1]; top++) {
      if (this.#rectangle(top, 0, top + this.#diameter, Infinity) <= best) continue
      for (let left = this.#columns[0]; left <= this.#columns[1]; left++) {
        if (this.#squareOverlap(top, left) > best) best = Math.max(best, this.#overlap(top, left))
      }
    }
    return best < least ? -1 : best
  }

  paint(least: number, cover: Cover): void {
    for (let top = this.#rows[0]; top <= this.#rows[1]; top++) {
      if (this.#rectangle(top, 0, top + this.#diameter, Infinity) < least) continue
      let run = -1
      for (let left = this.#columns[0]; left <= this.#columns[1] + 1; left++) {
        const accepted =
          left <= this.#columns[1] &&
          this.#squareOverlap(top, left) >= least &&
          this.#overlap(top, left) >= least
        if (accepted && run < 0) run = left
        if (!accepted && run >= 0) {
          this.#paintRun(top, run, left - 1, cover)
          run = -1
        }
      }
    }
  }

  /** The union of the discs whose squares begin at columns first..last of one row. */
  #paintRun(top: number, first: number, last: number, cover: Cover): void {
    for (let row = 0; row < this.#diameter; row++) {
      const inset = this.#inset[row]!
      cover.add(top + row, first + inset, top + row + 1, last + this.#diameter - inset)
    }
  }

  #squareOverlap(top: number, left: number): number {
    return this.#rectangle(top, left, top + this.#diameter, left + this.#diameter)
  }

  #overlap(top: number, left: number): number {
    const [, y1, , y2] = this.#set.bounds
    const first = Math.max(top, y1)
    const end = Math.min(top + this.#diameter, y2)
    let overlap = 0
    for (let row = first; row < end; row++) {
      const inset = this.#inset[row - top]!
      overlap += this.#rectangle(row, left + inset, row + 1, left + this.#diameter - inset)
    }
    return overlap
  }

  #rectangle(top: number, left: number, bottom: number, right: number): number {
    const { sums, stride, bounds } = this.#set
    const [x1, y1, x2, y2] = bounds
    const above = (Math.max(top, y1) - y1) * stride
    const below = (Math.min(bottom, y2) - y1) * stride
    const from = Math.max(left, x1) - x1
    const to = Math.min(right, x2) - x1
    if (below <= above || to <= from) return 0
    return sums[below + to]! - sums[above + to]! - sums[below + from]! + sums[above + from]!
  }
}

function insets(diameter: number): Int32Array {
  const radius = diameter / 2
  return Int32Array.from({ length: diameter }, (_, row) => {
    const dy = row + 0.5 - radius
    const half = Math.sqrt(radius * radius - dy * dy)
    return Math.max(0, Math.ceil(radius - half - 0.5))
  })
}
