import { cursorInvalid } from './store-errors'

/** Where a page begins: after (or, going back, before) the row that a cursor of an earlier page names. */
export interface PageRequest {
  /** 1..1000, default 100. */
  readonly limit?: number
  /** Opaque; from `next` of an earlier page of the same list. */
  readonly after?: string | null
  /** Rows before `after` (or from the end), nearest first. */
  readonly backward?: boolean
}

/** `next` continues in the same direction; null after the last row. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  readonly next: string | null
}

const LIMIT = 100
const MOST = 1_000

export function limitOf({ limit }: PageRequest): number {
  return Math.min(MOST, Math.max(1, Math.trunc(limit ?? LIMIT)))
}

/**
 * A page of a list in the order of ids. `read` is given the comparison that follows the cursor (`>` or `<`), the order
 * (`ASC` or `DESC`), the id to start from and how many rows to read: one more than the page, to know if it is the last.
 * @throws AppError E_CURSOR_INVALID
 */
export function pageOfIds<Row extends { readonly id: number }>(
  page: PageRequest,
  read: (bound: '>' | '<', order: 'ASC' | 'DESC', after: number, limit: number) => readonly Row[],
): Page<Row> {
  const limit = limitOf(page)
  const backward = page.backward ?? false
  const after = page.after == null ? (backward ? Number.MAX_SAFE_INTEGER : 0) : idFrom(page.after)
  const rows = read(backward ? '<' : '>', backward ? 'DESC' : 'ASC', after, limit + 1)
  return cut(rows, limit, (row) => String(row.id))
}

/** Keeps `limit` of the rows that were read; the last one kept becomes the cursor if there were more. */
export function cut<Row>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
): Page<Row> {
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)
  return { rows: kept, next: last === undefined || rows.length <= limit ? null : cursorOf(last) }
}

export function idFrom(cursor: string): number {
  const id = /^\d{1,16}$/.test(cursor) ? Number(cursor) : NaN
  if (!Number.isSafeInteger(id)) throw cursorInvalid(cursor)
  return id
}

/** A place in a list that is sorted by a number, largest first, then by id. */
export interface RankedPlace {
  readonly rank: number
  readonly id: number
}

export function rankedCursor({ rank, id }: RankedPlace): string {
  return `${rank}:${id}`
}

/** @throws AppError E_CURSOR_INVALID */
export function rankedPlace({ after, backward }: PageRequest): RankedPlace {
  if (after == null) {
    return backward ? { rank: -Infinity, id: 0 } : { rank: Infinity, id: Number.MAX_SAFE_INTEGER }
  }
  const [rank, id, ...rest] = after.split(':')
  const place = { rank: Number(rank), id: idFrom(id ?? '') }
  if (rest.length > 0 || !Number.isFinite(place.rank) || rank === '') throw cursorInvalid(after)
  return place
}
