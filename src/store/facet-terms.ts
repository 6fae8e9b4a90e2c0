import type { Db } from './db'
import type { Sql, Term } from './image-query'
import { filterInvalid } from './store-errors'

/** Longer lists of values would make a statement that SQLite refuses. */
const MOST_VALUES = 100

/** Pictures that have one of these values. */
export function facetTerm(db: Db, facet: number, given: readonly number[]): Term {
  const values = [...new Set(given)]
  if (values.length > MOST_VALUES) {
    throw filterInvalid(`it names ${values.length} values, and ${MOST_VALUES} is the limit`)
  }
  return {
    lists: values.map((value) => ({
      sql: 'SELECT p.member_id FROM member_facets AS p WHERE p.facet = ? AND p.value = ?',
      values: [facet, value],
      column: 'p.member_id',
    })),
    test: (column) => facetTest(facet, values, column),
    size: values.reduce((sum, value) => sum + facetSize(db, facet, value), 0),
  }
}

/**
 * A subquery in place of EXISTS, which SQLite would make a join of, in an order of its own, and then sort.
 */
export function facetTest(facet: number, values: readonly number[], column: string): Sql {
  if (values.length === 0) return { sql: 'false', values: [] }
  const places = values.map(() => '?').join(', ')
  return {
    sql: `(SELECT 1 FROM member_facets AS f WHERE f.facet = ? AND f.value IN (${places}) AND f.member_id = ${column})`,
    values: [facet, ...values],
  }
}

export function facetSize(db: Db, facet: number, value: number): number {
  return (
    db.value<number>(
      'SELECT coalesce(sum(images), 0) FROM facet_counts WHERE facet = ? AND value = ?',
      facet,
      value,
    ) ?? 0
  )
}
