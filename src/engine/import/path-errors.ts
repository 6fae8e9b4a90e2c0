import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'

export const pathEscapesRoot = (path: string) =>
  new AppError(
    'E_PATH_ESCAPES_ROOT',
    `${showPath(path)} leads out of the folder that is imported; it was not opened.`,
    'Import the folder that holds both the annotations and the pictures.',
  )
