import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { toErrorRecord } from '../shared/errors'
import { CACHE_FILE, ThumbnailCache } from './cache'
import { Db } from './db'
import { isStale, readLock } from './lock'
import { foreignKeyFaults, integrityFaults, requireCurrent } from './migrate'
import { migrations } from './migrations'
import { folderWarning } from './network-folder'
import { openProject, type Project } from './project'
import { finishRebuild, PROJECT_FILE, REBUILDING_FILE } from './project-file'
import { rebuild } from './rebuild'
import { derived } from './recompute'
import { isAppError } from './sqlite-fault'

export interface DoctorOptions {
  /** Put right what can be recomputed; needs the project for itself. */
  readonly repair?: boolean
  /**
   * Reads a file and answers the SHA-256 of its bytes, or null if it is not there. Without it originals are not looked at.
   */
  readonly hashFile?: (path: string) => Promise<string | null>
  readonly signal?: AbortSignal
}

export interface Finding {
  /** `E_…` for what is wrong, `W_…` for what is worth knowing. */
  readonly code: string
  readonly message: string
  readonly repaired: boolean
}

const EXAMPLES = 3

/**
 * Examines a project. Without `repair` nothing is written, and the project may be in use. A damaged file is rebuilt from
 * what can be read when `repair` is set, and kept beside the new one.
 * @throws AppError E_PROJECT_LOCKED (`repair` while it is open elsewhere), E_DISK_FULL; AbortError
 */
export async function doctor(folder: string, options: DoctorOptions = {}): Promise<Finding[]> {
  const root = resolve(folder)
  const repair = options.repair ?? false
  const findings: Finding[] = []
  const say = (code: string, message: string, repaired = false): void => {
    findings.push({ code, message, repaired })
  }
  const isCutOff = !existsSync(join(root, PROJECT_FILE)) && existsSync(join(root, REBUILDING_FILE))
  if (isCutOff) {
    if (repair) finishRebuild(root)
    say('E_REBUILD_CUT_OFF', `A rebuild of ${PROJECT_FILE} was cut off in its last step.`, repair)
    if (!repair) return findings
  }
  if (!existsSync(join(root, PROJECT_FILE))) {
    say('E_PROJECT_NOT_FOUND', `There is no project in ${root}.`)
    return findings
  }
  const warning = folderWarning(root)
  if (warning) say(warning.code, warning.message)
  const faults = examineFile(root, repair, say)
  if (faults.length > 0) {
    const outcome = repair ? await tryRebuild(root) : null
    say(
      'E_PROJECT_DAMAGED',
      [
        `${PROJECT_FILE} is damaged: ${faults.slice(0, EXAMPLES).join('; ')}.`,
        outcome ?? 'Nothing was changed.',
      ].join(' '),
      outcome?.startsWith('Recovered') ?? false,
    )
    return findings
  }
  if (findings.some(({ code, repaired }) => code.startsWith('E_PROJECT_') && !repaired)) {
    return findings
  }
  await examineContents(root, options, say)
  return findings
}

type Say = (code: string, message: string, repaired?: boolean) => void

/** The file itself: what SQLite finds wrong with it. */
function examineFile(root: string, repair: boolean, say: Say): string[] {
  let db: Db | null = null
  try {
    db = new Db(join(root, PROJECT_FILE), { readonly: true })
    const holder = readLock(db)
    if (holder && isStale(holder)) {
      say('W_LOCK_STALE', `Process ${holder.pid} died while it had the project open.`, repair)
    }
    requireCurrent(db, migrations)
    const faults = integrityFaults(db)
    return faults.length > 0 ? faults : foreignKeyFaults(db)
  } catch (error) {
    if (isAppError(error, 'E_PROJECT_DAMAGED')) return [error.message]
    const { code, message } = toErrorRecord(error)
    say(code, message)
    return []
  } finally {
    db?.close()
  }
}

