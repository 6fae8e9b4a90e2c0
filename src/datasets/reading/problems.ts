import type { ImportProblem, ImportRecord, ProblemDecision } from '../../shared/dataset'
import type { AppError } from '../../shared/errors'

/** Where in the files something is. Leave out what is not known. */
export interface Place {
  readonly file: string
  /** One-based. */
  readonly line?: number
  /** Zero-based position in the list that the record came from. */
  readonly record?: number
  /** Zero-based byte offset. */
  readonly offset?: number
}

/** Something is odd, and what it stands in is imported all the same. `code` is `W_…`; `message` names the value. */
export const warning = (place: Place, code: string, message: string): ImportProblem =>
  problem('accept-with-warning', place, code, message)

/** This record is left out, the rest of its file goes on. */
export const skipRecord = (place: Place, code: string, message: string): ImportProblem =>
  problem('skip-record', place, code, message)

/** This file is left out, the rest of the import goes on. */
export const skipFile = (place: Place, code: string, message: string): ImportProblem =>
  problem('skip-file', place, code, message)

/** What a parser threw, as a line of the report: `skipBecause('skip-record', place, error)`. */
export const skipBecause = (
  decision: ProblemDecision,
  place: Place,
  error: AppError,
): ImportProblem => problem(decision, place, error.code, error.message)

/** Wraps a problem to be yielded by an importer. */
export const problemRecord = (found: ImportProblem): ImportRecord => ({
  kind: 'problem',
  problem: found,
})

function problem(
  decision: ProblemDecision,
  { file, line, record, offset }: Place,
  code: string,
  message: string,
): ImportProblem {
  return {
    decision,
    code,
    file,
    ...(line !== undefined && { line }),
    ...(record !== undefined && { record }),
    ...(offset !== undefined && { offset }),
    message,
  }
}
