import type { FileSource } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'

/**
 * The root holds nothing that the format reads. Refused, because an import of nothing would look like one that worked.
 * @param wanted what was looked for: `no list of tasks`
 */
export function noAnnotations(files: FileSource, wanted: string, hint: string): AppError {
  const place = showPath(files.entry ?? files.rootName)
  return new AppError('E_NO_ANNOTATIONS', `${place} holds ${wanted}.`, hint)
}
