import { z } from 'zod'
import { defineCertifier, type SmoothingFinding, type SmoothingJob } from '../../shared/plugin'
import { argmaxes, assertNext } from '../answers'
import { beginTwoStages, boundSettled, chosenClass, lowerBoundOf } from '../monte-carlo'
import { tallyTwoStages, type TwoStageState } from '../monte-carlo'
import { roundedDown } from '../plain-number'
import { chanceOf } from '../sampling-settings'
import { templateOf } from '../template'
import { budgetSettled, certainBudget, winnerOf } from '../vote-margin'
import { randomRadius } from './certificate'
import { lambdaOfSigma, levelsOfLambda } from './levels'
import { splitBatch, writeRandomSplit } from './samples'

const settingsSchema = z.object({
  cuts: z
    .enum(['all', 'random', 'uniform'])
    .default('all')
    .describe('Every shift of the cuts, which is exact; random cuts; or uniform noise instead'),
  sigma: z
    .number()
    .positive()
    .max(1000)
    .default(0.25)
    .describe('Standard deviation of uniform noise as wide as a cell, on the scale of 0..1'),
  levels: z
    .int()
    .min(0)
    .default(0)
    .describe('Grey levels from cut to cut, and number of shifts; 0: as sigma says'),
  template: z
    .array(z.int().min(0))
    .default([])
    .describe("Offset of each value, from the model's card; none: drawn from the seed"),
  selection: z.int().min(1).default(64).describe('Random samples that choose the class'),
  estimation: z.int().min(1).default(100_000).describe('Further random samples that bound it'),
  alpha: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.0005)
    .describe('Chance of a wrong statement, one-sided (random and uniform only)'),
  seed: z.int().min(0).max(4_294_967_295).default(0).describe('Of the random numbers'),
})

type Job = SmoothingJob<z.output<typeof settingsSchema>>

/** All shifts count in `estimation`, and none in `selection`: nothing is drawn. */
export default defineCertifier<typeof settingsSchema, TwoStageState>({
  id: 'splitting-noise',
  name: 'Splitting noise (DSSN)',
  summary:
    'Shows the classifier coarse grey levels, cut at every place in turn: how many grey levels must change?',
  reference:
    'Levine and Feizi, Improved, Deterministic Smoothing for L1 Certified Robustness, ICML 2021',
  params: settingsSchema,

  describe: ({ cuts }) => ({
    threat: { norm: 'L1', unit: UNIT },
    guarantee: cuts === 'all' ? 'deterministic' : 'probabilistic',
    channelFactor: 1,
    output: 'logits',
  }),

  plan(job) {
    const { selection, estimation } = stagesOf(job)
    if (job.params.cuts === 'all') templateOf('splitting-noise', job.shape, estimation, job.params)
    return { total: selection + estimation, selection, sample: job.shape, resumable: true }
  },

  samples(picture, job, from, to) {
    const { cuts, seed } = job.params
    if (cuts === 'all') {
      const levels = levelsOf(job)
      const template = templateOf('splitting-noise', picture, levels, job.params)
      return splitBatch(picture, levels, template, from, to)
    }
    const each = picture.data.length
    const batch = new Float32Array((to - from) * each)
    const noise = cuts === 'random' ? 'splitting' : 'uniform'
    const lambda = lambdaOf(job)
    for (let sample = from; sample < to; sample++) {
      writeRandomSplit(batch, (sample - from) * each, picture, { lambda, noise, seed }, sample)
    }
    return batch
  },

  begin: ({ classes }) => beginTwoStages(classes),

  tally(state, answers, job, from, to) {
    assertNext(state, answers, job.classes, from, to)
    return tallyTwoStages(state, argmaxes(answers, job.classes), stagesOf(job))
  },

  settled(state, wanted, job) {
    const stages = stagesOf(job)
    if (job.params.cuts === 'all') {
      const missing = stages.estimation - state.next
      return budgetSettled(state.estimation, missing, greyLevelsIn(wanted))
    }
    const lambda = lambdaOf(job)
    return boundSettled(
      state,
      stages,
      job.params.alpha,
      (lower) => lower > 0.5 && randomRadius(lambda, lower) >= wanted,
    )
  },

  certify: (state, job) =>
    job.params.cuts === 'all' ? certifyAll(state, job) : certifyRandom(state, job),
})

const UNIT = 'L1 distance of pictures of 0..1'

/** A wanted radius in grey levels; a whole number of 255ths is not rounded up by its last bit. */
const greyLevelsIn = (radius: number): number => Math.ceil(radius * 255 - 1e-9)

const levelsOf = ({ params }: Job): number =>
  params.levels === 0 ? Math.max(1, levelsOfLambda(lambdaOfSigma(params.sigma))) : params.levels

const lambdaOf = ({ params }: Job): number =>
  params.levels === 0 ? lambdaOfSigma(params.sigma) : params.levels / 510

const stagesOf = (job: Job) =>
  job.params.cuts === 'all' ? { selection: 0, estimation: levelsOf(job) } : job.params

function certifyAll(state: TwoStageState, job: Job): SmoothingFinding {
  const levels = levelsOf(job)
  const greyLevels = certainBudget(state.estimation, levels - state.next)
  return {
    ...frame(job, greyLevels / 255),
    class: winnerOf(state.estimation),
    votes: state.estimation,
    total: levels,
    largestInteger: greyLevels,
    guarantee: 'deterministic',
    statement:
      greyLevels === 0
        ? 'Nothing is certified: one value that changes by one grey level may change the class.'
        : `The class cannot change while all values together change by at most ${greyLevels} grey levels.`,
    assumptions: ['Both pictures are made of bytes.', ...LIMITS],
  }
}

function certifyRandom(state: TwoStageState, job: Job): SmoothingFinding {
  const { params } = job
  const lower = lowerBoundOf(state, params, params.alpha)
  const radius = randomRadius(lambdaOf(job), lower)
  return {
    ...frame(job, radius),
    class: lower > 0.5 ? chosenClass(state, params) : null,
    votes: state.estimation,
    total: params.estimation,
    guarantee: 'probabilistic',
    alpha: params.alpha,
    bounds: { lower },
    statement:
      radius === 0
        ? 'Nothing is certified: the smallest change may change the class.'
        : `The class cannot change within an L1 distance of ${roundedDown(radius)} (white is 1).`,
    assumptions: [chanceOf(params), ...LIMITS],
  }
}

const LIMITS = [
  'It is about the vote over coarser or noisier copies, not about the model on the bare picture.',
  'It is a statement about the class of this picture, not about the place of a box, nor that the class is right.',
]

function frame({ params }: Job, radius: number) {
  return {
    method: 'splitting-noise',
    radius,
    threat: { norm: 'L1', unit: UNIT } as const,
    params,
  }
}
