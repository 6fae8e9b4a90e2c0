import type { Db } from './db'
import type { ImageFilter } from './image-filter'
import type { Term } from './image-query'
import { filterInvalid } from './store-errors'

/** Stands for "any class" in run_postings. */
export const ANY_CLASS = 0

type Found = NonNullable<ImageFilter['found']>
type Changed = NonNullable<ImageFilter['changed']>

/** Pictures in which a run found a class with a score in a range. */
export function foundTerm(db: Db, { run, class: name, minScore = 0, maxScore = 1 }: Found): Term {
  const classId =
    name === undefined
      ? ANY_CLASS
      : (db.value<number>('SELECT id FROM classes WHERE name = ?', name) ?? -1)
  const size =
    classId === ANY_CLASS
      ? db.value<number>('SELECT done FROM runs WHERE id = ?', run)
      : db.value<number>(
          'SELECT sum(images) FROM run_classes WHERE run_id = ? AND class_id = ?',
          run,
          classId,
        )
  // Best and worst score of a picture decide, unless one lies above and the other below the range.
  const inRange = (p: string): string =>
    `${p}.max_score >= ? AND ${p}.min_score <= ? AND (${p}.max_score <= ? OR ${p}.min_score >= ? OR
      (SELECT 1 FROM detections AS d WHERE d.item_id = ${p}.item_id AND d.stage = 0
        AND (${p}.class_id = 0 OR d.class_id = ${p}.class_id) AND d.score BETWEEN ? AND ?))`
  const range = [minScore, maxScore, maxScore, minScore, minScore, maxScore]
  return {
    lists: [
      {
        sql: `SELECT p.member_id FROM run_postings AS p WHERE p.run_id = ? AND p.class_id = ? AND ${inRange('p')}`,
        values: [run, classId, ...range],
        column: 'p.member_id',
      },
    ],
    test: (column) => ({
      sql: `(SELECT 1 FROM run_postings AS r WHERE r.run_id = ? AND r.class_id = ? AND r.member_id = ${column}
        AND ${inRange('r')})`,
      values: [run, classId, ...range],
    }),
    size: size ?? 0,
  }
}

/** Pictures that two runs answer differently. @throws AppError E_FILTER_INVALID if they were not compared */
export function changedTerm(db: Db, { base, other, min = Number.MIN_VALUE }: Changed): Term {
  const comparison = db.get<{ id: number; changed: number }>(
    'SELECT id, changed FROM comparisons WHERE base_run = ? AND other_run = ?',
    base,
    other,
  )
  if (!comparison) throw filterInvalid(`runs ${base} and ${other} were not compared yet`)
  const least = Math.max(min, Number.MIN_VALUE)
  return {
    lists: [
      {
        sql: 'SELECT p.member_id FROM comparison_items AS p WHERE p.comparison_id = ? AND +p.change >= ?',
        values: [comparison.id, least],
        column: 'p.member_id',
      },
    ],
    test: (column) => ({
      sql: `(SELECT 1 FROM comparison_items AS c WHERE c.comparison_id = ? AND c.member_id = ${column}
        AND c.change >= ?)`,
      values: [comparison.id, least],
    }),
    size: comparison.changed,
  }
}
