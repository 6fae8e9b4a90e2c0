import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { makeFolder } from '../engine/files/make-folder'
import { writeFault } from '../engine/files/write-file'
import { Db } from './db'
import { fileExists } from './store-errors'

/**
 * Writes a consistent copy of the database, whole or not at all: under another name first, which is then given up for the
 * right one. The copy holds no lock.
 * @throws AppError E_FILE_EXISTS, E_DISK_FULL, E_WRITE_DENIED, E_WRITE_FAILED
 */
export async function backupTo(db: Db, target: string): Promise<void> {
  const path = resolve(target)
  if (existsSync(path)) throw fileExists(path)
  const unfinished = `${path}.unfinished`
  try {
    makeFolder(dirname(path))
    rmSync(unfinished, { force: true })
    await db.backup(unfinished)
    unlock(unfinished)
    renameSync(unfinished, path)
  } catch (error) {
    for (const suffix of ['', '-wal', '-shm', '-journal']) {
      rmSync(unfinished + suffix, { force: true })
    }
    throw error instanceof Error && 'syscall' in error ? writeFault(path, error) : error
  }
}

/** One file that stands alone: no log beside it, and no writer in it. */
function unlock(path: string): void {
  const copy = new Db(path)
  try {
    copy.pragma('journal_mode = DELETE')
    copy.exec('DELETE FROM writer_lock')
  } finally {
    copy.close()
  }
}
