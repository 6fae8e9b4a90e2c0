import { z } from 'zod'
import { read, write } from './define'
import { changeMarks } from './library'
import { selection } from './filter'
import {
  attributes,
  count,
  errorRecord,
  fraction,
  id,
  milliseconds,
  nothing,
  pageOf,
  pageRequest,
  settings,
  shortText,
} from './values'

export const jobState = z.enum(['queued', 'running', 'paused', 'cancelled', 'failed', 'done'])

export const job = z.object({
  id,
  kind: z.string(),
  name: z.string(),
  runId: id.nullable(),
  /** Of the import or export: what it made. */
  datasetId: id.nullable(),
  state: jobState,
  /** Pause or stop was asked for and is about to take effect. */
  isStopping: z.boolean(),
  /** Left by a process that ended: it waits until it is resumed. */
  isInterrupted: z.boolean(),
  canPause: z.boolean(),
  done: count,
  failed: count,
  /** null while nobody knows. */
  total: count.nullable(),
  etaMs: milliseconds.nullable(),
  perSecond: z.number().nullable(),
  createdMs: z.number(),
  finishedMs: z.number().nullable(),
  error: errorRecord.nullable(),
  /** What it did, in one sentence, once it is done. */
  summary: z.string().nullable(),
})
export type Job = z.infer<typeof job>

export const run = z.object({
  id,
  name: z.string(),
  kind: z.string(),
  state: z.enum(['running', 'finished', 'cancelled', 'failed']),
  createdMs: z.number(),
  finishedMs: z.number().nullable(),
  total: count,
  done: count,
  failed: count,
  detections: count,
  /** Id of its model. */
  detector: z.string().nullable(),
  /** Id of the defense; null: none. */
  defense: z.string().nullable(),
  /** Of runs that certify: id of the method. */
  method: z.string().nullable(),
  params: z.record(z.string(), z.json()),
  scoreThreshold: z.number().nullable(),
  dataset: z.object({ id, name: z.string() }).nullable(),
  /** Results that were read from a file, and not computed here. */
  isImported: z.boolean(),
  /** Median over its pictures; null where there are no times. */
  msPerImage: milliseconds.nullable(),
  /** Pictures that it answers differently from the run it is compared with; null where that was not done. */
  changed: count.nullable(),
  /** Job that fills it now. */
  jobId: id.nullable(),
  /** What is missing can be computed: all of its models are here and its data set is. */
  canResume: z.boolean(),
})
export type Run = z.infer<typeof run>

export const newRun = z.strictObject({
  name: shortText.optional(),
  images: selection,
  detector: shortText,
  defense: z.strictObject({ id: shortText, params: settings }).nullable(),
  scoreThreshold: fraction.optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .optional(),
  /** Also a run without defense, to compare with. */
  alsoBare: z.boolean().optional(),
})

export const runProcedures = {
  'runs.list': read(
    'Runs, newest first.',
    z.strictObject({ ...pageRequest.shape, comparedWith: id.optional() }),
    pageOf(run),
  ),
  'runs.get': read(
    'A run with its classes and manifest.',
    z.strictObject({ id }),
    z.object({
      run,
      manifest: attributes,
      classes: z.array(z.object({ name: z.string(), images: count, detections: count })),
    }),
  ),
  'runs.plan': read(
    'What a run would do, before it is started: pictures, how many are known, about how long, the same run if it exists.',
    newRun,
    z.object({
      images: count,
      known: count,
      toDo: count,
      /** From earlier runs with this detector and defense; null where nothing is known. */
      aboutMs: milliseconds.nullable(),
      sameRun: id.nullable(),
    }),
  ),
  'runs.start': write(
    'Starts a run, or goes on with the same one; the bare run first where `alsoBare` is set.',
    newRun,
    z.object({ run, jobId: id, bareRun: run.nullable(), bareJobId: id.nullable() }),
  ),
  'runs.resume': write(
    'Computes what is missing of a run that was stopped or cut off.',
    z.strictObject({ id }),
    z.object({ jobId: id }),
  ),
  'runs.retryFailed': write(
    'Tries the failed pictures of a run again.',
    z.strictObject({ id }),
    z.object({ jobId: id }),
  ),
  'runs.rename': write('Renames a run.', z.strictObject({ id, name: shortText }), nothing),
  'runs.delete': write(
    'Deletes a run with its results; annotations stay.',
    z.strictObject({ id }),
    nothing,
  ),
  'runs.failed': read(
    'Pictures of a run that could not be done.',
    z.strictObject({ id, ...pageRequest.shape }),
    pageOf(z.object({ itemId: id, imageId: id.nullable(), file: z.string(), error: errorRecord })),
  ),
  'runs.compare': read(
    'Two runs over the pictures that both have: sums, and the changed ones, most changed first.',
    z.strictObject({ a: id, b: id, ...pageRequest.shape }),
    z.object({
      /** Pictures that both have. */
      images: count,
      changed: count,
      /** Pictures that only one of them has. */
      onlyA: count,
      onlyB: count,
      gained: count,
      lost: count,
      moved: count,
      relabelled: count,
      rows: z.array(
        z.object({
          imageId: id,
          name: z.string(),
          version: z.string(),
          marks: changeMarks,
        }),
      ),
      next: z.string().nullable(),
    }),
  ),
}

export const jobProcedures = {
  'jobs.list': read(
    'Jobs of this project, newest first; those that run come with their progress.',
    z.strictObject({ ...pageRequest.shape, state: jobState.optional() }),
    pageOf(job),
  ),
  'jobs.get': read('A job.', z.strictObject({ id }), z.object({ job })),
  'jobs.pause': write('Pauses between two pictures.', z.strictObject({ id }), z.object({ job })),
  'jobs.resume': write(
    'Goes on with a paused or interrupted job.',
    z.strictObject({ id }),
    z.object({ job }),
  ),
  'jobs.cancel': write(
    'Stops a job within a second; what is stored stays.',
    z.strictObject({ id }),
    z.object({ job }),
  ),
  'jobs.remove': write('Takes an ended job off the list.', z.strictObject({ id }), nothing),
}