async function tryRebuild(root: string): Promise<string> {
  try {
    const { rows, lost, kept } = await rebuild(root)
    return `Recovered ${rows} rows into a new file${lost > 0 ? `, ${lost} places could not be read` : ''}; the old one is kept as ${kept}.`
  } catch (error) {
    if (isAppError(error, 'E_PROJECT_LOCKED') || isAppError(error, 'E_DISK_FULL')) throw error
    return `Nothing could be recovered: ${toErrorRecord(error).message} The file is as it was.`
  }
}

async function examineContents(root: string, options: DoctorOptions, say: Say): Promise<void> {
  const repair = options.repair ?? false
  // Opening takes over a stale lock and puts work that was cut off back into the queue.
  const project = repair ? await openProject(root) : null
  const db = new Db(join(root, PROJECT_FILE))
  try {
    db.pragma('temp_store = FILE')
    checkDerived(db, repair, say)
    if (options.hashFile) await checkOriginals(db, project, options.hashFile, options.signal, say)
    checkCache(root, db, repair, say)
  } finally {
    db.close()
    await project?.close()
  }
}

function checkDerived(db: Db, repair: boolean, say: Say): void {
  for (const each of derived) {
    try {
      const wrong = each.wrong(db)
      if (wrong === 0) continue
      if (repair) {
        db.transaction(() => {
          each.recompute(db)
        })
      }
      say(each.code, `${wrong} ${each.what} ${wrong === 1 ? 'is' : 'are'} not right.`, repair)
    } catch (error) {
      if (!isAppError(error, 'E_PROJECT_BUSY')) throw error
      say('W_NOT_CHECKED', `${each.what} could not be checked while the project is written to.`)
    }
  }
}

interface OriginalRow {
  readonly id: number
  readonly folder: string
  readonly path: string
  readonly sha256: string
}

async function checkOriginals(
  db: Db,
  project: Project | null,
  hashFile: NonNullable<DoctorOptions['hashFile']>,
  signal: AbortSignal | undefined,
  say: Say,
): Promise<void> {
  const found = { missing: [] as string[], changed: [] as string[] }
  const count = { missing: 0, changed: 0 }
  let place = 0
  for (;;) {
    const files = db.all<OriginalRow>(
      `SELECT files.id, folders.path AS folder, files.path, sha256 FROM files
        CROSS JOIN folders ON folders.id = folder_id CROSS JOIN images ON images.id = image_id
        WHERE files.id > ? ORDER BY files.id LIMIT 200`,
      place,
    )
    if (files.length === 0) break
    for (const { id, folder, path, sha256 } of files) {
      signal?.throwIfAborted()
      place = id
      const now = await hashFile(join(folder, path))
      const state = now === null ? 'missing' : now === sha256 ? null : 'changed'
      if (state === null) continue
      count[state]++
      if (found[state].length < EXAMPLES) found[state].push(join(folder, path))
      project?.files.record([{ fileId: id, state }])
    }
  }
  const marked = project === null ? '' : ' They are marked so.'
  for (const state of ['missing', 'changed'] as const) {
    if (count[state] === 0) continue
    const [code, how] =
      state === 'missing'
        ? ['E_ORIGINAL_MISSING', 'no longer there']
        : ['E_ORIGINAL_CHANGED', 'changed since they were read']
    const examples = found[state].join(', ')
    say(code, `${count[state]} originals are ${how}, such as ${examples}.${marked}`)
  }
}

function checkCache(root: string, db: Db, repair: boolean, say: Say): void {
  if (!existsSync(join(root, CACHE_FILE))) return
  using cache = new ThumbnailCache(root)
  const isKnown = (sha256: string): boolean =>
    db.value<number>('SELECT 1 FROM images WHERE sha256 = ?', sha256) !== undefined
  const orphans = cache.sweep(isKnown, repair)
  if (orphans > 0) say('W_CACHE_ORPHANS', `${orphans} thumbnails are of no picture here.`, repair)
}
