import type { Db } from './db'
import { facetSource } from './facet-sources'

/** Something stored that follows from the rest of the file: how to see that it is wrong, and how to make it anew. */
export interface Derived {
  readonly code: string
  readonly what: string
  /** How many entries are wrong. */
  wrong(db: Db): number
  /** To be called inside a transaction. */
  recompute(db: Db): void
}

const ALL_FACETS = facetSource(0, Number.MAX_SAFE_INTEGER)

const facets: Derived = {
  code: 'E_FACETS_WRONG',
  what: 'entries of the lists that filters go through',
  wrong: (db) =>
    differences(db, ALL_FACETS, 'SELECT facet, value, member_id, dataset_id, n FROM member_facets'),
  recompute(db) {
    withoutTriggers(db, ['facet_added', 'facet_removed'], () => {
      db.exec(`DELETE FROM member_facets;
        INSERT INTO member_facets SELECT facet, value, member_id, dataset_id, n FROM (${ALL_FACETS}) ORDER BY 1, 2, 3;`)
    })
    facetCounts.recompute(db)
  },
}

const COUNTS =
  'SELECT facet, value, dataset_id, count(*), sum(n) FROM member_facets GROUP BY facet, value, dataset_id'

const facetCounts: Derived = {
  code: 'E_COUNTERS_WRONG',
  what: 'counters of facets',
  wrong: (db) =>
    differences(db, COUNTS, 'SELECT facet, value, dataset_id, images, entries FROM facet_counts'),
  recompute(db) {
    db.exec(`DELETE FROM facet_counts; INSERT INTO facet_counts ${COUNTS}`)
  },
}

const RUN_COUNTS = `SELECT runs.id, count(run_items.id) - count(run_items.error), count(run_items.error),
    coalesce(sum(run_items.detections), 0)
  FROM runs LEFT JOIN run_items ON run_id = runs.id GROUP BY runs.id`

const runCounts: Derived = {
  code: 'E_COUNTERS_WRONG',
  what: 'counters of runs',
  wrong: (db) => differences(db, RUN_COUNTS, 'SELECT id, done, failed, detections FROM runs'),
  recompute(db) {
    db.exec(`UPDATE runs SET done = c.d, failed = c.f, detections = c.n
      FROM (SELECT * FROM (SELECT 0 AS id, 0 AS d, 0 AS f, 0 AS n WHERE false UNION ALL ${RUN_COUNTS})) AS c
      WHERE c.id = runs.id`)
  },
}

const CLASS_COUNTS = `SELECT run_classes.run_id, run_classes.position, count(DISTINCT detections.item_id), count(detections.id)
  FROM run_classes LEFT JOIN detections ON detections.run_id = run_classes.run_id
    AND detections.class_id = run_classes.class_id AND stage = 0
  GROUP BY run_classes.run_id, run_classes.position`

const classCounts: Derived = {
  code: 'E_COUNTERS_WRONG',
  what: 'counters of the classes of runs',
  wrong: (db) =>
    differences(db, CLASS_COUNTS, 'SELECT run_id, position, images, detections FROM run_classes'),
  recompute(db) {
    db.exec(`UPDATE run_classes SET images = c.i, detections = c.n
      FROM (SELECT 0 AS r, 0 AS p, 0 AS i, 0 AS n WHERE false UNION ALL ${CLASS_COUNTS}) AS c
      WHERE c.r = run_classes.run_id AND c.p = run_classes.position`)
  },
}

const posting = (classId: string): string =>
  `SELECT d.run_id, ${classId}, member_id, item_id, min(score), max(score)
    FROM detections AS d JOIN run_items ON run_items.id = item_id
    WHERE stage = 0 AND member_id IS NOT NULL GROUP BY d.run_id, 2, member_id`
const POSTINGS = `${posting('class_id')} UNION ALL ${posting('0')}`

const postings: Derived = {
  code: 'E_FACETS_WRONG',
  what: 'entries of the lists of what runs have found',
  wrong: (db) =>
    differences(
      db,
      POSTINGS,
      'SELECT run_id, class_id, member_id, item_id, min_score, max_score FROM run_postings',
    ),
  recompute(db) {
    db.exec(`DELETE FROM run_postings; INSERT INTO run_postings ${POSTINGS}`)
  },
}

const JOB_COUNTS = `SELECT jobs.id, count(i.id), coalesce(sum(i.state = 1), 0), coalesce(sum(i.state = 2), 0),
    coalesce(sum(i.state = 3), 0) FROM jobs LEFT JOIN job_items AS i ON job_id = jobs.id GROUP BY jobs.id`

const jobCounts: Derived = {
  code: 'E_COUNTERS_WRONG',
  what: 'counters of jobs',
  wrong: (db) => differences(db, JOB_COUNTS, 'SELECT id, total, running, done, failed FROM jobs'),
  recompute(db) {
    db.exec(`UPDATE jobs SET total = c.t, running = c.r, done = c.d, failed = c.f
      FROM (SELECT 0 AS id, 0 AS t, 0 AS r, 0 AS d, 0 AS f WHERE false UNION ALL ${JOB_COUNTS}) AS c
      WHERE c.id = jobs.id`)
  },
}

const search = (table: string): Derived => ({
  code: 'E_SEARCH_WRONG',
  what: `the full-text index ${table}`,
  wrong(db) {
    try {
      db.run(`INSERT INTO ${table} (${table}, rank) VALUES ('integrity-check', 1)`)
      return 0
    } catch {
      return 1
    }
  },
  recompute(db) {
    db.run(`INSERT INTO ${table} (${table}) VALUES ('rebuild')`)
  },
})

/** In the order in which they rest on one another. */
export const derived: readonly Derived[] = [
  facets,
  facetCounts,
  runCounts,
  classCounts,
  postings,
  jobCounts,
  search('member_search'),
  search('class_search'),
  search('label_search'),
]

/** Rows that one of the two has and the other has not. */
function differences(db: Db, expected: string, stored: string): number {
  const only = (a: string, b: string): number =>
    db.value<number>(`SELECT count(*) FROM (SELECT * FROM (${a}) EXCEPT SELECT * FROM (${b}))`) ?? 0
  return Math.max(only(expected, stored), only(stored, expected))
}

export function withoutTriggers(db: Db, names: readonly string[], act: () => void): void {
  const triggers = names.map((name) =>
    db.value<string>("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?", name),
  )
  for (const name of names) db.exec(`DROP TRIGGER ${name}`)
  act()
  for (const sql of triggers) if (sql !== undefined) db.exec(sql)
}
