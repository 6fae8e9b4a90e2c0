import type { z } from 'zod'
import type { JsonValue } from '../shared/dataset'

/**
 * One kind of reference case: takes the case's `input`, answers what its `expected` holds.
 * Throws a ZodError or an AppError where the input does not fit.
 */
export type CaseKind = (input: JsonValue) => JsonValue

/** A kind whose input is checked before it runs. */
export function caseKind<S extends z.ZodType>(
  schema: S,
  run: (input: z.output<S>) => JsonValue,
): CaseKind {
  return (input) => run(schema.parse(input))
}
