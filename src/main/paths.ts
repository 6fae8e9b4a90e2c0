import { app } from 'electron'
import { join } from 'node:path'

export type AppPaths = ReturnType<typeof appPaths>

/** Where the parts of the app lie, in a checkout and in a package. */
export function appPaths() {
  const built = join(import.meta.dirname, '..')
  const userData = app.getPath('userData')
  return {
    bundleFolder: join(built, 'renderer'),
    preload: join(built, 'preload', 'index.cjs'),
    coreEntry: join(built, 'main', 'core.js'),
    workerEntry: join(built, 'main', 'utility-worker.js'),
    /** Holds `models/`; in a package they are resources, outside the archive. */
    packageRoot: app.isPackaged ? process.resourcesPath : app.getAppPath(),
    /** Made by the packaging of a release: where updates come from. */
    updateSource: join(process.resourcesPath, 'app-update.yml'),
    preferences: join(userData, 'preferences.json'),
    windowState: join(userData, 'window.json'),
    log: join(app.getPath('logs'), 'main.log'),
  }
}
