import type { Attributes, BoxXywh, Shape } from '../shared/dataset'
import type { Db, Value } from './db'
import { patchAuthors, patchStatuses, type PatchAuthor, type PatchStatus } from './facet-codes'
import { attributesFrom } from './json'
import { pageOfIds, type Page, type PageRequest } from './paging'
import { boxOf, shapeOf, SHAPE_COLUMNS, type ShapeColumns } from './shapes'
import { filterInvalid } from './store-errors'

export interface ProjectObject {
  readonly id: number
  readonly memberId: number
  readonly sourceId: string | null
  readonly categoryId: number
  readonly class: string
  readonly box: BoxXywh
  readonly shape?: Shape
  readonly area: number
  readonly isCrowd: boolean
  readonly score?: number
  readonly attributes: Attributes
}

export interface ProjectPatch {
  readonly id: number
  readonly memberId: number
  readonly sourceId: string | null
  readonly box: BoxXywh
  readonly shape?: Shape
  readonly name: string | null
  readonly target: string | null
  readonly author: PatchAuthor
  /** Model that proposed it, and its settings. */
  readonly segmenter: string | null
  readonly params: Attributes | null
  readonly status: PatchStatus
  readonly attributes: Attributes
}

/** One of `member` and `class`, or neither. */
export interface ObjectFilter {
  readonly member?: number
  readonly class?: string
  /** With `class` only. */
  readonly dataset?: number
}

/** All that is given must hold. */
export interface PatchFilter {
  readonly member?: number
  readonly status?: PatchStatus
  readonly author?: PatchAuthor
}

interface ObjectRow extends ShapeColumns {
  readonly id: number
  readonly memberId: number
  readonly sourceId: string | null
  readonly categoryId: number
  readonly class: string
  readonly area: number
  readonly isCrowd: number
  readonly score: number | null
  readonly attributes: string
}

interface PatchRow extends ShapeColumns {
  readonly id: number
  readonly memberId: number
  readonly sourceId: string | null
  readonly name: string | null
  readonly target: string | null
  readonly author: number
  readonly segmenter: string | null
  readonly params: string | null
  readonly status: number
  readonly attributes: string
}

const OBJECT = `SELECT objects.id, member_id AS memberId, objects.source_id AS sourceId, category_id AS categoryId,
    classes.name AS class, ${SHAPE_COLUMNS}, area, is_crowd AS isCrowd, score, attributes
  FROM objects CROSS JOIN categories ON categories.id = category_id CROSS JOIN classes ON classes.id = class_id`

const PATCH = `SELECT id, member_id AS memberId, source_id AS sourceId, ${SHAPE_COLUMNS}, name, target, author, segmenter,
    params, status, attributes FROM patches`

/** Objects in the order of their ids. @throws AppError E_FILTER_INVALID, E_CURSOR_INVALID */
export function listObjects(
  db: Db,
  filter: ObjectFilter = {},
  page: PageRequest = {},
): Page<ProjectObject> {
  const { member, class: name, dataset } = filter
  if (member !== undefined && name !== undefined) {
    throw filterInvalid('objects are listed by picture or by class, not by both')
  }
  if (dataset !== undefined && name === undefined) {
    throw filterInvalid('objects of a data set are listed by class, or picture by picture')
  }
  return pageOfIds(page, (bound, order, after, limit) => {
    const { sql, values } = objectsQuery(db, filter, bound, order, after, limit)
    return db.all<ObjectRow>(sql, ...values).map(objectOf)
  })
}

/** A class has one category for each data set that has it: their sorted lists are merged. */
export function objectsQuery(
  db: Db,
  { member, class: name, dataset }: ObjectFilter,
  bound: '>' | '<',
  order: 'ASC' | 'DESC',
  after: number,
  limit: number,
): { sql: string; values: Value[] } {
  const end = `objects.id ${bound} ?`
  const tail = `ORDER BY 1 ${order} LIMIT ?`
  if (name !== undefined) {
    const ids = db.column<number>(
      `SELECT categories.id FROM classes JOIN categories ON class_id = classes.id
        WHERE classes.name = ?${dataset === undefined ? '' : ' AND dataset_id = ?'}`,
      ...(dataset === undefined ? [name] : [name, dataset]),
    )
    if (ids.length === 0) return { sql: `${OBJECT} WHERE false`, values: [] }
    const arm = `${OBJECT} WHERE category_id = ? AND ${end}`
    return {
      sql: `${ids.map(() => arm).join(' UNION ALL ')} ${tail}`,
      values: [...ids.flatMap((id) => [id, after]), limit],
    }
  }
  const where = member === undefined ? end : `member_id = ? AND ${end}`
  return {
    sql: `${OBJECT} WHERE ${where} ${tail}`,
    values: [...(member === undefined ? [] : [member]), after, limit],
  }
}

