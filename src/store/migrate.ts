import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Db } from './db'
import { projectDamaged, projectNewer, projectNotFound, projectOlder } from './store-errors'

/** One step of the layout. Never changed once released: what is wrong is put right by a later one. */
export interface Migration {
  /** One-based, without gaps. */
  readonly version: number
  readonly sql: string
}

/** Marks our files: the letters PWAR. */
export const APPLICATION_ID = 0x50574152

export interface MigrationOutcome {
  readonly from: number
  readonly to: number
  /** Copy of the file as it was; null for a new file or one that was up to date. */
  readonly copy: string | null
}

/**
 * What version a file has, 0 for an empty one. Nothing is written.
 * @throws AppError E_PROJECT_DAMAGED for a file of another program, E_PROJECT_NEWER
 */
export function versionOf(db: Db, known: number): number {
  const version = Number(db.pragma('user_version'))
  const application = Number(db.pragma('application_id'))
  const tables = db.value<number>('SELECT count(*) FROM sqlite_schema') ?? 0
  if (application !== APPLICATION_ID && tables > 0) {
    throw projectDamaged(db.path, 'it is a database of another program')
  }
  if (version > known) throw projectNewer(db.path, version, known)
  return version
}

/** @throws AppError E_PROJECT_NOT_FOUND (the file is empty yet), E_PROJECT_OLDER, E_PROJECT_NEWER, E_PROJECT_DAMAGED */
export function requireCurrent(db: Db, migrations: readonly Migration[]): void {
  const version = versionOf(db, migrations.length)
  if (version === 0) throw projectNotFound(dirname(db.path))
  if (version < migrations.length) throw projectOlder(db.path, version, migrations.length)
}

/**
 * Brings a file up to date: a copy first, then each step in a transaction of its own that ends with a check of the whole
 * file. A step that fails leaves the file as the step before left it. A new file is made in one transaction: whoever is
 * killed meanwhile leaves none, and not one that seems to be of an older version.
 * @throws AppError E_PROJECT_NEWER, E_PROJECT_DAMAGED, E_DISK_FULL
 */
export async function migrate(db: Db, migrations: readonly Migration[]): Promise<MigrationOutcome> {
  const from = versionOf(db, migrations.length)
  const to = migrations.length
  if (from === to) return { from, to, copy: null }
  const copy = from === 0 ? null : `${db.path}.before-version-${from + 1}`
  if (copy !== null) {
    rmSync(copy, { force: true }) // left by an attempt that was cut off
    await db.backup(copy)
  }
  const missing = migrations.slice(from)
  const turns = from === 0 ? [missing] : missing.map((step) => [step])
  for (const steps of turns) {
    db.transaction(() => {
      for (const { version, sql } of steps) {
        db.exec(sql)
        db.pragma(`application_id = ${APPLICATION_ID}`)
        db.pragma(`user_version = ${version}`)
      }
      requireSound(db)
    })
  }
  return { from, to, copy }
}

/** @throws AppError E_PROJECT_DAMAGED with the first fault found */
export function requireSound(db: Db): void {
  const fault = integrityFaults(db, 1)[0] ?? foreignKeyFaults(db)[0]
  if (fault !== undefined) throw projectDamaged(db.path, fault)
}

/** What `integrity_check` says, without its "ok". */
export function integrityFaults(db: Db, atMost = 100): string[] {
  return db
    .pragmaRows<{ integrity_check: string }>(`integrity_check(${atMost})`)
    .map((row) => row.integrity_check)
    .filter((text) => text !== 'ok')
}

/** Rows that point at rows that are not there, as sentences. */
export function foreignKeyFaults(db: Db): string[] {
  return db
    .pragmaRows<{ table: string; rowid: number | null; parent: string }>('foreign_key_check')
    .map(({ table, rowid, parent }) => `row ${rowid ?? '?'} of ${table} points at no ${parent}`)
}
