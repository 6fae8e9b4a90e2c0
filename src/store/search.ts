import type { Db } from './db'
import { FACET } from './facet-codes'
import { facetSize, facetTerm, facetTest } from './facet-terms'
import type { Term } from './image-query'

/** More classes or labels than this that begin with a word: the first ones are taken. */
const MOST_NAMES = 50
/** Matches are counted up to here, to choose what to go through. */
const COUNTED = 5_000
const MOST_WORDS = 16

/**
 * One condition for each word: it begins a word of the file's name, of the name of a class of an object in the picture,
 * or of its label. Upper case and accents make no difference. Text without a word finds everything.
 */
export function textTerms(db: Db, text: string): Term[] {
  return wordsOf(text).map((word) => wordTerm(db, word))
}

/** Letters and digits together, as the index cuts file names. */
export function wordsOf(text: string): string[] {
  return (text.match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? []).slice(0, MOST_WORDS)
}

function wordTerm(db: Db, word: string): Term {
  const match = `"${word}"*`
  const named = [
    [FACET.class, matchingNames(db, 'class_search', match)],
    [FACET.label, matchingNames(db, 'label_search', match)],
  ] as const
  const files = db.value<number>(
    'SELECT count(*) FROM (SELECT 1 FROM member_search WHERE member_search MATCH ? LIMIT ?)',
    match,
    COUNTED,
  )
  return {
    lists: [
      {
        sql: 'SELECT p.rowid AS member_id FROM member_search AS p WHERE p.member_search MATCH ?',
        values: [match],
        column: 'p.rowid',
      },
      ...named.flatMap(([facet, ids]) => facetTerm(db, facet, ids).lists),
    ],
    test(column) {
      const others = named.map(([facet, ids]) => facetTest(facet, ids, column))
      // The matches are gathered once for the whole statement, then looked up (+: they are not to drive it).
      const inFiles = `+${column} IN (SELECT rowid FROM member_search WHERE member_search MATCH ?)`
      return {
        sql: `(${[inFiles, ...others.map((other) => other.sql)].join(' OR ')})`,
        values: [match, ...others.flatMap((other) => other.values)],
      }
    },
    size: named.reduce(
      (sum, [facet, ids]) => sum + ids.reduce((s, id) => s + facetSize(db, facet, id), 0),
      files ?? 0,
    ),
  }
}

function matchingNames(db: Db, table: 'class_search' | 'label_search', match: string): number[] {
  return db.column<number>(
    `SELECT rowid FROM ${table} WHERE ${table} MATCH ? ORDER BY rowid LIMIT ?`,
    match,
    MOST_NAMES,
  )
}
