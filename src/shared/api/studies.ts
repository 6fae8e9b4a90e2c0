import { z } from 'zod'
import { read, write } from './define'
import { jobState } from './runs'
import { count, fraction, id, nothing, pageOf, pageRequest, shortText, startedJob } from './values'

/** How often a model was right; `accuracy` is null without pictures. */
const tally = z.object({ pictures: count, correct: count, accuracy: fraction.nullable() })

const study = z.object({
  /** Of the study, and of its job: `jobs.get` and the event `job` tell how far it is. */
  id,
  kind: z.enum(['d3s', 'om-imagenet']),
  name: z.string(),
  state: jobState,
  createdMs: z.number(),
  finishedMs: z.number().nullable(),
  /** Last part of the path of the data set's folder. */
  folder: z.string(),
  /** Id of the model that was asked; null: probes on plain statistics alone. */
  model: z.string().nullable(),
  /** Whether `studies.result` has something to show. */
  hasResult: z.boolean(),
})

const modelSaid = z.object({
  id: z.string(),
  sha256: z.string(),
  /** How it finds a class, and what its features are, in words. */
  answer: z.string(),
  features: z.string(),
})

/** Classes of the data set and of the model, joined by name. */
const joinedClasses = z.object({
  mapped: count,
  unmappedDataset: z.array(z.string()),
  unmappedModel: z.array(z.string()),
})

const problem = z.object({ code: z.string(), file: z.string(), message: z.string() })

const said = {
  classes: joinedClasses,
  /** What is our reading of the papers, to be shown with the figures. */
  readings: z.array(z.string()),
  problems: z.array(problem),
}

/** Probes learnt on features of the frozen model and tried on held-out pictures; information in nats. */
const probeScores = z.object({
  penalty: z.number(),
  foreground: tally,
  background: tally,
  mutualInformation: z.number().nullable(),
  informationOnBackground: z.number().nullable(),
})

const d3sResult = z.object({
  dataset: z.literal('d3s'),
  model: modelSaid.nullable(),
  ...said,
  /** null: no model was asked. */
  accuracy: z
    .object({
      /** Pictures that were looked at, and those of classes that the model lacks. */
      pictures: count,
      withoutClass: count,
      all: tally,
      verified: tally,
      rejected: tally,
      /** What everything below speaks of. */
      shown: tally,
      byBackground: z.array(tally.extend({ background: z.string() })),
      byShift: z.array(tally.extend({ shift: z.string() })),
      gap: z.object({
        usual: tally,
        unusual: tally,
        /** Accuracy on usual minus accuracy on unusual backgrounds, -1..1; null where one side has no pictures. */
        difference: z.number().nullable(),
        /** Mean of the differences of the `classes` that have both sides. */
        meanOfClasses: z.number().nullable(),
        classes: count,
        undecided: count,
        tiedClasses: count,
      }),
      /** Of each class the background in which it is known least. */
      worstBackgrounds: z.array(
        tally.extend({ classIndex: z.int(), className: z.string(), background: z.string() }),
      ),
    })
    .nullable(),
  /** null: too few pictures, classes or backgrounds, or none were wanted. */
  probes: z
    .object({
      features: z.string(),
      width: count,
      trainingPictures: count,
      heldOutPictures: count,
      heldOutUnseen: count,
      foregroundClasses: count,
      backgrounds: z.array(z.string()),
      apart: probeScores,
      penalized: probeScores,
    })
    .nullable(),
})

const side = tally.extend({ withoutClass: count })

const omImagenetResult = z.object({
  dataset: z.literal('om-imagenet'),
  model: modelSaid,
  ...said,
  onManifold: side,
  natural: side,
  byClass: z.array(
    z.object({ classIndex: z.int(), className: z.string(), onManifold: tally, natural: tally }),
  ),
  /** Natural pictures and their projections. */
  pairs: z.object({
    count,
    unpaired: count,
    agreeing: count,
    /** Share of pairs with the same answer; null without pairs. */
    agreement: fraction.nullable(),
    bothCorrect: count,
    bothWrong: count,
    /** Sign test; first: only the natural picture was right, second: only its projection. */
    test: z.object({ onlyFirst: count, onlySecond: count, p: fraction }),
  }),
  /** Nearest class means of latents; null where there are none. */
  latents: z
    .object({
      trainingLatents: count,
      classes: count,
      all: tally,
      byClass: z.array(tally.extend({ classIndex: z.int() })),
      withoutMean: count,
    })
    .nullable(),
})

export const studyResult = z.discriminatedUnion('dataset', [d3sResult, omImagenetResult])
export type StudyResult = z.infer<typeof studyResult>
export type Study = z.infer<typeof study>

/** A data set of the project of the format `d3s` or `om-imagenet`, or a granted folder that holds one. */
const place = z.union([
  z.strictObject({ dataset: id }),
  z.strictObject({ grant: z.string().max(100) }),
])

const asked = {
  /** Names the study; the name of the folder by default. */
  name: shortText.optional(),
  place,
  /** Most pictures that are looked at, spread evenly; all by default. */
  limit: z.int().min(1).max(1_000_000).optional(),
  /** Name in the data set to name in the model, for classes that are called otherwise. */
  chosenClasses: z.record(z.string().max(500), z.string().max(500)).optional(),
}

export const studyProcedures = {
  'studies.list': read(
    'Studies of the project, newest first.',
    z.strictObject({ ...pageRequest.shape }),
    pageOf(study),
  ),
  'studies.result': read(
    'The answer of a study: accuracy by background and class, gaps, probes, agreement of pairs; each share with its count.',
    z.strictObject({ id }),
    z.object({
      study,
      /** Pictures that could not be read; they are left out. */
      failed: count,
      result: studyResult,
    }),
  ),
  'studies.start': write(
    'Asks a study of a model of this machine; a job, whose id is the id of the study.',
    z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('d3s'),
        ...asked,
        /** Id of a classifier or detector; null: probes on plain statistics alone. */
        model: shortText.nullable(),
        /** Training pictures for the probes; 0: no probes. */
        probePictures: z.int().min(0).max(1_000_000).optional(),
        /** Weight of the mutual information of the probes. */
        penalty: z.number().min(0).max(1_000).optional(),
        /** Also pictures that are not on the verified list. */
        withRejected: z.boolean().optional(),
        /** The exact tile, or the cut of the published loader. */
        geometry: z.enum(['tile', 'published']).optional(),
      }),
      z.strictObject({
        kind: z.literal('om-imagenet'),
        ...asked,
        model: shortText,
        /** Granted folder of the natural pictures, if it is not below the first. */
        natural: z.string().max(100).optional(),
      }),
    ]),
    startedJob,
  ),
  'studies.remove': write(
    'Forgets a study that has ended, with its answer.',
    z.strictObject({ id }),
    nothing,
  ),
}
