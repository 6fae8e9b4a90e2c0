import { z } from 'zod'
import { eventKind } from './define'
import { job } from './runs'
import { errorRecord, id } from './values'

export const events = {
  job: eventKind(
    'A job has moved or changed its state; at most ten a second for each.',
    z.object({ job }),
  ),
  changed: eventKind(
    'Rows have changed: ask again for what is shown of them.',
    z.object({
      what: z.enum(['datasets', 'images', 'annotations', 'runs', 'models', 'settings', 'grants']),
      /** Pictures or runs that it is about; null: many or all. */
      ids: z.array(id).nullable(),
    }),
  ),
  project: eventKind(
    'Another project is open: all that was known of the one before is void.',
    z.object({
      /** As in `project.info`. */
      key: z.string(),
      name: z.string(),
    }),
  ),
  undo: eventKind(
    'What undo and redo would do now.',
    z.object({ undo: z.string().nullable(), redo: z.string().nullable() }),
  ),
  toast: eventKind(
    'Something that happened elsewhere and is worth telling once.',
    z.object({
      kind: z.enum(['info', 'ok', 'warn', 'bad']),
      message: z.string(),
      error: errorRecord.nullable(),
      jobId: id.nullable(),
    }),
  ),
}
