import type { Outline } from './sketch'

/** Side of a cell of the visibility grid, in pixels. */
export const CELL = 2

/** How many cells something covers, and between which columns and rows (`x2`, `y2` one past the last). */
export interface Extent {
  cells: number
  x1: number
  y1: number
  x2: number
  y2: number
}

const NOTHING = -1

/** A coarse painting of who covers what: each motif overwrites the cells of those behind it. */
export class Visibility {
  readonly #columns: number
  readonly #rows: number
  readonly #owner: Int16Array
  #painted = 0

  constructor(width: number, height: number) {
    this.#columns = Math.ceil(width / CELL)
    this.#rows = Math.ceil(height / CELL)
    this.#owner = new Int16Array(this.#columns * this.#rows).fill(NOTHING)
  }

  /** Paints the next motif; undefined when no part of it lies in the picture. */
  paint(outlines: readonly Outline[]): Extent | undefined {
    for (const outline of outlines) this.#fill(outline, this.#painted)
    this.#painted += 1
    return this.seen(this.#painted)[this.#painted - 1]
  }

  /** What is left of each of the first `count` motifs. */
  seen(count: number): (Extent | undefined)[] {
    const extents: (Extent | undefined)[] = Array.from({ length: count })
    for (let y = 0; y < this.#rows; y += 1) {
      for (let x = 0; x < this.#columns; x += 1) {
        const owner = this.#owner[y * this.#columns + x]!
        if (owner === NOTHING) continue
        const extent = (extents[owner] ??= { cells: 0, x1: x, y1: y, x2: x + 1, y2: y + 1 })
        extent.cells += 1
        extent.x1 = Math.min(extent.x1, x)
        extent.x2 = Math.max(extent.x2, x + 1)
        extent.y2 = y + 1
      }
    }
    return extents
  }

  /** Even-odd scan conversion: a cell belongs to the polygon when its middle does. */
  #fill(outline: Outline, owner: number): void {
    let [top, bottom] = [Infinity, -Infinity]
    for (const [, y] of outline) {
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
    const last = Math.min(this.#rows, Math.ceil(bottom / CELL))
    for (let row = Math.max(0, Math.floor(top / CELL)); row < last; row += 1) {
      const y = (row + 0.5) * CELL
      const crossings: number[] = []
      for (let i = 0; i < outline.length; i += 1) {
        const a = outline[i]!
        const b = outline[(i + 1) % outline.length]!
        if (a[1] > y === b[1] > y) continue
        crossings.push(a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0]))
      }
      crossings.sort((p, q) => p - q)
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const from = Math.max(0, Math.ceil(crossings[i]! / CELL - 0.5))
        const to = Math.min(this.#columns - 1, Math.floor(crossings[i + 1]! / CELL - 0.5))
        for (let x = from; x <= to; x += 1) this.#owner[row * this.#columns + x] = owner
      }
    }
  }
}
