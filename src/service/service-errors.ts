import type { ImportReport } from '../engine/import/import-report'
import { AppError } from '../shared/errors'
import { showPath } from '../shared/image-errors'

/** Nothing to store: an empty data set would only be in the way. */
export function importEmpty(rootName: string, skipped: number, report: ImportReport): AppError {
  const groups = report.groups()
  if (groups.some(({ code }) => code === 'W_IS_RESULTS_FILE')) {
    return new AppError(
      'E_IMPORT_EMPTY',
      `${showPath(rootName)} holds a list of detections (W_IS_RESULTS_FILE), and no data set.`,
      'Import it as a run of the data set that it belongs to: --as-run NAME --dataset DATASET.',
    )
  }
  const leftOut = groups
    .filter(({ decision }) => decision !== 'accept-with-warning')
    .map(({ code, count }) => `${count} x ${code}`)
  const why =
    skipped === 0
      ? leftOut.length === 0
        ? 'no image in it'
        : `all that could be in it was left out (${leftOut.join(', ')})`
      : `none of its ${skipped} images can be used (${groups.map(({ code }) => code).join(', ')})`
  return new AppError(
    'E_IMPORT_EMPTY',
    `Nothing was imported from ${showPath(rootName)}: ${why}.`,
    'Name the folder that holds pictures or annotations; --format insists on a format, --dry-run lists every problem.',
  )
}

export const importSourceUnknown = (jobId: number) =>
  new AppError(
    'E_JOB_STATE',
    `Job ${jobId} has left no report.`,
    'Only imports that have ended have one.',
  )
