import { app, dialog, type BrowserWindow } from 'electron'
import type { CoreStatus } from '../shared/desktop'

/** A core that cannot run is told by the system's own dialog: a page without a core has nothing to show. */
export async function tellCoreFailure(
  window: BrowserWindow | undefined,
  { error }: CoreStatus,
  tryAgain: () => void,
): Promise<void> {
  if (!window || window.isDestroyed()) return
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: error ? `${error.message} (${error.code})` : 'Patchwarden cannot start',
    detail: error?.hint ?? '',
    buttons: ['Try again', 'Quit'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  })
  if (response === 0) tryAgain()
  else app.quit()
}
