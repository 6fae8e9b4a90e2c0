import { z } from 'zod'
import { read, write } from './define'
import { imageFilter, selection } from './filter'
import { run } from './runs'
import {
  boxXyxy,
  count,
  fraction,
  id,
  jsonSchema,
  milliseconds,
  pageOf,
  pageRequest,
  settings,
  shortText,
} from './values'

const records = z.record(z.string(), z.json())

export const certificate = z.object({
  id,
  /** Of the run that certified. */
  runId: id,
  runName: z.string(),
  imageId: id.nullable(),
  objectId: id.nullable(),
  /** What it is about; null: the whole picture. */
  box: boxXyxy.nullable(),
  /** What the box was called. */
  boxClass: z.string().nullable(),
  /** The class that cannot change; null: the classifier abstains, or none is meant. */
  class: z.string().nullable(),
  method: z.string(),
  statement: z.string(),
  threat: z.string(),
  certified: z.boolean(),
  radius: z.number().nullable(),
  unit: z.string(),
  /** Chance that the statement is wrong; null: exact. */
  alpha: z.number().nullable(),
  guarantee: z.enum(['deterministic', 'probabilistic']).nullable(),
  assumptions: z.array(z.string()),
  votes: z.record(z.string(), z.number()).nullable(),
  /** Votes that could have been given. */
  total: z.number().nullable(),
  params: records,
  details: records,
  modelId: z.string().nullable(),
  modelDigest: z.string().nullable(),
  /** What is another one now; empty: it holds. */
  stale: z.array(z.enum(['model', 'image'])),
})
export type ApiCertificate = z.infer<typeof certificate>

/** Where the patch is, for methods about objects; `all`: one curve. */
export const certifiedSeries = z.enum(['all', 'far', 'near', 'over', 'anywhere'])

const curve = z.object({
  /** That certified. */
  run: z.object({ id, name: z.string() }),
  method: z.string(),
  unit: z.string(),
  model: z.object({ id: z.string(), digest: z.string() }).nullable(),
  /** The one size that was asked about, where one was: then nothing is known of others. */
  asked: z.string().nullable(),
  /** accuracy: right and proven; recall: objects that cannot be hidden; share: proven, and nobody knows whether right. */
  kind: z.enum(['accuracy', 'recall', 'share']),
  /** Another model file is there now, or none: nothing of it holds. */
  isModelStale: z.boolean(),
  tried: count,
  /** What shares are of: those with ground truth, where there is any. */
  counted: count,
  /** Of pictures whose content is another now; they count as not proven. */
  stale: count,
  /** Share that is right without any attack. */
  right: fraction.nullable(),
  series: z.array(
    z.object({
      id: certifiedSeries,
      /** Sizes in `unit`, rising; 0: any size at all. */
      steps: z.array(z.object({ size: z.number(), count, share: fraction })),
    }),
  ),
})

const method = z.object({
  id: z.string(),
  name: z.string(),
  summary: z.string(),
  reference: z.string(),
  guarantee: z.enum(['deterministic', 'probabilistic']),
  /** Classes of boxes or pictures, with a classifier; or annotated objects, with a detector. */
  about: z.enum(['classes', 'objects']),
  /** In which sizes it can be asked about: `patch` as text, or `radius` in `unit`. */
  asks: z.enum(['patch', 'radius']),
  /** The patch that is asked about where nothing is said; null: the largest size is found. */
  defaultPatch: z.string().nullable(),
  unit: z.string(),
  params: jsonSchema,
  /** Why nobody can use it here. */
  refusal: z.string().nullable(),
  models: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      /** Why not with this model. */
      refusal: z.string().nullable(),
      /** Otherwise certificates hold, and are small. */
      isTrained: z.boolean(),
      /** Settings that it was trained with, and defaults. */
      defaults: settings,
    }),
  ),
})

export const newCertification = z.strictObject({
  name: shortText.optional(),
  method: shortText,
  /** For `classify`; for `detect` where objects are certified. */
  model: shortText,
  /** What differs from the model's own settings. */
  params: settings,
  /** `2%`, `64` or `64x32`: ends once it is answered. Left out: the largest that can be proven. */
  patch: shortText.optional(),
  radius: z.number().positive().max(1e9).optional(),
  scoreThreshold: fraction.optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .optional(),
  images: selection,
  /** The boxes that this run found; null: whole pictures, or their annotated objects. */
  boxesOf: id.nullable(),
})

