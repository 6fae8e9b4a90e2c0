import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Db } from './db'
import { isAppError } from './sqlite-fault'

export const CACHE_FILE = 'cache.sqlite'

export interface CacheOptions {
  /** Of all pictures together; the longest unused go first. Default 2 GiB. */
  readonly maxBytes?: number
}

const DEFAULT_MAX_BYTES = 2 * 2 ** 30
const LAYOUT = 1
/** How old the note of the last use may get before reading a picture writes. */
const USED_NOTE_MS = 3_600_000

/**
 * Thumbnails by content of the picture and size, in a file of their own that may be deleted at any time: what is damaged
 * or of another layout is made anew. Several processes may use it. Losing the last ones in a power cut does no harm.
 */
export class ThumbnailCache implements Disposable {
  readonly #db: Db
  readonly #maxBytes: number

  constructor(folder: string, options: CacheOptions = {}) {
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES
    this.#db = openCache(join(resolve(folder), CACHE_FILE))
  }

  /** `sha256` of the picture's file, with what else tells its pixels apart; `size` is the longer side in pixels. */
  get(sha256: string, size: number): Uint8Array | undefined {
    const now = Date.now()
    const row = this.#db.get<{ bytes: Uint8Array; used_ms: number }>(
      'SELECT bytes, used_ms FROM thumbnails WHERE sha256 = ? AND size = ?',
      sha256,
      size,
    )
    if (row && now - row.used_ms > USED_NOTE_MS) {
      this.#db.run(
        'UPDATE thumbnails SET used_ms = ? WHERE sha256 = ? AND size = ?',
        now,
        sha256,
        size,
      )
    }
    return row?.bytes
  }

  /** A picture that does not fit at all is not kept. */
  put(sha256: string, size: number, bytes: Uint8Array): void {
    this.#db.transaction(() => {
      this.#db.run('DELETE FROM thumbnails WHERE sha256 = ? AND size = ?', sha256, size)
      if (bytes.length > this.#maxBytes) return
      this.#db.run(
        'INSERT INTO thumbnails (sha256, size, used_ms, bytes) VALUES (?, ?, ?, ?)',
        sha256,
        size,
        Date.now(),
        bytes,
      )
      this.#makeRoom()
    })
  }

  /** Sum of all pictures. */
  get bytes(): number {
    return this.#db.value<number>('SELECT bytes FROM total') ?? 0
  }

  /** Removes pictures whose content `isKnown` does not know; answers how many, or only counts them. */
  sweep(isKnown: (sha256: string) => boolean, remove: boolean): number {
    let place = 0
    let orphans = 0
    for (;;) {
      const rows = this.#db.all<{ id: number; sha256: string }>(
        'SELECT id, sha256 FROM thumbnails WHERE id > ? ORDER BY id LIMIT 1000',
        place,
      )
      if (rows.length === 0) return orphans
      this.#db.transaction(() => {
        for (const { id, sha256 } of rows) {
          place = id
          if (isKnown(sha256)) continue
          orphans++
          if (remove) this.#db.run('DELETE FROM thumbnails WHERE id = ?', id)
        }
      })
    }
  }

  /** Removes all pictures and gives the disk its room back. */
  clear(): void {
    this.sweep(() => false, true)
    this.#db.exec('VACUUM')
    this.#db.pragma('wal_checkpoint(TRUNCATE)')
  }

  close(): void {
    this.#db.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #makeRoom(): void {
    while (this.bytes > this.#maxBytes) {
      const oldest = this.#db.value<number>(
        'SELECT id FROM thumbnails ORDER BY used_ms, id LIMIT 1',
      )
      if (oldest === undefined) return
      this.#db.run('DELETE FROM thumbnails WHERE id = ?', oldest)
    }
  }
}

function openCache(path: string): Db {
  try {
    return openLayout(path)
  } catch (error) {
    if (!isAppError(error, 'E_PROJECT_DAMAGED')) throw error
    removeCache(path)
    return openLayout(path)
  }
}

function openLayout(path: string): Db {
  let db = new Db(path, { synchronous: 'NORMAL' })
  try {
    const version = Number(db.pragma('user_version'))
    if (version !== LAYOUT && version !== 0) {
      db.close()
      removeCache(path)
      db = new Db(path, { synchronous: 'NORMAL' })
    }
    db.pragma('journal_mode = WAL')
    db.transaction(() => {
      db.exec(sql)
      db.pragma(`user_version = ${LAYOUT}`)
    })
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function removeCache(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
}

const sql = `
CREATE TABLE IF NOT EXISTS thumbnails (
  id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL, used_ms INTEGER NOT NULL, bytes BLOB NOT NULL,
  UNIQUE (sha256, size)
) STRICT;
CREATE INDEX IF NOT EXISTS thumbnails_by_use ON thumbnails (used_ms);
CREATE TABLE IF NOT EXISTS total (bytes INTEGER NOT NULL) STRICT;
INSERT INTO total SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM total);
CREATE TRIGGER IF NOT EXISTS thumbnail_added AFTER INSERT ON thumbnails BEGIN
  UPDATE total SET bytes = bytes + length(NEW.bytes);
END;
CREATE TRIGGER IF NOT EXISTS thumbnail_removed AFTER DELETE ON thumbnails BEGIN
  UPDATE total SET bytes = bytes - length(OLD.bytes);
END;
`
