import { z } from 'zod'
import { object, patch } from './annotation-values'
import { read, write } from './define'
import { pair } from './filter'
import { changeMarks, imageCard } from './library'
import {
  boxXyxy,
  count,
  errorRecord,
  fraction,
  id,
  milliseconds,
  pictureRef,
  rle,
  settings,
  shortText,
} from './values'

export const detection = z.object({
  box: boxXyxy,
  score: z.number(),
  class: z.string(),
  /** Position among the classes of the run. */
  classId: count,
})

/** A stage of the defense; the strip draws them in this order. */
export const stage = z.object({
  name: z.string(),
  ms: milliseconds,
  /** Taken from an earlier try: the time is that of the first. */
  reused: z.boolean(),
})

export const traceMask = z.object({
  /** Such as `raw` and `completed`. */
  name: z.string(),
  rle,
  areaFraction: fraction,
})

/** What one run says of one picture. */
export const imageResult = z.object({
  found: z.array(detection),
  /** The bare detector's answer, where the run compares. */
  before: z.array(detection).nullable(),
  masks: z.array(traceMask),
  /** Figures such as rung, q, removedFraction. */
  notes: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  warnings: z.array(z.string()),
  stages: z.array(stage),
  error: errorRecord.nullable(),
  /** Pictures that can be fetched, by kind, with their version: see `mediaUrl`. */
  media: z.array(pictureRef),
})
export type ImageResult = z.infer<typeof imageResult>

const verdict = z.enum(['right', 'wrong'])

/**
 * One difference from A to B, or a pair that stayed. `a` and `b` are positions in the lists of boxes that were compared.
 * With ground truth a lost or gained box is right or wrong: a gained one that matches is "found again", a lost one that
 * matches none is "false box gone".
 */
export const difference = z.object({
  kind: z.enum(['same', 'gained', 'lost', 'moved', 'relabelled']),
  a: count.nullable(),
  b: count.nullable(),
  iou: fraction.nullable(),
  verdict: verdict.nullable(),
})

export const comparison = z.object({
  differences: z.array(difference),
  marks: changeMarks,
  unchanged: count,
})

export type Difference = z.infer<typeof difference>
export type Comparison = z.infer<typeof comparison>

/** A try with other settings: nothing is stored. */
export const draft = z.strictObject({
  id,
  detector: shortText,
  /** null: the bare detector. */
  defense: z.strictObject({ id: shortText, params: settings }).nullable(),
  scoreThreshold: fraction.optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .optional(),
  /** Also the bare detector's answer, in `before`. */
  compare: z.boolean().optional(),
})

export const imageProcedures = {
  'image.get': read(
    'Everything about a picture but what runs found: its card, annotations, and which runs have answered it.',
    z.strictObject({ id, ...pair }),
    z.object({
      card: imageCard,
      dataset: z.object({ id, name: z.string() }),
      /** For people. */
      folder: z.string(),
      sha256: z.string().nullable(),
      orientation: z.number().nullable(),
      split: z.string().nullable(),
      label: z.string().nullable(),
      objects: z.array(object),
      patches: z.array(patch),
      runs: z.array(
        z.object({ runId: id, name: z.string(), itemId: id, error: errorRecord.nullable() }),
      ),
      /** Of the pictures `thumbnail`, `screen` and `full`. */
      media: z.array(pictureRef),
    }),
  ),
  'image.result': read(
    'What a run found in a picture: boxes, masks, notes, times; null where it has not been there.',
    z.strictObject({ id, run: id }),
    z.object({ result: imageResult.nullable() }),
  ),
  'image.compare': read(
    'Differences from run A to run B in a picture, with right and wrong where there is ground truth.',
    z.strictObject({
      id,
      a: id,
      /** Same as `a`: the run against its own bare detector (`before`). */
      b: id,
      minScore: fraction.optional(),
    }),
    comparison.extend({ a: z.array(detection), b: z.array(detection) }),
  ),
  'image.preview': read(
    'Runs a detector with a defense on one picture, reusing stages that do not depend on what changed; stores nothing.',
    draft,
    z.object({
      /** Names the draft in `mediaUrl` versions. */
      draft: z.string(),
      result: imageResult,
      classNames: z.array(z.string()),
      comparison: comparison.nullable(),
    }),
  ),
  'image.relocate': write(
    'A folder has moved: takes a granted file that holds this picture, and finds all others of the folder beside it.',
    z.strictObject({ id, grant: z.string().max(100) }),
    z.object({ found: z.boolean() }),
  ),
}

export const pluginDescription = z.object({
  id: z.string(),
  name: z.string(),
  summary: z.string(),
  reference: z.string().nullable(),
  /** Draws the form: see `jsonSchema`. A field whose meta says `model` takes the id of a model of that task. */
  params: z.record(z.string(), z.json()),
  defaults: z.record(z.string(), z.json()),
})

export const pluginProcedures = {
  'plugins.list': read(
    'Defenses, certificates, importers and exporters, with the schemas of their settings.',
    z.strictObject({}),
    z.object({
      defenses: z.array(pluginDescription),
      certificates: z.array(
        pluginDescription.extend({
          form: z.enum(['detection', 'smoothing']),
          guarantee: z.enum(['deterministic', 'probabilistic']),
          /** Of detection certificates: the defense that they speak of. */
          defenseId: z.string().nullable(),
        }),
      ),
      importers: z.array(pluginDescription),
      exporters: z.array(
        pluginDescription.extend({
          /** Data sets and runs, or results of runs only. */
          takes: z.enum(['datasets-and-runs', 'runs']),
          /** The file that is written; null: a folder of files. */
          fileName: z.string().nullable(),
          canCopyImages: z.boolean(),
        }),
      ),
    }),
  ),
}
