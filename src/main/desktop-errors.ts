import { AppError } from '../shared/errors'

export const externalLinkRefused = (url: string): AppError =>
  new AppError(
    'E_LINK_REFUSED',
    `this link is not opened: ${url.slice(0, 200)}`,
    'Only https pages of known hosts are opened. Copy the address to your browser if you trust it.',
  )

export const fileWithoutPath = (): AppError =>
  new AppError(
    'E_FILE_WITHOUT_PATH',
    'what was dropped is not a file of this computer',
    'Save it to a folder first, then drop the file.',
  )

export const notAFileOrFolder = (name: string): AppError =>
  new AppError(
    'E_GRANT_REFUSED',
    `"${name}" cannot be opened: it is gone, unreadable, or neither a file nor a folder`,
    'Check that it is still there and that you may read it, then try again.',
  )

export const grantUnknown = (id: string): AppError =>
  new AppError(
    'E_GRANT_UNKNOWN',
    `nothing was granted under ${id}`,
    'Choose the file or folder again: grants end with the app.',
  )

export const requestRefused = (channel: string): AppError =>
  new AppError(
    'E_REQUEST_REFUSED',
    `the request "${channel}" was not understood`,
    'This is a fault in Patchwarden: please report what you were doing.',
  )

export const coreNotRunning = (): AppError =>
  new AppError(
    'E_CORE_NOT_RUNNING',
    'the core of Patchwarden is not running',
    'It is being started again; nothing that was stored is lost.',
  )

export const coreDied = (reason: string): AppError =>
  new AppError(
    'E_CORE_DIED',
    `the core of Patchwarden ended again and again, the last time it ${reason}`,
    'Nothing that was stored is lost. Try again; if it keeps failing, run "patchwarden doctor".',
  )

export const updateFailed = (cause: unknown): AppError =>
  new AppError(
    'E_UPDATE_FAILED',
    'the update could not be had',
    'Check the connection and try again later. This version keeps working.',
    { cause },
  )
