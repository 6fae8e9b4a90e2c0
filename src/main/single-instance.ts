import { app } from 'electron'
import { isAbsolute, resolve } from 'node:path'

const MAX_PATHS = 100
const MAX_LENGTH = 4_096

/**
 * Takes the lock of the one running app. Without it, this start hands its files to the first one and must quit.
 * `opened` gets paths that a command line named: untrusted text, to be turned into grants, which fail for most of it.
 */
export function takeSingleInstance(opened: (paths: readonly string[]) => void): boolean {
  if (!app.requestSingleInstanceLock()) return false
  app.on('second-instance', (_event, argv, workingDirectory) => {
    opened(pathsOf(argv, workingDirectory, app.isPackaged))
  })
  // macOS names files by an event, also before the app is ready.
  app.on('open-file', (event, path) => {
    event.preventDefault()
    opened(path.length <= MAX_LENGTH ? [path] : [])
  })
  return true
}

/** What of a command line could be files: no options, no control characters, not too many and not too long. */
export function pathsOf(
  argv: readonly string[],
  workingDirectory: string,
  isPackaged: boolean,
): string[] {
  // An app in development is started as "electron FOLDER …".
  const own = isPackaged ? 1 : 2
  return argv
    .slice(own)
    .filter((text) => text !== '' && !text.startsWith('-') && text.length <= MAX_LENGTH)
    .filter((text) => !/\p{Cc}/u.test(text) && !/^[a-z][a-z0-9+.-]+:/i.test(text))
    .slice(0, MAX_PATHS)
    .map((text) => (isAbsolute(text) ? text : resolve(workingDirectory, text)))
}
