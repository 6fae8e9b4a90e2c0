import type { Acceptance } from './acceptance'
import type { Cover } from './cover'
import type { SummedArea } from './summed-area'

/** A rectangle to complete with, in pixels. */
export interface Sides {
  readonly height: number
  readonly width: number
}

/** Where top-left corners may lie, both ends included, and how far from there the accepted rectangle is painted. */
export interface Placement {
  readonly firstRow: number
  readonly lastRow: number
  readonly firstColumn: number
  readonly lastColumn: number
  readonly paintOffset: number
}

export interface SearchResult {
  /** Index of the rung that accepted, -1 when none did. */
  readonly rung: number
  /**
   * The largest q = (2I - T) / area over all shapes. -Infinity when no shape fits the frame or, in a search that stops
   * at the loosest rung, when none reaches it.
   */
  readonly qMax: number
}

/** Every place inside the frame. */
export function insideFrame(frame: Sides): (size: Sides) => Placement {
  return ({ height, width }) => ({
    firstRow: 0,
    lastRow: frame.height - height,
    firstColumn: 0,
    lastColumn: frame.width - width,
    paintOffset: 0,
  })
}

/**
 * Shape completion with axis-aligned rectangles (Segment and Complete, section 4 of the paper's method): finds the
 * first rung on which any placed rectangle is accepted and paints all that are accepted there into `cover`.
 *
 * Two passes over each size, linear in the pixels of the set's bounds, whatever the number of rungs: the first finds
 * the best overlap, the second paints. Only integers are compared inside the loops. Placements that cut the same
 * pixels out of the bounds are one step: a small set in a large frame costs little. With `stopAtLoosest`, what cannot
 * reach the loosest rung is not searched further: an upper bound of a whole row of placements settles most of them.
 */
export function searchRectangles(
  set: SummedArea,
  sizes: readonly Sides[],
  placementOf: (size: Sides) => Placement,
  rungs: Float64Array,
  accepts: Acceptance,
  cover: Cover,
  stopAtLoosest: boolean,
): SearchResult {
  const loosest = rungs.at(-1) ?? Infinity
  const candidates = sizes.map((size) => new Candidate(set, size, placementOf(size)))
  let qMax = -Infinity
  for (const candidate of candidates) {
    candidate.findBestOverlap(stopAtLoosest ? accepts(candidate.area, set.total, loosest) : 1)
    if (candidate.bestOverlap >= 0) {
      qMax = Math.max(qMax, (2 * candidate.bestOverlap - set.total) / candidate.area)
    }
  }
  const rung = rungs.findIndex((threshold) =>
    candidates.some(
      (candidate) => candidate.bestOverlap >= accepts(candidate.area, set.total, threshold),
    ),
  )
  if (rung >= 0) {
    for (const candidate of candidates) {
      candidate.paint(accepts(candidate.area, set.total, rungs[rung]!), cover)
    }
  }
  return { rung, qMax }
}

/** One size and all its placements over one set. */
class Candidate {
  readonly area: number
  /** Most pixels of the set in one placement; -1 while unknown. */
  bestOverlap = -1
  readonly #set: SummedArea
  readonly #size: Sides
  readonly #offset: number
  readonly #rows: Spans
  readonly #columns: Spans
  /** Summed rows between the top and the bottom of the current placement, by column. */
  readonly #strip: Int32Array

  constructor(set: SummedArea, size: Sides, placement: Placement) {
    const [x1, y1, x2, y2] = set.bounds
    this.#set = set
    this.#size = size
    this.#offset = placement.paintOffset
    this.area = size.height * size.width
    this.#rows = spansOf(y1, y2, size.height, placement.firstRow, placement.lastRow)
    this.#columns = spansOf(x1, x2, size.width, placement.firstColumn, placement.lastColumn)
    this.#strip = new Int32Array(set.stride)
  }

  /** Sets `bestOverlap`, which stays -1 when no placement has at least `least` pixels of the set. */
  findBestOverlap(least: number): void {
    const { count, from, to } = this.#columns
    if (least > Math.min(this.area, this.#set.total)) return
    let best = least - 1
    for (let row = 0; row < this.#rows.count; row++) {
      // The whole strip bounds every placement in it.
      if (this.#stripTotal(row) <= best) continue
      const strip = this.#fillStrip(row)
      for (let k = 0; k < count; k++) {
        const overlap = strip[to[k]!]! - strip[from[k]!]!
        if (overlap > best) best = overlap
      }
    }
    if (best >= least) this.bestOverlap = best
  }

  /** Paints every placement with at least `least` pixels of the set. */
  paint(least: number, cover: Cover): void {
    if (this.bestOverlap < least) return
    const { count, from, to, first, last } = this.#columns
    const rows = this.#rows
    for (let row = 0; row < rows.count; row++) {
      if (this.#stripTotal(row) < least) continue
      const strip = this.#fillStrip(row)
      const top = rows.first[row]! + this.#offset
      const bottom = rows.last[row]! + this.#size.height + this.#offset
      // Accepted placements of one row overlap heavily: they go into the cover as joined runs.
      let runLeft = 0
      let runRight = -1
      for (let k = 0; k < count; k++) {
        if (strip[to[k]!]! - strip[from[k]!]! < least) continue
        const left = first[k]! + this.#offset
        if (left > runRight) {
          if (runRight > runLeft) cover.add(top, runLeft, bottom, runRight)
          runLeft = left
        }
        runRight = last[k]! + this.#size.width + this.#offset
      }
      if (runRight > runLeft) cover.add(top, runLeft, bottom, runRight)
    }
  }

  #stripTotal(row: number): number {
    const { sums, stride } = this.#set
    const { from, to } = this.#rows
    return sums[(to[row]! + 1) * stride - 1]! - sums[(from[row]! + 1) * stride - 1]!
  }

  #fillStrip(row: number): Int32Array {
    const { sums, stride } = this.#set
    const strip = this.#strip
    const above = this.#rows.from[row]! * stride
    const below = this.#rows.to[row]! * stride
    for (let column = 0; column < stride; column++) {
      strip[column] = sums[below + column]! - sums[above + column]!
    }
    return strip
  }
}

/**
 * Placements along one axis, grouped: group k covers [from[k], to[k]) of the set's own bounds and stands for all
 * starts first[k]..last[k]. Placements that miss the bounds altogether are left out: they can never be accepted.
 */
interface Spans {
  readonly count: number
  readonly from: Int32Array
  readonly to: Int32Array
  readonly first: Int32Array
  readonly last: Int32Array
}

function spansOf(low: number, high: number, length: number, first: number, last: number): Spans {
  const begin = Math.max(first, low - length + 1)
  const end = Math.min(last, high - 1)
  const most = Math.max(0, end - begin + 1)
  const spans = {
    count: 0,
    from: new Int32Array(most),
    to: new Int32Array(most),
    first: new Int32Array(most),
    last: new Int32Array(most),
  }
  for (let start = begin; start <= end; start++) {
    const from = Math.max(start, low) - low
    const to = Math.min(start + length, high) - low
    const previous = spans.count - 1
    if (previous >= 0 && spans.from[previous] === from && spans.to[previous] === to) {
      spans.last[previous] = start
      continue
    }
    spans.from[spans.count] = from
    spans.to[spans.count] = to
    spans.first[spans.count] = start
    spans.last[spans.count] = start
    spans.count++
  }
  return spans
}
