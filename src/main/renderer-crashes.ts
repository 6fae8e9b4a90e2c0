import { dialog, type BrowserWindow } from 'electron'
import type { Log } from './log'

const CRASHES_ALLOWED = 3
const WITHIN_MS = 60_000

/** A page that died is loaded again; one that keeps dying is left to the user, who can try again or quit. */
export function reviveCrashedPages(window: BrowserWindow, log: Log): void {
  let crashes: number[] = []
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    log(`the page ended: ${reason} (${exitCode})`)
    const now = performance.now()
    crashes = [...crashes.filter((time) => now - time < WITHIN_MS), now]
    if (crashes.length <= CRASHES_ALLOWED) window.webContents.reload()
    else void askUser(window)
  })
}

async function askUser(window: BrowserWindow): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: 'The window keeps failing',
    detail: 'Your project is safe: everything is stored as you work.',
    buttons: ['Try again', 'Close'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  })
  if (window.isDestroyed()) return
  if (response === 0) window.webContents.reload()
  else window.destroy()
}
