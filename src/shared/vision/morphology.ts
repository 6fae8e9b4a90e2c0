import { maskBounds } from './mask-bounds'
import { assertMask, emptyMask, type Mask } from './mask'

export { maskBounds }

/**
 * Morphological closing with a square of side `2 * radius + 1`: fills gaps that the square cannot enter. Outside the frame
 * counts as empty for the dilation and as full for the erosion (as in OpenCV), so the mask is a subset of its closing, and
 * what lies within `radius` of the frame's edge grows to it. Linear in the area of the mask's bounding box, whatever the radius.
 */
export function closeMask(mask: Mask, radius: number): Mask {
  assertMask(mask)
  const bounds = maskBounds(mask)
  if (!bounds || radius === 0) return { ...mask, bits: mask.bits.slice() }
  const { width, height } = mask
  const [x1, y1, x2, y2] = bounds
  // The dilation reaches this far; the closing stays inside the bounding box unless the frame's edge is near.
  const grownX1 = Math.max(0, x1 - radius)
  const grownY1 = Math.max(0, y1 - radius)
  const grownX2 = Math.min(width, x2 + radius)
  const grownY2 = Math.min(height, y2 + radius)
  const grid = cropGrid(mask, grownX1, grownY1, grownX2, grownY2)
  dilate(grid, radius)
  complement(grid)
  dilate(grid, radius)
  complement(grid)
  const closed = emptyMask(width, height)
  const fromX = grownX1 === 0 ? 0 : x1
  const toX = grownX2 === width ? width : x2
  const fromY = grownY1 === 0 ? 0 : y1
  const toY = grownY2 === height ? height : y2
  for (let y = fromY; y < toY; y++) {
    const row = (y - grownY1) * grid.stride - grownX1
    closed.bits.set(grid.cells.subarray(row + fromX, row + toX), y * width + fromX)
  }
  return closed
}

/** Set pixels and all within `radius` of them in x and in y. */
export function dilateMask(mask: Mask, radius: number): Mask {
  return throughGrid(mask, (grid) => {
    dilate(grid, radius)
  })
}

/** Pixels whose square of side `2 * radius + 1` is set, as far as it lies inside the frame. */
export function erodeMask(mask: Mask, radius: number): Mask {
  return throughGrid(mask, (grid) => {
    complement(grid)
    dilate(grid, radius)
    complement(grid)
  })
}

/** Bytes 0 or 1, rows padded to whole 32-bit words, so that rows combine four pixels at a time. */
interface Grid {
  readonly width: number
  readonly height: number
  readonly stride: number
  readonly cells: Uint8Array<ArrayBuffer>
}

function throughGrid(mask: Mask, change: (grid: Grid) => void): Mask {
  assertMask(mask)
  const { width, height } = mask
  const grid = cropGrid(mask, 0, 0, width, height)
  change(grid)
  const result = emptyMask(width, height)
  for (let y = 0; y < height; y++) {
    const row = y * grid.stride
    result.bits.set(grid.cells.subarray(row, row + width), y * width)
  }
  return result
}

function cropGrid(mask: Mask, x1: number, y1: number, x2: number, y2: number): Grid {
  const [width, height] = [x2 - x1, y2 - y1]
  const stride = (width + 3) & ~3
  const cells = new Uint8Array(stride * height)
  for (let y = 0; y < height; y++) {
    const row = (y + y1) * mask.width
    cells.set(mask.bits.subarray(row + x1, row + x2), y * stride)
  }
  return { width, height, stride, cells }
}

function complement({ cells }: Grid): void {
  const words = new Uint32Array(cells.buffer)
  for (let i = 0; i < words.length; i++) words[i]! ^= 0x01010101
}

function dilate(grid: Grid, radius: number): void {
  dilateAlongRows(grid, Math.min(radius, grid.width))
  dilateAlongColumns(grid, Math.min(radius, grid.height))
}

/** A pixel is set when the sliding window around it holds any. */
function dilateAlongRows({ width, height, stride, cells }: Grid, radius: number): void {
  const side = 2 * radius + 1
  const padded = new Uint8Array(width + side)
  for (let y = 0; y < height; y++) {
    const row = y * stride
    padded.set(cells.subarray(row, row + width), radius + 1)
    let inWindow = 0
    for (let i = 1; i < side; i++) inWindow += padded[i]!
    for (let x = 0; x < width; x++) {
      inWindow += padded[x + side]! - padded[x]!
      cells[row + x] = (0 - inWindow) >>> 31
    }
  }
}

/**
 * van Herk and Gil-Werman: with the rows in blocks of `2 * radius + 1`, a window is the end of one block and the beginning
 * of the next, so three operations a pixel do for any radius.
 */
function dilateAlongColumns({ height, stride, cells }: Grid, radius: number): void {
  const side = 2 * radius + 1
  const words = new Uint32Array(cells.buffer)
  const perRow = stride / 4
  const forward = words.slice() // from the beginning of the block to this row
  const backward = words.slice() // from this row to the end of the block
  for (let y = 1; y < height; y++) {
    if (y % side === 0) continue
    const end = (y + 1) * perRow
    for (let i = y * perRow; i < end; i++) forward[i]! |= forward[i - perRow]!
  }
  for (let y = height - 2; y >= 0; y--) {
    if ((y + 1) % side === 0) continue
    const end = (y + 1) * perRow
    for (let i = y * perRow; i < end; i++) backward[i]! |= backward[i + perRow]!
  }
  for (let y = 0; y < height; y++) {
    const upper = y - radius
    const lower = Math.min(height - 1, y + radius)
    const target = words.subarray(y * perRow, (y + 1) * perRow)
    if (upper < 0) target.set(forward.subarray(lower * perRow, (lower + 1) * perRow))
    else if (Math.floor(upper / side) === Math.floor(lower / side)) {
      target.set(backward.subarray(upper * perRow, (upper + 1) * perRow))
    } else {
      for (let i = 0, a = upper * perRow, b = lower * perRow; i < perRow; i++) {
        target[i] = backward[a + i]! | forward[b + i]!
      }
    }
  }
}
