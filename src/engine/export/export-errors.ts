import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'

export const targetNotEmpty = (path: string) =>
  new AppError(
    'E_TARGET_NOT_EMPTY',
    `The folder ${showPath(path)} is not empty; nothing was written.`,
    'Choose a new folder. "export" also takes --replace: all that is in the folder is then removed.',
  )

export const targetExists = (path: string) =>
  new AppError(
    'E_TARGET_EXISTS',
    `There is already a file ${showPath(path)}; nothing was written.`,
    'Choose another name. "export" also takes --replace.',
  )

export const targetIsInput = (path: string, input: string) =>
  new AppError(
    'E_TARGET_IS_INPUT',
    `Writing ${showPath(path)} would overwrite ${showPath(input)}, which the data come from; nothing was written.`,
    'Choose another place: originals are never written over, moved or removed.',
  )

export const needsFolder = (format: string, what: string) =>
  new AppError(
    'E_TARGET_NEEDS_FOLDER',
    `${what} of the format ${format} makes a folder of files, and no folder was given.`,
    'Give a folder to write to.',
  )
