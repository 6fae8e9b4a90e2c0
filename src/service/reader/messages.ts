import type { ErrorRecord } from '../../shared/errors'
import type { Input, Output } from '../../shared/api'

/** Procedures that read so much that they have a process of their own. */
export const readerProcedures = [
  'results.summary',
  'results.perClass',
  'results.precisionRecall',
  'results.coverage',
  'results.times',
  'results.transitions',
  'results.images',
  'certificates.curves',
  'export.preview',
  'project.doctor',
] as const
export type ReaderProcedure = (typeof readerProcedures)[number]
/** Those that ask a project that is open, which the doctor's patient may not be. */
export type ProjectQuestion = Exclude<ReaderProcedure, 'project.doctor'>

export type ReaderInput<N extends ReaderProcedure> = Input<N>
export type ReaderOutput<N extends ReaderProcedure> = Output<N>

export interface ToReader {
  readonly id: number
  readonly folder: string
  readonly name: ReaderProcedure
  readonly input: unknown
}

export type FromReader =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ErrorRecord }
