import { setImmediate } from 'node:timers/promises'
import type { Db } from './db'
import { FACET } from './facet-codes'

/** Triggers that keep facets and the search index one row at a time; a load of many rows does it in bulk. */
const SUSPENDED = ['member_added', 'object_added', 'patch_added', 'facet_added']
const MEMBERS_A_TURN = 5_000

/** What `member_facets` must hold for the members from `first` to `last`, computed from the tables themselves. */
export function facetSource(first: number, last: number): string {
  const range = (column: string): string => `${column} BETWEEN ${first} AND ${last}`
  const own = (facet: number, column: string): string =>
    `SELECT ${facet} AS facet, ${column} AS value, id AS member_id, dataset_id, 1 AS n FROM members
      WHERE ${range('id')} AND ${column} IS NOT NULL`
  const many = (facet: number, value: string, rows: string): string =>
    `SELECT ${facet}, ${value}, r.member_id, members.dataset_id, count(*) FROM ${rows}
      JOIN members ON members.id = r.member_id WHERE ${range('r.member_id')} GROUP BY r.member_id, 2`
  return [
    own(FACET.dataset, 'dataset_id'),
    own(FACET.split, 'split_id'),
    own(FACET.label, 'label_id'),
    own(FACET.status, 'status'),
    `SELECT ${FACET.file}, state, members.id, dataset_id, 1 FROM members JOIN files ON files.id = file_id
      WHERE ${range('members.id')}`,
    many(FACET.class, 'class_id', 'objects AS r JOIN categories ON categories.id = r.category_id'),
    many(FACET.patchStatus, 'r.status', 'patches AS r'),
    many(FACET.patch, '1', 'patches AS r'),
    `SELECT ${FACET.patch}, 0, id, dataset_id, 1 FROM members WHERE ${range('id')}
      AND NOT EXISTS (SELECT 1 FROM patches WHERE member_id = members.id)`,
    many(FACET.certified, 'r.certified', 'certificates AS r'),
    `SELECT ${FACET.tag}, tags.id, members.id, dataset_id, 1 FROM members JOIN json_each(members.tags) AS j
      JOIN tags ON tags.name = j.value WHERE ${range('members.id')} AND members.tags <> '[]'`,
  ].join(' UNION ALL ')
}

/**
 * Runs `load` without those triggers, then files the members that it added, in slices between which other work of the
 * process gets its turn. To be called inside one transaction, so that nobody sees the triggers gone.
 */
export async function loadingInBulk(db: Db, load: () => Promise<void>): Promise<void> {
  const before = newestMember(db)
  const triggers = SUSPENDED.map((name) => ({
    name,
    sql: db.value<string>(
      "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?",
      name,
    ),
  }))
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`)
  await load()
  const last = newestMember(db)
  for (let first = before + 1; first <= last; first += MEMBERS_A_TURN) {
    fileMembers(db, first, Math.min(last, first + MEMBERS_A_TURN - 1))
    await setImmediate()
  }
  for (const { sql } of triggers) if (sql !== undefined) db.exec(sql)
}

/** Facets, counters and search index of members that have none yet. Sorted, so that indexes grow at their ends. */
function fileMembers(db: Db, first: number, last: number): void {
  db.exec(`
    CREATE TEMP TABLE fresh AS ${facetSource(first, last)};
    INSERT INTO member_facets SELECT facet, value, member_id, dataset_id, n FROM fresh ORDER BY 1, 2, 3;
    INSERT INTO facet_counts SELECT facet, value, dataset_id, count(*), sum(n) FROM fresh WHERE true GROUP BY 1, 2, 3
      ON CONFLICT DO UPDATE SET images = images + excluded.images, entries = entries + excluded.entries;
    DROP TABLE fresh;
    INSERT INTO member_search (rowid, name) SELECT members.id, path FROM members JOIN files ON files.id = file_id
      WHERE members.id BETWEEN ${first} AND ${last} ORDER BY members.id;`)
}

function newestMember(db: Db): number {
  return db.value<number>('SELECT max(id) FROM members') ?? 0
}
