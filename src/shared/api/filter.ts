import { z } from 'zod'
import { fraction, id, shortText } from './values'

export const imageStatus = z.enum(['open', 'reviewed', 'excluded'])
export const fileState = z.enum(['unknown', 'present', 'missing', 'changed'])
export const patchStatus = z.enum(['imported', 'proposed', 'accepted', 'rejected'])

const names = z.array(shortText).max(200)
const scoreRange = { minScore: fraction.optional(), maxScore: fraction.optional() }

/** Which pictures a list shows. All that is given must hold; a list of values means any of them. */
export const imageFilter = z.strictObject({
  dataset: id.optional(),
  /** Exactly these, such as the ones behind a bar of a plot. */
  ids: z.array(id).max(200_000).optional(),
  split: names.optional(),
  /** Names of classes of annotated objects. */
  class: names.optional(),
  /** Names of labels of whole pictures. */
  label: names.optional(),
  tag: names.optional(),
  /** Fields that the data set has for its pictures, by their names; numbers and yes or no as they are written in JSON. */
  field: z
    .array(z.strictObject({ name: shortText, value: shortText }))
    .max(8)
    .optional(),
  status: z.array(imageStatus).max(3).optional(),
  file: z.array(fileState).max(4).optional(),
  /** Whether there is a patch annotation of any status. */
  patch: z.boolean().optional(),
  patchStatus: z.array(patchStatus).max(4).optional(),
  /** true: some object was certified; false: a certificate was tried for in vain. In any run. */
  certified: z.boolean().optional(),
  /** Something was found by a run. */
  found: z.strictObject({ run: id, class: shortText.optional(), ...scoreRange }).optional(),
  /** The run B answers differently from the run A by at least `min` (default: at all) and at most `max`. */
  changed: z
    .strictObject({ a: id, b: id, min: fraction.optional(), max: fraction.optional() })
    .optional(),
  /** What became of the picture in a run. */
  outcome: z
    .strictObject({
      run: id,
      state: z.enum(['done', 'failed', 'missing']).optional(),
      /** Whether the defense found a patch. */
      patchFound: z.boolean().optional(),
      /** Of the completion; 0 is tightest. */
      rung: z.strictObject({ min: z.int().min(0).max(99), max: z.int().min(0).max(99) }).optional(),
    })
    .optional(),
  /** Words, each the beginning of a word in the file's name, of a class in the picture, or of its label. */
  text: z.string().max(500).optional(),
})
export type ImageFilterInput = z.infer<typeof imageFilter>

/** `changed` and `score` need runs: the change from A to B, and the best score of B. */
export const imageOrder = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('imported'), descending: z.boolean().optional() }),
  z.strictObject({ by: z.literal('name'), descending: z.boolean().optional() }),
  z.strictObject({ by: z.literal('change'), a: id, b: id, descending: z.boolean().optional() }),
  z.strictObject({ by: z.literal('score'), run: id, descending: z.boolean().optional() }),
])
export type ImageOrder = z.infer<typeof imageOrder>

/** What an action is about: pictures one by one, or all that a filter lets through. */
export const selection = z.union([
  z.strictObject({ ids: z.array(id).max(100_000) }),
  z.strictObject({ filter: imageFilter }),
])
export type Selection = z.infer<typeof selection>

/** The two layers that a screen compares; null: none chosen. */
export const pair = { a: id.nullable().optional(), b: id.nullable().optional() }
