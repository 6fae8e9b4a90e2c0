/** Chromium stops laying out somewhat above 33 million pixels: longer lists scroll in proportion. */
const TALLEST = 16_000_000

export interface GridShape {
  readonly count: number
  /** Inner width of the scrolled region in pixels. */
  readonly width: number
  /** Narrowest cell, pixels. */
  readonly cellWidth: number
  readonly gap: number
}

/** As many columns as fit at the narrowest width, at least one; the cells then share the width. */
export function gridColumns({ count, width, cellWidth, gap }: GridShape): {
  columns: number
  rows: number
  width: number
} {
  const columns = Math.max(1, Math.floor((width + gap) / (cellWidth + gap)))
  return {
    columns,
    rows: Math.ceil(count / columns),
    width: Math.max(1, (width - gap * (columns - 1)) / columns),
  }
}

export interface ScrollShape {
  readonly rows: number
  /** Height of a row with its gap, pixels. */
  readonly rowHeight: number
  /** Height of what is seen of the list. */
  readonly viewHeight: number
}

export interface RowWindow {
  /** Rows that are mounted: `from` up to, not including, `to`. Three screens: one above, one seen, one below. */
  readonly from: number
  readonly to: number
  /** Pixels from the top of the scrolled content at which the first mounted row stands. */
  readonly offset: number
  /** Rows that can be seen, at least in part. */
  readonly firstSeen: number
  readonly lastSeen: number
}

/** Height of the scrolled content in pixels. */
export function scrollHeight({ rows, rowHeight }: ScrollShape): number {
  return Math.min(TALLEST, rows * rowHeight)
}

/** The rows to mount for a position of the scrollbar. */
export function rowWindow(shape: ScrollShape, scrollTop: number): RowWindow {
  const { rows, rowHeight, viewHeight } = shape
  const top = contentTop(shape, scrollTop)
  const firstSeen = clamp(Math.floor(top / rowHeight), 0, Math.max(0, rows - 1))
  const lastSeen = clamp(
    Math.ceil((top + viewHeight) / rowHeight) - 1,
    firstSeen,
    Math.max(0, rows - 1),
  )
  const screen = Math.max(1, Math.ceil(viewHeight / rowHeight))
  const from = Math.max(0, firstSeen - screen)
  const to = Math.min(rows, lastSeen + 1 + screen)
  return { from, to, offset: scrollTop - (top - from * rowHeight), firstSeen, lastSeen }
}

/** The scrollbar's position that brings a row fully into view; the same position if it is in view already. */
export function scrollToRow(shape: ScrollShape, scrollTop: number, row: number): number {
  const top = contentTop(shape, scrollTop)
  const rowTop = row * shape.rowHeight
  const rowEnd = rowTop + shape.rowHeight
  if (rowTop >= top && rowEnd <= top + shape.viewHeight) return scrollTop
  return scrollTopOf(shape, rowTop < top ? rowTop : rowEnd - shape.viewHeight)
}

/** Where in the whole list the upper edge of the view is, pixels. */
function contentTop(shape: ScrollShape, scrollTop: number): number {
  const full = shape.rows * shape.rowHeight
  const shown = scrollHeight(shape)
  const range = shown - shape.viewHeight
  if (full === shown || range <= 0) return scrollTop
  return (scrollTop / range) * (full - shape.viewHeight)
}

function scrollTopOf(shape: ScrollShape, top: number): number {
  const full = shape.rows * shape.rowHeight
  const shown = scrollHeight(shape)
  const range = shown - shape.viewHeight
  if (full === shown || range <= 0) return clamp(top, 0, Math.max(0, range))
  return clamp((top / (full - shape.viewHeight)) * range, 0, range)
}

/** Where the focus goes in a grid of cells by a key; null if the key does not move it. */
export function moveInGrid(
  key: string,
  at: number,
  { count, columns, screenRows }: { count: number; columns: number; screenRows: number },
): number | null {
  if (count === 0) return null
  const page = Math.max(1, screenRows - 1) * columns
  const step: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -page,
    PageDown: page,
  }
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  const by = step[key]
  if (by === undefined) return null
  const next = at + by
  if (next >= 0 && next < count) return next
  // A step down from the last full row ends on the last cell, so that no cell is out of reach.
  if (Math.abs(by) > 1) return by > 0 ? lastBelow(at, count, columns) : at % columns
  return at
}

function lastBelow(at: number, count: number, columns: number): number {
  const isInLastRow = Math.floor(at / columns) === Math.floor((count - 1) / columns)
  return isInLastRow ? at : count - 1
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
