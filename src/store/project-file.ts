import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeFault } from '../engine/files/write-file'

export const PROJECT_FILE = 'project.sqlite'
/** A damaged project is rebuilt in this file, which then takes the place of the other one. */
export const REBUILDING_FILE = 'project.rebuilding.sqlite'
/** What SQLite keeps beside its file. */
export const LOGS = ['-wal', '-shm'] as const

/** Whether a project lies in the folder `root`; also one whose rebuild was cut off. */
export const hasProject = (root: string) =>
  [PROJECT_FILE, REBUILDING_FILE].some((name) => existsSync(join(root, name)))

/**
 * Puts a rebuilt project into its place where the damaged one has been moved away already: a rebuild may have been killed
 * just then. Answers whether it did.
 * @throws AppError E_DISK_FULL, E_WRITE_DENIED, E_WRITE_FAILED
 */
export function finishRebuild(root: string): boolean {
  const path = join(root, PROJECT_FILE)
  const fresh = join(root, REBUILDING_FILE)
  // While the new file is being written, the old one is there.
  if (existsSync(path) || !existsSync(fresh)) return false
  try {
    // The log of the old file must not be taken for one of the new file; there is a copy of it.
    for (const suffix of LOGS) rmSync(path + suffix, { force: true })
    renameSync(fresh, path)
  } catch (error) {
    throw writeFault(path, error)
  }
  return true
}
