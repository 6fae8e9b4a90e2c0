import type { Db } from './db'

/** What became of one picture in a run, in short: for lists of many pictures. */
export interface RunMark {
  readonly itemId: number
  readonly memberId: number | null
  readonly isDone: boolean
  readonly detections: number
  readonly maxScore: number | null
  /** Of the completion; null where there was none. */
  readonly rung: number | null
  /** Patches that the defense took out; null where it does not say. */
  readonly parts: number | null
  /** 0..1 of the picture; null where the defense does not say. */
  readonly removedFraction: number | null
}

interface Row extends Omit<RunMark, 'isDone'> {
  readonly isDone: number
}

/** Sums of the stages of a run's first pictures, in milliseconds. */
export function runTimes(db: Db, runId: number, limit: number): number[] {
  return db.column<number>(
    `SELECT total(json_extract(j.value, '$.ms')) AS ms FROM
      (SELECT id FROM run_items INDEXED BY run_items_in_order
        WHERE run_id = ? AND error IS NULL ORDER BY id LIMIT ?) AS i
      CROSS JOIN traces ON traces.item_id = i.id CROSS JOIN json_each(stages) AS j GROUP BY i.id`,
    runId,
    limit,
  )
}

/** Marks of a run's items after `afterItem`, in the order of their ids: a long read, of some milliseconds a thousand. */
export function runMarks(db: Db, runId: number, afterItem: number, limit: number): RunMark[] {
  return db
    .all<Row>(
      `SELECT i.id AS itemId, member_id AS memberId, error IS NULL AS isDone, detections, max_score AS maxScore,
        json_extract(notes, '$.rung') AS rung, json_extract(notes, '$.parts') AS parts,
        json_extract(notes, '$.removedFraction') AS removedFraction
        FROM run_items AS i INDEXED BY run_items_in_order LEFT JOIN traces ON traces.item_id = i.id
        WHERE run_id = ? AND i.id > ? ORDER BY i.id LIMIT ?`,
      runId,
      afterItem,
      limit,
    )
    .map((row) => ({ ...row, isDone: row.isDone === 1 }))
}
