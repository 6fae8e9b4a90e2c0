import type { BoxXyxy } from '../shared/vision'
import type { Db, Value } from './db'
import { ITEM, readItem, type ItemRow } from './run-items'
import type { RunItem } from './run-records'
import { cut, limitOf, rankedCursor, rankedPlace, type Page, type PageRequest } from './paging'

export interface DetectionFilter {
  readonly run: number
  /** Name of a class. */
  readonly class?: string
  /** 0..1, both ends included. */
  readonly minScore?: number
  readonly maxScore?: number
}

export interface ListedDetection {
  readonly id: number
  readonly itemId: number
  readonly memberId: number | null
  readonly file: string
  readonly class: string
  readonly score: number
  readonly box: BoxXyxy
}

interface DetectionRow extends Omit<ListedDetection, 'box'> {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

/** The detections of a run, best score first. @throws AppError E_CURSOR_INVALID */
export function listDetections(
  db: Db,
  filter: DetectionFilter,
  page: PageRequest = {},
): Page<ListedDetection> {
  const limit = limitOf(page)
  const { sql, values } = detectionsQuery(db, filter, page, limit + 1)
  const rows = db.all<DetectionRow>(sql, ...values).map(({ x1, y1, x2, y2, ...rest }) => ({
    ...rest,
    box: [x1, y1, x2, y2] as const,
  }))
  return cut(rows, limit, ({ score, id }) => rankedCursor({ rank: score, id }))
}

export function detectionsQuery(
  db: Db,
  { run, class: name, minScore = 0, maxScore = 1 }: DetectionFilter,
  page: PageRequest,
  limit: number,
): { sql: string; values: Value[] } {
  const { rank, id } = rankedPlace(page)
  const [bound, order] = page.backward === true ? ['>', 'ASC'] : ['<', 'DESC']
  const classId =
    name === undefined
      ? undefined
      : (db.value<number>('SELECT id FROM classes WHERE name = ?', name) ?? -1)
  // One end of the range comes from the place in the list, the other from the filter.
  const start = page.backward === true ? Math.max(rank, minScore) : Math.min(rank, maxScore)
  const startId = start === rank ? id : page.backward === true ? 0 : Number.MAX_SAFE_INTEGER
  const end = page.backward === true ? maxScore : minScore
  return {
    sql: `SELECT d.id, item_id AS itemId, member_id AS memberId, file, classes.name AS class, score, x1, y1, x2, y2
      FROM detections AS d CROSS JOIN run_items ON run_items.id = item_id CROSS JOIN classes ON classes.id = class_id
      WHERE d.run_id = ? AND stage = 0${classId === undefined ? '' : ' AND class_id = ?'}
        AND (score, d.id) ${bound} (?, ?) AND score ${page.backward === true ? '<=' : '>='} ?
      ORDER BY score ${order}, d.id ${order} LIMIT ?`,
    values: [run, ...(classId === undefined ? [] : [classId]), start, startId, end, limit],
  }
}

/** A picture that two runs answer differently. */
export interface ImageChange {
  readonly memberId: number
  readonly baseItem: number
  readonly otherItem: number
  /** See `boxChange`. */
  readonly change: number
}

/** The pictures of a comparison, most changed first. */
export function changesQuery(
  comparisonId: number,
  page: PageRequest,
  limit: number,
): { sql: string; values: Value[] } {
  const { rank, id } = rankedPlace(page)
  const [bound, order] = page.backward === true ? ['>', 'ASC'] : ['<', 'DESC']
  return {
    sql: `SELECT member_id AS memberId, base_item AS baseItem, other_item AS otherItem, change FROM comparison_items
      WHERE comparison_id = ? AND (change, member_id) ${bound} (?, ?)
      ORDER BY change ${order}, member_id ${order} LIMIT ?`,
    values: [comparisonId, rank, id, limit],
  }
}

export function listChanges(db: Db, comparisonId: number, page: PageRequest): Page<ImageChange> {
  const limit = limitOf(page)
  const { sql, values } = changesQuery(comparisonId, page, limit + 1)
  return cut(db.all<ImageChange>(sql, ...values), limit, ({ change, memberId }) =>
    rankedCursor({ rank: change, id: memberId }),
  )
}

/** The pictures of a run that compared with its bare detector, most changed first. @throws AppError E_CURSOR_INVALID */
export function listItemsByChange(db: Db, runId: number, page: PageRequest): Page<RunItem> {
  const limit = limitOf(page)
  const { rank, id } = rankedPlace(page)
  const [bound, order] = page.backward === true ? ['>', 'ASC'] : ['<', 'DESC']
  const rows = db.all<ItemRow>(
    `${ITEM} WHERE run_id = ? AND change IS NOT NULL AND (change, id) ${bound} (?, ?)
      ORDER BY change ${order}, id ${order} LIMIT ?`,
    runId,
    rank,
    id,
    limit + 1,
  )
  return cut(rows.map(readItem), limit, (item) =>
    rankedCursor({ rank: item.change ?? 0, id: item.id }),
  )
}
