import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JobControl } from './jobs'
import { linkedTo } from './linked-abort'

/** Stands in a project's folder while a job is paused whose process hears nothing because it does not wait for anything. */
export const pauseFileOf = (projectFolder: string, jobId: number): string =>
  join(projectFolder, `.paused-${jobId}`)

/** Keeps the file there while the job is paused. To be aborted when the work is over. */
export async function keepPauseFile(
  path: string,
  control: JobControl,
  over: AbortSignal,
): Promise<void> {
  rmSync(path, { force: true }) // that of a process that died
  const isOver = (): boolean => over.aborted || control.signal.aborted
  try {
    while (!isOver()) {
      await aborted(linkedTo(control.pauseSignal, over).signal)
      if (isOver()) return
      writeFileSync(path, '')
      await Promise.race([control.checkpoint().catch(() => undefined), aborted(over)])
      rmSync(path, { force: true })
    }
  } finally {
    rmSync(path, { force: true })
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve()
      },
      { once: true },
    )
  })
}

/** Blocks this process until the file is gone; looks ten times a second, and asks each time whether to go on waiting. */
export function waitWhilePaused(path: string, isWaitedFor: () => boolean): void {
  const nothing = new Int32Array(new SharedArrayBuffer(4))
  while (existsSync(path) && isWaitedFor()) Atomics.wait(nothing, 0, 0, 100)
}
