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
  const why =
    skipped === 0
      ? 'no image in it'
      : `none of its ${skipped} images can be used (${groups.map(({ code }) => code).join(', ')})`
  return new AppError(
    'E_IMPORT_EMPTY',
    `Nothing was imported from ${showPath(rootName)}: ${why}.`,
    'Name the folder that holds pictures or annotations; --format insists on a format, --dry-run lists every problem.',
  )
}