const vote = z.object({
  first: z.object({ class: z.string(), votes: count }),
  second: z.object({ class: z.string(), votes: count }).nullable(),
  /** Samples that have voted; fewer than `total` where the answer was known before the end. */
  counted: count,
  total: count,
  isCut: z.boolean(),
  /** Whether the other class would win a tie. */
  rivalFirst: z.boolean(),
})

/** What was proven, and jobs that prove more. */
export const certificateProcedures = {
  'certificates.ofImage': read(
    'What was proven, or could not be, in a picture: by a run that certifies, or about the boxes of a run that detects; with `alsoOthers` (or without a run) also about no boxes of a run.',
    z.strictObject({ id, run: id.nullable(), alsoOthers: z.boolean().optional() }),
    z.object({ certificates: z.array(certificate) }),
  ),
  'certificates.ofRun': read(
    'Certificates of a run: given ones or the others; what no longer holds says so.',
    z.strictObject({ run: id, certified: z.boolean(), ...pageRequest.shape }),
    pageOf(certificate),
  ),
  'certificates.summary': read(
    'How many objects of a run were certified, by method.',
    z.strictObject({ run: id }),
    z.object({
      methods: z.array(
        z.object({ method: z.string(), certified: count, tried: count, unit: z.string() }),
      ),
    }),
  ),
  'certificates.methods': read(
    'Methods that certify, with the schemas of their settings, and the models of this machine that they can use.',
    z.strictObject({}),
    z.object({ methods: z.array(method) }),
  ),
  'certificates.plan': read(
    'What a run that certifies would do, before it is started; refuses what cannot be certified.',
    newCertification,
    z.object({
      images: count,
      /** Boxes, objects, or pictures. */
      subjects: count,
      known: count,
      toDo: count,
      /** From earlier runs with this method and model; null where nothing is known. */
      aboutMs: milliseconds.nullable(),
      sameRun: id.nullable(),
      /** False: the model was not trained for it, so that what is proven will be small. */
      isTrained: z.boolean(),
    }),
  ),
  'certificates.start': write(
    'Starts a run that certifies, or goes on with the same one.',
    newCertification,
    z.object({ run, jobId: id }),
  ),
  'certificates.curves': read(
    'For each run that certifies boxes of a run, or no boxes of one: the share that is proven up to each size.',
    z.strictObject({ run: id.nullable(), filter: imageFilter.optional() }),
    z.object({ curves: z.array(curve) }),
  ),
  'certificates.whyNot': read(
    'Why a certificate reaches no farther: the vote against what a size needs, and what is possible at all.',
    z.strictObject({ id, run: id, certificate: id, size: z.number().min(0).max(1e6).optional() }),
    z.object({
      /** Null where the method counts no votes. */
      vote: vote.nullable(),
      size: z.number(),
      /** For patches of pixels of the picture; null where that is not counted in votes, or the model is gone. */
      patch: z
        .object({
          size: count,
          /** Votes of the first over the second. */
          lead: count,
          /** Votes that such a patch can turn at most. */
          touched: count,
          /** Lead that it takes. */
          need: count,
          /** The largest patch that there could be. */
          largest: count,
          /** The largest that is proven. */
          holdsUpTo: z.number(),
        })
        .nullable(),
      /** For samples that are drawn: the share of the class that is certain, and what it must exceed. */
      share: z.object({ lower: z.number(), needed: z.number(), alpha: z.number() }).nullable(),
      /** What noise on each value could certify at most, whatever the model; null where the model is gone. */
      limits: z
        .object({
          channels: count,
          height: count,
          width: count,
          dimension: count,
          sigma: z.number(),
          samples: count,
          alpha: z.number(),
          /** Radii on the scale where white is 1; for any independent noise, and for Gaussian noise. */
          rows: z.array(z.object({ norm: z.string(), most: z.number(), gaussian: z.number() })),
        })
        .nullable(),
    }),
  ),
}