/** Patch annotations in the order of their ids. @throws AppError E_CURSOR_INVALID */
export function listPatches(
  db: Db,
  filter: PatchFilter = {},
  page: PageRequest = {},
): Page<ProjectPatch> {
  return pageOfIds(page, (bound, order, after, limit) => {
    const { sql, values } = patchesQuery(filter, bound, order, after, limit)
    return db.all<PatchRow>(sql, ...values).map(patchOf)
  })
}

export function patchesQuery(
  { member, status, author }: PatchFilter,
  bound: '>' | '<',
  order: 'ASC' | 'DESC',
  after: number,
  limit: number,
): { sql: string; values: Value[] } {
  const given = [
    ['member_id', member],
    ['status', status === undefined ? undefined : patchStatuses.indexOf(status)],
    ['author', author === undefined ? undefined : patchAuthors.indexOf(author)],
  ] as const
  const conditions = given.flatMap(([column, value]) =>
    value === undefined ? [] : [{ column, value }],
  )
  // The first is looked up in its index, which is in the order of ids; the others are tested (+ keeps their index out).
  const tests = conditions.map(({ column }, k) => `${k === 0 ? '' : '+'}${column} = ?`)
  return {
    sql: `${PATCH} WHERE ${[...tests, `id ${bound} ?`].join(' AND ')} ORDER BY id ${order} LIMIT ?`,
    values: [...conditions.map(({ value }) => value), after, limit],
  }
}

/** All objects of a picture, in the order of their ids. */
export function objectsOf(db: Db, memberId: number): ProjectObject[] {
  return db
    .all<ObjectRow>(`${OBJECT} WHERE member_id = ? ORDER BY objects.id`, memberId)
    .map(objectOf)
}

/** All patch annotations of a picture, in the order of their ids. */
export function patchesOf(db: Db, memberId: number): ProjectPatch[] {
  return db.all<PatchRow>(`${PATCH} WHERE member_id = ? ORDER BY id`, memberId).map(patchOf)
}

/** All objects of several pictures, by picture; those of each in the order of their ids. */
export function objectsOfMany(db: Db, memberIds: readonly number[]): Map<number, ProjectObject[]> {
  const sql = `${OBJECT} WHERE member_id IN (SELECT value FROM json_each(?)) ORDER BY objects.id`
  return byMember(db.all<ObjectRow>(sql, JSON.stringify(memberIds)).map(objectOf))
}

/** The same for patch annotations. */
export function patchesOfMany(db: Db, memberIds: readonly number[]): Map<number, ProjectPatch[]> {
  const sql = `${PATCH} WHERE member_id IN (SELECT value FROM json_each(?)) ORDER BY id`
  return byMember(db.all<PatchRow>(sql, JSON.stringify(memberIds)).map(patchOf))
}

function byMember<T extends { readonly memberId: number }>(rows: readonly T[]): Map<number, T[]> {
  const lists = new Map<number, T[]>()
  for (const row of rows) {
    const list = lists.get(row.memberId)
    if (list) list.push(row)
    else lists.set(row.memberId, [row])
  }
  return lists
}

export function patchById(db: Db, id: number): ProjectPatch | undefined {
  const row = db.get<PatchRow>(`${PATCH} WHERE id = ?`, id)
  return row && patchOf(row)
}

export function objectById(db: Db, id: number): ProjectObject | undefined {
  const row = db.get<ObjectRow>(`${OBJECT} WHERE objects.id = ?`, id)
  return row && objectOf(row)
}

function objectOf(row: ObjectRow): ProjectObject {
  const shape = shapeOf(row)
  return {
    id: row.id,
    memberId: row.memberId,
    sourceId: row.sourceId,
    categoryId: row.categoryId,
    class: row.class,
    box: boxOf(row),
    ...(shape ? { shape } : {}),
    area: row.area,
    isCrowd: row.isCrowd === 1,
    ...(row.score === null ? {} : { score: row.score }),
    attributes: attributesFrom(row.attributes),
  }
}

function patchOf(row: PatchRow): ProjectPatch {
  const shape = shapeOf(row)
  return {
    id: row.id,
    memberId: row.memberId,
    sourceId: row.sourceId,
    box: boxOf(row),
    ...(shape ? { shape } : {}),
    name: row.name,
    target: row.target,
    author: patchAuthors[row.author] ?? 'imported',
    segmenter: row.segmenter,
    params: row.params === null ? null : attributesFrom(row.params),
    status: patchStatuses[row.status] ?? 'imported',
    attributes: attributesFrom(row.attributes),
  }
}
