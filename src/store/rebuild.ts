import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Db } from './db'
import { readLock, isStale } from './lock'
import { migrate, requireSound } from './migrate'
import { migrations } from './migrations'
import { finishRebuild, LOGS, PROJECT_FILE, REBUILDING_FILE } from './project-file'
import { derived } from './recompute'
import { readRows } from './salvage'
import { projectDamaged, projectLocked } from './store-errors'

export interface RebuildOutcome {
  /** How many rows were read. */
  readonly rows: number
  /** Places that could not be read, and rows that spoke of what is lost. */
  readonly lost: number
  /** Name of the damaged file, beside the new one. */
  readonly kept: string
}

/** Parents before children. What follows from the rest is not read but made anew. */
const TABLES =
  `settings images folders files datasets splits classes labels tags categories members imports import_problems
  objects patches undo_actions undo_changes runs run_classes run_items detections masks traces certificates jobs
  job_items`.split(/\s+/)

/**
 * Reads what can be read of a damaged project into a new file, which then takes its place. The damaged one is kept beside
 * it, with its log; nothing is deleted.
 * @throws AppError E_PROJECT_DAMAGED where nothing can be read, E_PROJECT_LOCKED, E_DISK_FULL; the file is then as it was
 */
export async function rebuild(folder: string): Promise<RebuildOutcome> {
  const root = resolve(folder)
  const path = join(root, PROJECT_FILE)
  const fresh = join(root, REBUILDING_FILE)
  finishRebuild(root)
  remove(fresh)
  const old = new Db(path, { readonly: true })
  const target = new Db(fresh, { synchronous: 'OFF' })
  let counts: { rows: number; lost: number }
  try {
    requireUnlocked(old)
    await migrate(target, migrations)
    target.exec(`CREATE TABLE writer_lock (
      id INTEGER PRIMARY KEY CHECK (id = 1), pid INTEGER NOT NULL, started TEXT NOT NULL, host TEXT NOT NULL,
      token TEXT NOT NULL, heartbeat_ms INTEGER NOT NULL) STRICT`)
    counts = copyTables(old, target)
    target.pragma('synchronous = FULL')
    requireSound(target)
  } catch (error) {
    target.close()
    remove(fresh)
    throw error
  } finally {
    old.close()
  }
  target.close()
  const kept = freeName(root)
  // Whatever step the program is killed in, the old file is there, or else the new one is whole: see `finishRebuild`.
  for (const suffix of LOGS) {
    if (existsSync(path + suffix)) copyFileSync(path + suffix, join(root, kept) + suffix)
  }
  renameSync(path, join(root, kept))
  finishRebuild(root)
  return { ...counts, kept }
}

function copyTables(old: Db, target: Db): { rows: number; lost: number } {
  let [rows, lost] = [0, 0]
  target.pragma('foreign_keys = OFF')
  target.transaction(() => {
    const triggers = target.all<{ name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'",
    )
    for (const { name } of triggers) target.exec(`DROP TRIGGER ${name}`)
    for (const table of TABLES) {
      const outcome = readRows(old, table, (row) => {
        const columns = Object.keys(row)
        const { changes } = target.run(
          `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
          ...Object.values(row),
        )
        rows += changes
      })
      lost += outcome.lost
    }
    if (rows === 0) throw projectDamaged(old.path, 'no row of it can be read')
    lost += dropOrphans(target)
    for (const { sql } of triggers) target.exec(sql)
    for (const each of derived) each.recompute(target)
  })
  target.pragma('foreign_keys = ON')
  return { rows, lost }
}

/** Rows whose parents are lost, and then theirs. */
function dropOrphans(db: Db): number {
  let dropped = 0
  for (;;) {
    const orphans = db
      .pragmaRows<{ table: string; rowid: number | null }>('foreign_key_check')
      .filter(({ rowid }) => rowid !== null)
    if (orphans.length === 0) break
    for (const { table, rowid } of orphans) {
      dropped += db.run(`DELETE FROM ${table} WHERE rowid = ?`, rowid).changes
    }
  }
  // Has no row ids to be named by.
  dropped += db.run('DELETE FROM run_classes WHERE run_id NOT IN (SELECT id FROM runs)').changes
  dropped += db.run(
    'DELETE FROM run_classes WHERE class_id NOT IN (SELECT id FROM classes)',
  ).changes
  return dropped
}

function requireUnlocked(old: Db): void {
  let holder
  try {
    holder = readLock(old)
  } catch {
    return // damaged just there
  }
  if (holder && !isStale(holder)) throw projectLocked(old.path, `process ${holder.pid}`)
}

function freeName(root: string): string {
  for (let k = 1; ; k++) {
    const name = `project.damaged-${k}.sqlite`
    if (['', ...LOGS].every((suffix) => !existsSync(join(root, name + suffix)))) return name
  }
}

function remove(path: string): void {
  for (const suffix of ['', ...LOGS, '-journal']) rmSync(path + suffix, { force: true })
}
