import { AppError } from '../shared/errors'
import { showPath } from '../shared/image-errors'

export const projectLocked = (path: string, holder: string) =>
  new AppError(
    'E_PROJECT_LOCKED',
    `${showPath(path)} is open for writing in ${holder}.`,
    'Close it there, or open the project for reading only. A lock whose process is gone is taken over by itself.',
  )

export const projectLockLost = (path: string) =>
  new AppError(
    'E_PROJECT_LOCKED',
    `${showPath(path)} was taken over by another process while this one did not answer.`,
    'Open the project again. What was confirmed is stored.',
  )

export const projectBusy = (path: string, why: string) =>
  new AppError(
    'E_PROJECT_BUSY',
    `${showPath(path)} cannot be written to at this moment: ${why}.`,
    'Try again in a moment.',
  )

export const projectReadOnly = (path: string) =>
  new AppError(
    'E_PROJECT_READ_ONLY',
    `${showPath(path)} was opened for reading only.`,
    'Open the project for writing.',
  )

export const projectNotFound = (path: string) =>
  new AppError(
    'E_PROJECT_NOT_FOUND',
    `There is no project in ${showPath(path)}.`,
    'Check the folder, or make a project there by importing something into it.',
  )

export const projectNewer = (path: string, version: number, known: number) =>
  new AppError(
    'E_PROJECT_NEWER',
    `${showPath(path)} was written by a newer Patchwarden (version ${version} of its layout, known here up to ${known}).`,
    'Update Patchwarden. The file was not changed.',
  )

export const projectOlder = (path: string, version: number, known: number) =>
  new AppError(
    'E_PROJECT_OLDER',
    `${showPath(path)} has version ${version} of its layout, and ${known} is needed.`,
    'Open it once for writing: it is brought up to date, and a copy of the old file is kept.',
  )

export const projectDamaged = (path: string, reason: string, cause?: unknown) =>
  new AppError(
    'E_PROJECT_DAMAGED',
    `${showPath(path)} is damaged or no project: ${reason}.`,
    'Run `patchwarden doctor`: it says what is wrong, and `--repair` recovers what can be read into a new file.',
    { cause },
  )

export const projectUnreadable = (path: string, reason: string, cause?: unknown) =>
  new AppError(
    'E_PROJECT_UNREADABLE',
    `${showPath(path)} cannot be opened: ${reason}.`,
    'Check that you may read and write in its folder and that its disk is connected.',
    { cause },
  )

export const datasetExists = (name: string) =>
  new AppError(
    'E_DATASET_EXISTS',
    `The project already has a data set named "${name}".`,
    'Choose another name, or remove the old data set first.',
  )

export const datasetUnknown = (name: string, known: readonly string[]) =>
  new AppError(
    'E_DATASET_UNKNOWN',
    `The project has no data set "${name}".`,
    known.length > 0 ? `Known here: ${known.join(', ')}.` : 'Import one first.',
  )

export const rowUnknown = (what: string, id: number | string) =>
  new AppError(
    'E_ROW_UNKNOWN',
    `There is no ${what} ${id} in the project.`,
    'It may have been removed meanwhile: load the list again.',
  )

export const cursorInvalid = (cursor: string) =>
  new AppError(
    'E_CURSOR_INVALID',
    `"${cursor.slice(0, 80)}" is not a place in this list.`,
    'Use the cursor that came with the page before, or none to begin at the start.',
  )

export const filterInvalid = (reason: string) =>
  new AppError('E_FILTER_INVALID', `The filter cannot be used: ${reason}.`, 'Correct the filter.')

export const editInvalid = (reason: string) =>
  new AppError('E_EDIT_INVALID', `The change was not made: ${reason}.`, 'Correct the values.')

/** A stream of import records that contradicts itself. */
export const recordOutOfOrder = (code: string, message: string) =>
  new AppError(code, message, 'Nothing was imported. Check the annotation files of this data set.')

export const importCancelled = () => new DOMException('the import was cancelled', 'AbortError')

export const fileExists = (path: string) =>
  new AppError(
    'E_FILE_EXISTS',
    `${showPath(path)} is there already and was not overwritten.`,
    'Choose another name, or remove it first.',
  )
