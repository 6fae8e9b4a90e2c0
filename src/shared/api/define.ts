import type { z } from 'zod'

/** One thing that a backend does: its name on the wire is its key in `procedures`. */
export interface Procedure<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  /** One line, for the OpenAPI document and for people. */
  readonly summary: string
  /** A write changes the project, starts something, or touches files; a read may be repeated at will. */
  readonly effect: 'read' | 'write'
  readonly input: I
  readonly output: O
}

export interface EventKind<D extends z.ZodType = z.ZodType> {
  readonly summary: string
  readonly data: D
}

export const read = <I extends z.ZodType, O extends z.ZodType>(
  summary: string,
  input: I,
  output: O,
): Procedure<I, O> => ({ summary, effect: 'read', input, output })

export const write = <I extends z.ZodType, O extends z.ZodType>(
  summary: string,
  input: I,
  output: O,
): Procedure<I, O> => ({ summary, effect: 'write', input, output })

export const eventKind = <D extends z.ZodType>(summary: string, data: D): EventKind<D> => ({
  summary,
  data,
})
