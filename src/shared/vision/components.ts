import { assertMask, type Mask } from './mask'
import { maskBounds } from './mask-bounds'

/**
 * The connected parts of a mask as horizontal runs. Component i owns the runs `firstRun[i]` to `firstRun[i + 1] - 1`, in
 * raster order; a run covers row `runRows[r]`, columns `runStarts[r] <= x < runEnds[r]`. Components are in the order of
 * their first pixel.
 */
export interface Components {
  readonly width: number
  readonly height: number
  readonly count: number
  /** Pixels of each component. */
  readonly areas: Uint32Array
  /** `x1, y1, x2, y2` of each component, in pixel edges (x2 and y2 are one past the last pixel). */
  readonly boxes: Int32Array
  /** Length `count + 1`. */
  readonly firstRun: Uint32Array
  readonly runRows: Int32Array
  readonly runStarts: Int32Array
  readonly runEnds: Int32Array
}

/**
 * Splits a mask into parts of pixels that touch by side (`connectivity` 4) or by side or corner (8). Linear in the pixels:
 * runs of one row are united with the overlapping runs of the row above (union-find; the smaller label wins).
 */
export function findComponents(mask: Mask, connectivity: 4 | 8 = 8): Components {
  assertMask(mask)
  const rows = findRuns(mask)
  const parents = uniteRuns(rows, connectivity === 8 ? 1 : 0)
  return groupRuns(mask, rows, parents)
}

/** Sets the pixels of one component in `bits` (row-major, the size of the mask). */
export function paintComponent(components: Components, index: number, bits: Uint8Array): void {
  const { firstRun, runRows, runStarts, runEnds, width } = components
  for (let r = firstRun[index]!; r < firstRun[index + 1]!; r++) {
    const row = runRows[r]! * width
    bits.fill(1, row + runStarts[r]!, row + runEnds[r]!)
  }
}

/** All runs of a mask in raster order; those of row y are `first[y]` to `first[y + 1] - 1`. */
interface RowRuns {
  readonly first: Uint32Array
  /** Start and end column of each run in turn. */
  readonly edges: Int32Array
}

function findRuns(mask: Mask): RowRuns {
  const { width, height, bits } = mask
  const [left, top, right, bottom] = maskBounds(mask) ?? [0, 0, 0, 0]
  const first = new Uint32Array(height + 1)
  let edges = new Int32Array(2 * (width + 2))
  let count = 0
  for (let y = top; y < bottom; y++) {
    first[y] = count >> 1
    if (count + width + 2 > edges.length) edges = grow(edges)
    const row = y * width
    let previous = 0
    // Written always, kept only at a change: a branch here would be mispredicted on every second pixel of a ragged mask.
    for (let x = left; x < right; x++) {
      const bit = bits[row + x]!
      edges[count] = x
      count += bit ^ previous
      previous = bit
    }
    edges[count] = right
    count += previous
  }
  first.fill(count >> 1, bottom)
  return { first, edges }
}

function grow(edges: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(2 * edges.length)
  grown.set(edges)
  return grown
}

/** Parent of each run; a run that is its own parent names a component. `reach` is 1 where corners connect. */
function uniteRuns({ first, edges }: RowRuns, reach: 0 | 1): Uint32Array {
  const height = first.length - 1
  const parents = new Uint32Array(first[height]!)
  for (let r = 0; r < parents.length; r++) parents[r] = r
  for (let y = 1; y < height; y++) {
    let above = first[y - 1]!
    let below = first[y]!
    const aboveEnd = below
    const belowEnd = first[y + 1]!
    while (above < aboveEnd && below < belowEnd) {
      const endAbove = edges[2 * above + 1]!
      const endBelow = edges[2 * below + 1]!
      if (edges[2 * above]! < endBelow + reach && edges[2 * below]! < endAbove + reach) {
        unite(parents, above, below)
      }
      if (endAbove < endBelow) above++
      else below++
    }
  }
  return parents
}

function unite(parents: Uint32Array, a: number, b: number): void {
  const rootA = findRoot(parents, a)
  const rootB = findRoot(parents, b)
  if (rootA < rootB) parents[rootB] = rootA
  else parents[rootA] = rootB
}

function findRoot(parents: Uint32Array, run: number): number {
  let at = run
  while (parents[at] !== at) {
    const next = parents[parents[at]!]!
    parents[at] = next
    at = next
  }
  return at
}

/** Numbers the components and puts their runs together. A parent has a smaller number than its runs: one pass resolves all. */
function groupRuns(mask: Mask, { first, edges }: RowRuns, parents: Uint32Array): Components {
  const { width, height } = mask
  const total = parents.length
  const labels = parents // each entry is read before it is replaced by its label
  let count = 0
  for (let r = 0; r < total; r++) labels[r] = parents[r] === r ? count++ : labels[parents[r]!]!

  const firstRun = new Uint32Array(count + 1)
  for (let r = 0; r < total; r++) firstRun[labels[r]! + 1]!++
  for (let i = 0; i < count; i++) firstRun[i + 1]! += firstRun[i]!

  const areas = new Uint32Array(count)
  const boxes = new Int32Array(4 * count)
  const runRows = new Int32Array(total)
  const runStarts = new Int32Array(total)
  const runEnds = new Int32Array(total)
  const next = firstRun.slice()
  for (let y = 0; y < height; y++) {
    for (let r = first[y]!; r < first[y + 1]!; r++) {
      const label = labels[r]!
      const start = edges[2 * r]!
      const end = edges[2 * r + 1]!
      const to = next[label]!++
      runRows[to] = y
      runStarts[to] = start
      runEnds[to] = end
      const box = 4 * label
      if (areas[label] === 0) {
        boxes[box] = start
        boxes[box + 1] = y
      } else if (start < boxes[box]!) boxes[box] = start
      if (end > boxes[box + 2]!) boxes[box + 2] = end
      boxes[box + 3] = y + 1
      areas[label]! += end - start
    }
  }
  return { width, height, count, areas, boxes, firstRun, runRows, runStarts, runEnds }
}
