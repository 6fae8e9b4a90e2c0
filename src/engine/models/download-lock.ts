import { readFile, rm, writeFile } from 'node:fs/promises'
import { writeFault } from '../files/write-file'
import { errorCode } from '../files/read-file'
import { downloadBusy, downloadNotWritten } from './pull-errors'

/**
 * Keeps two processes from writing to one partial download while `act` runs. What a process that was killed left is
 * taken over.
 * @throws AppError E_DOWNLOAD_BUSY; E_DISK_FULL, E_WRITE_DENIED, E_WRITE_FAILED; and what `act` throws
 */
export async function whileLocked<T>(path: string, id: string, act: () => Promise<T>): Promise<T> {
  await takeLock(path, id)
  try {
    return await act()
  } finally {
    await rm(path, { force: true })
  }
}

async function takeLock(path: string, id: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx', mode: 0o600 })
      return
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw downloadNotWritten(writeFault(path, error), false)
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => ''))
    if (tries > 1 || isRunning(owner)) throw downloadBusy(id, path)
    await rm(path, { force: true })
  }
}

function isRunning(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}
