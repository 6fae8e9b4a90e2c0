import type { ImportProblem, ProblemDecision } from '../../shared/dataset/records'
import type { AppError } from '../../shared/errors'
import type { ImageWarning } from '../../shared/image-errors'

/** A line of the import report for an error that leaves out a file or a record. */
export function problemOf(
  error: AppError,
  file: string,
  decision: ProblemDecision = 'skip-file',
): ImportProblem {
  return { decision, code: error.code, file, message: error.message }
}

export function warningProblem({ code, message }: ImageWarning, file: string): ImportProblem {
  return { decision: 'accept-with-warning', code, file, message }
}
