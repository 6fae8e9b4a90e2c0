import Database from 'better-sqlite3'
import { AppError } from '../shared/errors'
import { diskFull, writeDenied, writeFailed } from '../shared/image-errors'
import { projectBusy, projectDamaged, projectUnreadable } from './store-errors'

/** Runs `act` and turns what SQLite throws into an `AppError` that names the file. */
export function guarded<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw sqliteFault(path, error)
  }
}

/** What a fault of SQLite means to a person. Anything else is given back as it is. */
export function sqliteFault(path: string, error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error
  const { code, message } = error
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') return diskFull(path, error)
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return projectDamaged(path, message, error)
  }
  if (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_LOCKED') {
    return projectBusy(path, 'another process is writing')
  }
  if (code.startsWith('SQLITE_READONLY')) return writeDenied(path, message, error)
  if (code.startsWith('SQLITE_CANTOPEN')) return projectUnreadable(path, message, error)
  if (code.startsWith('SQLITE_IOERR')) {
    return isWriteFault(code)
      ? writeFailed(path, message, error)
      : projectUnreadable(path, message, error)
  }
  return error // a constraint or a wrong statement: a fault of ours
}

function isWriteFault(code: string): boolean {
  return /WRITE|FSYNC|TRUNCATE|DELETE|CLOSE/.test(code)
}

export function isAppError(error: unknown, code: string): error is AppError {
  return error instanceof AppError && error.code === code
}
