import type { Db, Value } from './db'

const ROWS_A_READ = 200

/**
 * Hands over every row of a table that can be read, in the order of row ids, stepping over places that cannot. A table
 * without row ids is read up to the first fault.
 */
export function readRows(
  db: Db,
  table: string,
  take: (row: Readonly<Record<string, Value>>) => void,
): { lost: number } {
  const read = (place: number, count: number): Record<string, Value>[] | null =>
    attempt(() =>
      db.all<Record<string, Value>>(
        `SELECT rowid AS salvage_id, * FROM ${table} NOT INDEXED WHERE rowid > ? ORDER BY rowid LIMIT ?`,
        place,
        count,
      ),
    )
  const hand = ({ salvage_id: _, ...row }: Record<string, Value>): void => {
    take(row)
  }
  if (!hasRowIds(db, table)) {
    const rows = attempt(() => db.all<Record<string, Value>>(`SELECT * FROM ${table}`))
    for (const row of rows ?? []) take(row)
    return { lost: rows ? 0 : 1 }
  }
  const last = attempt(() => db.value<number>(`SELECT max(rowid) FROM ${table}`)) ?? 0
  let lost = 0
  let place = -1
  for (let count = ROWS_A_READ; ;) {
    const rows = read(place, count)
    if (rows) {
      for (const row of rows) hand(row)
      if (rows.length < count) return { lost }
      place = Number(rows.at(-1)?.['salvage_id'])
      count = ROWS_A_READ
    } else if (count > 1) {
      count = Math.max(1, Math.floor(count / 8))
    } else {
      // The next row cannot be read: look for the next place from which one can.
      lost++
      let step = 1
      while (place + step < last && read(place + step, 1) === null) step *= 2
      place += step
      if (place >= last) return { lost }
    }
  }
}

function hasRowIds(db: Db, table: string): boolean {
  return (
    attempt(() =>
      db.value<number>(`SELECT count(rowid) FROM (SELECT rowid FROM ${table} LIMIT 0)`),
    ) !== null
  )
}

function attempt<T>(act: () => T): T | null {
  try {
    return act()
  } catch {
    return null
  }
}
