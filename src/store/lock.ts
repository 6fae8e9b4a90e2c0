import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Db } from './db'
import { APPLICATION_ID } from './migrate'
import { isRunning, startOfProcess } from './process-identity'
import { projectLocked, projectLockLost } from './store-errors'

/** Who holds a project for writing. */
export interface LockHolder {
  readonly pid: number
  /** See `startOfProcess`. */
  readonly started: string
  readonly host: string
  readonly token: string
  /** Milliseconds since 1970. */
  readonly heartbeatMs: number
}

const BEAT_EVERY_MS = 10_000
/** A holder whose process cannot be looked at (another host) counts as gone after this long without a sign. */
const SILENT_AFTER_MS = 60_000

/** The right to write to a project: one process has it, and says so in the file. */
export class WriterLock {
  readonly #db: Db
  readonly #token = randomUUID()
  readonly #timer: NodeJS.Timeout
  /** While a long transaction of our own is under way, a beat would only wait for it. */
  isQuiet = false
  /** The holder that had died and was replaced, if any. */
  readonly takenOverFrom: LockHolder | null

  /** @throws AppError E_PROJECT_LOCKED naming the holder */
  constructor(db: Db) {
    this.#db = db
    this.takenOverFrom = db.transaction(() => {
      db.exec(`CREATE TABLE IF NOT EXISTS writer_lock (
        id INTEGER PRIMARY KEY CHECK (id = 1), pid INTEGER NOT NULL, started TEXT NOT NULL, host TEXT NOT NULL,
        token TEXT NOT NULL, heartbeat_ms INTEGER NOT NULL) STRICT`)
      db.pragma(`application_id = ${APPLICATION_ID}`) // a new file that gets no further is still known as ours
      const holder = readLock(db)
      if (holder && !isStale(holder)) throw projectLocked(db.path, nameOf(holder))
      db.run(
        'INSERT OR REPLACE INTO writer_lock VALUES (1, ?, ?, ?, ?, ?)',
        process.pid,
        startOfProcess(process.pid),
        hostname(),
        this.#token,
        Date.now(),
      )
      return holder
    })
    this.#timer = setInterval(() => {
      this.#beat()
    }, BEAT_EVERY_MS)
    this.#timer.unref()
  }

  /** To be called inside every writing transaction. @throws AppError E_PROJECT_LOCKED */
  require(): void {
    const token = this.#db.value<string>('SELECT token FROM writer_lock WHERE id = 1')
    if (token !== this.#token) throw projectLockLost(this.#db.path)
  }

  release(): void {
    clearInterval(this.#timer)
    this.#db.run('DELETE FROM writer_lock WHERE token = ?', this.#token)
  }

  /** Stops the heartbeat without touching the file: for a file that can no longer be written to. */
  abandon(): void {
    clearInterval(this.#timer)
  }

  #beat(): void {
    if (this.isQuiet) return
    try {
      this.#db.run(
        'UPDATE writer_lock SET heartbeat_ms = ? WHERE token = ?',
        Date.now(),
        this.#token,
      )
    } catch {
      // A full disk or a long write of our own: the next beat tries again, and every write looks at the lock itself.
    }
  }
}

/** Who holds the lock, dead or alive; null if it is free. */
export function readLock(db: Db): LockHolder | null {
  const hasTable = db.value<number>(
    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'writer_lock'",
  )
  if (hasTable === undefined) return null
  return (
    db.get<LockHolder>(
      'SELECT pid, started, host, token, heartbeat_ms AS heartbeatMs FROM writer_lock WHERE id = 1',
    ) ?? null
  )
}

/** Whether the holder is certainly, or after a minute of silence presumably, gone. */
export function isStale(holder: LockHolder, nowMs = Date.now()): boolean {
  const silent = Math.abs(nowMs - holder.heartbeatMs) > SILENT_AFTER_MS
  if (holder.host !== hostname()) return silent
  if (!isRunning(holder.pid)) return true
  const start = startOfProcess(holder.pid)
  // Without a start to compare, a process of the same number that gives no sign is another one.
  return start === '' || holder.started === '' ? silent : start !== holder.started
}

function nameOf({ pid, host, heartbeatMs }: LockHolder): string {
  const where = host === hostname() ? '' : ` on ${host}`
  return `process ${pid}${where}, last heard of at ${new Date(heartbeatMs).toISOString()}`
}
