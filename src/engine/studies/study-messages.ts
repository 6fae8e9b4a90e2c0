import type { ErrorRecord } from '../../shared/errors'
import type { Locations } from '../vision-job'
import type { Study, StudyRequest } from './run-study'

export interface ToStudy {
  readonly request: StudyRequest
  readonly locations: Locations
}

export type FromStudy =
  | { readonly type: 'fault'; readonly file: string; readonly error: ErrorRecord }
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'done'; readonly study: Study }
  | { readonly type: 'failed'; readonly error: ErrorRecord }
