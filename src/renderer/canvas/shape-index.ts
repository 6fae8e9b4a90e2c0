import type { Rect } from './view'

const MOST_CELLS_A_SIDE = 64
const MOST_CELLS_A_BOX = 64

/**
 * Finds boxes by place. `boxes` holds x1, y1, x2, y2 one after the other; all answers are positions in it (box i is at 4 i)
 * in rising order. The boxes lie in the cells of a grid, large ones in a list of their own, so that a question costs about
 * what it answers.
 */
export class ShapeIndex {
  readonly #boxes: Float64Array
  readonly #columns: number
  readonly #rows: number
  readonly #left: number
  readonly #top: number
  readonly #cellWidth: number
  readonly #cellHeight: number
  readonly #firstEntry: Uint32Array
  readonly #entries: Uint32Array
  readonly #large: readonly number[]
  /** The number of the question that saw a box last: one box may lie in several cells. */
  readonly #seen: Uint32Array
  #question = 0

  constructor(boxes: Float64Array) {
    const count = boxes.length / 4
    this.#boxes = boxes
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
    for (let i = 0; i < boxes.length; i += 4) {
      left = Math.min(left, boxes[i]!)
      top = Math.min(top, boxes[i + 1]!)
      right = Math.max(right, boxes[i + 2]!)
      bottom = Math.max(bottom, boxes[i + 3]!)
    }
    const side = Math.min(MOST_CELLS_A_SIDE, Math.max(1, Math.floor(Math.sqrt(count))))
    this.#columns = side
    this.#rows = side
    this.#left = count === 0 ? 0 : left
    this.#top = count === 0 ? 0 : top
    this.#cellWidth = Math.max(1e-9, (right - left) / side)
    this.#cellHeight = Math.max(1e-9, (bottom - top) / side)
    this.#seen = new Uint32Array(count)
    const large: number[] = []
    const inCell = new Uint32Array(side * side + 1)
    for (let i = 0; i < count; i++) {
      const span = this.#cellsOf(
        boxes[4 * i]!,
        boxes[4 * i + 1]!,
        boxes[4 * i + 2]!,
        boxes[4 * i + 3]!,
      )
      if (cellCount(span) > MOST_CELLS_A_BOX) large.push(i)
      else eachCell(span, side, (cell) => inCell[cell + 1]!++)
    }
    for (let cell = 0; cell < side * side; cell++) inCell[cell + 1]! += inCell[cell]!
    this.#firstEntry = inCell
    this.#entries = new Uint32Array(inCell[side * side]!)
    this.#large = large
    const next = inCell.slice()
    for (let i = 0; i < count; i++) {
      const span = this.#cellsOf(
        boxes[4 * i]!,
        boxes[4 * i + 1]!,
        boxes[4 * i + 2]!,
        boxes[4 * i + 3]!,
      )
      if (cellCount(span) > MOST_CELLS_A_BOX) continue
      eachCell(span, side, (cell) => {
        this.#entries[next[cell]!++] = i
      })
    }
  }

  /** The boxes that meet `rect`, edges included. */
  within({ left, top, right, bottom }: Rect): number[] {
    const boxes = this.#boxes
    const found: number[] = []
    const question = ++this.#question
    const look = (i: number): void => {
      if (this.#seen[i] === question) return
      this.#seen[i] = question
      const at = 4 * i
      const meets =
        boxes[at]! <= right &&
        boxes[at + 2]! >= left &&
        boxes[at + 1]! <= bottom &&
        boxes[at + 3]! >= top
      if (meets) found.push(i)
    }
    for (const i of this.#large) look(i)
    eachCell(this.#cellsOf(left, top, right, bottom), this.#columns, (cell) => {
      for (let at = this.#firstEntry[cell]!; at < this.#firstEntry[cell + 1]!; at++) {
        look(this.#entries[at]!)
      }
    })
    return found.sort((a, b) => a - b)
  }

  /**
   * The box that a press at (x, y) means: of those that hold the point, or whose edge is within `reach`, the smallest;
   * of equals the last, which is drawn on top. -1 for none.
   */
  at(x: number, y: number, reach: number, counts: (index: number) => boolean = () => true): number {
    const near = { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach }
    let [best, smallest] = [-1, Infinity]
    for (const i of this.within(near)) {
      const [x1, y1, x2, y2] = this.#boxes.subarray(4 * i, 4 * i + 4) as unknown as number[]
      const area = (x2! - x1!) * (y2! - y1!)
      if (area <= smallest && counts(i)) [best, smallest] = [i, area]
    }
    return best
  }

  /** Columns and rows of the grid that a rectangle meets; those outside count as its rim. */
  #cellsOf(left: number, top: number, right: number, bottom: number): CellSpan {
    return {
      fromX: cellAt(left - this.#left, this.#cellWidth, this.#columns),
      toX: cellAt(right - this.#left, this.#cellWidth, this.#columns),
      fromY: cellAt(top - this.#top, this.#cellHeight, this.#rows),
      toY: cellAt(bottom - this.#top, this.#cellHeight, this.#rows),
    }
  }
}

interface CellSpan {
  readonly fromX: number
  readonly toX: number
  readonly fromY: number
  readonly toY: number
}

function cellAt(distance: number, cellLength: number, cells: number): number {
  return Math.min(cells - 1, Math.max(0, Math.floor(distance / cellLength)))
}

function cellCount({ fromX, toX, fromY, toY }: CellSpan): number {
  return (toX - fromX + 1) * (toY - fromY + 1)
}

function eachCell(
  { fromX, toX, fromY, toY }: CellSpan,
  columns: number,
  visit: (cell: number) => void,
): void {
  for (let y = fromY; y <= toY; y++) {
    for (let x = fromX; x <= toX; x++) visit(y * columns + x)
  }
}
