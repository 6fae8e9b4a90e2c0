import type { Db } from './db'
import { FACET, fileStates, imageStatuses, patchStatuses } from './facet-codes'
import type { ImageFilter } from './image-filter'
import { facetTerm } from './facet-terms'
import type { Term } from './image-query'
import { changedTerm, foundTerm } from './run-terms'
import { textTerms } from './search'

/** The filter as conditions. @throws AppError E_FILTER_INVALID */
export function filterTerms(db: Db, filter: ImageFilter): Term[] {
  const terms: Term[] = []
  const add = (facet: number, values: readonly number[] | undefined): void => {
    if (values) terms.push(facetTerm(db, facet, values))
  }
  add(FACET.dataset, filter.dataset === undefined ? undefined : [filter.dataset])
  add(FACET.split, filter.split && splitIds(db, filter.split, filter.dataset))
  add(FACET.class, filter.class && namedIds(db, 'classes', filter.class))
  add(FACET.label, filter.label && namedIds(db, 'labels', filter.label))
  add(FACET.tag, filter.tag && namedIds(db, 'tags', filter.tag))
  add(
    FACET.status,
    filter.status?.map((status) => imageStatuses.indexOf(status)),
  )
  add(
    FACET.file,
    filter.file?.map((state) => fileStates.indexOf(state)),
  )
  add(FACET.patch, filter.patch === undefined ? undefined : [filter.patch ? 1 : 0])
  add(
    FACET.patchStatus,
    filter.patchStatus?.map((status) => patchStatuses.indexOf(status)),
  )
  add(FACET.certified, filter.certified === undefined ? undefined : [filter.certified ? 1 : 0])
  if (filter.ids) terms.push(idsTerm(filter.ids))
  if (filter.found) terms.push(foundTerm(db, filter.found))
  if (filter.changed) terms.push(changedTerm(db, filter.changed))
  if (filter.text !== undefined) terms.push(...textTerms(db, filter.text))
  return terms
}

/** Ids of those names that there are. */
export function namedIds(
  db: Db,
  table: 'classes' | 'labels' | 'tags',
  names: readonly string[],
): number[] {
  return names.flatMap((name) => db.column<number>(`SELECT id FROM ${table} WHERE name = ?`, name))
}

function idsTerm(ids: readonly number[]): Term {
  const given = JSON.stringify(ids)
  const there = 'SELECT j.value FROM json_each(?) AS j'
  return {
    lists: [
      {
        sql: `SELECT p.id AS member_id FROM members AS p WHERE p.id IN (${there})`,
        values: [given],
        column: 'p.id',
      },
    ],
    test: (column) => ({ sql: `+${column} IN (${there})`, values: [given] }),
    size: ids.length,
  }
}

function splitIds(db: Db, names: readonly string[], dataset: number | undefined): number[] {
  const datasets = dataset === undefined ? db.column<number>('SELECT id FROM datasets') : [dataset]
  return names.flatMap((name) =>
    datasets.flatMap((id) =>
      db.column<number>('SELECT id FROM splits WHERE dataset_id = ? AND name = ?', id, name),
    ),
  )
}
