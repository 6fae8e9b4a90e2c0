import type { Db, Value } from './db'
import { filterTerms } from './image-terms'
import type { ImageFilter } from './image-filter'

/** A piece of SQL and its values. */
export interface Sql {
  readonly sql: string
  readonly values: readonly Value[]
}

/**
 * One condition on members, in two forms: as sorted lists of ids to go through (their union is what satisfies it), and as
 * a test of one id. A query goes through the shortest lists and tests the rest.
 */
export interface Term {
  /** `SELECT … AS member_id FROM … WHERE …`, complete but for bound, order and limit; `column` is the id. */
  readonly lists: readonly (Sql & { readonly column: string })[]
  test(column: string): Sql
  /** About how many ids the lists have. */
  readonly size: number
}

/**
 * Ids of the members that satisfy `filter`, a page of them in ascending (`>`) or descending (`<`) order from `after`.
 * The statement reads indexes only, in their order: nothing is sorted, nothing is skipped.
 */
export function memberIdsQuery(
  db: Db,
  filter: ImageFilter,
  bound: '>' | '<',
  after: number,
  limit: number,
): Sql {
  const terms = filterTerms(db, filter).sort((a, b) => a.size - b.size)
  const [first, ...others] = terms
  const lists = first?.lists ?? [
    { sql: 'SELECT p.id AS member_id FROM members AS p WHERE true', values: [], column: 'p.id' },
  ]
  if (lists.length === 0) return { sql: 'SELECT 0 AS member_id WHERE false', values: [] }
  const arms = lists.map(({ sql, values, column }) => {
    const tests = others.map((term) => term.test(column))
    return {
      sql: [sql, `${column} ${bound} ?`, ...tests.map((test) => test.sql)].join(' AND '),
      values: [...values, after, ...tests.flatMap((test) => test.values)],
    }
  })
  return {
    sql: `${arms.map((arm) => arm.sql).join(' UNION ')} ORDER BY 1 ${bound === '>' ? 'ASC' : 'DESC'} LIMIT ?`,
    values: [...arms.flatMap((arm) => arm.values), limit],
  }
}
