import { z } from 'zod'
import { AppError } from '../../shared/errors'
import { defineCertifier } from '../../shared/plugin'
import type { PictureShape, SmoothingFinding, SmoothingJob, TallyState } from '../../shared/plugin'
import { assertNext } from '../answers'
import { gaussianSamples } from '../gaussian-noise'
import { chanceOf } from '../sampling-settings'
import { certifiedOverlap, certifiedRanks, saliencySlack } from './certified-overlap'
import { keptCount, sparsify } from './sparsify'

const settings = z.object({
  rho: z
    .number()
    .min(0)
    .max(1000)
    .default(0.03)
    .describe('L2 size of the change that is asked for'),
  sigma: z
    .number()
    .positive()
    .max(100)
    .default(0.1)
    .describe('Standard deviation of the noise where white is 1'),
  tau: z
    .number()
    .gt(0)
    .lte(1)
    .default(0.1)
    .describe('Share of the values that each noisy copy marks as important'),
  topFraction: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.2)
    .describe('Share of the values that the explanation shows'),
  estimation: z.int().min(1).default(8192).describe('Noisy copies'),
  alpha: z.number().gt(0).lt(1).default(0.05).describe('Chance of a wrong statement'),
  seed: z.int().min(0).max(4_294_967_295).default(0).describe('Of the noise'),
})

type Job = SmoothingJob<z.output<typeof settings>>

/** How many copies marked each value of the picture. */
interface MarkTally extends TallyState {
  readonly marks: readonly number[]
}

const threat = { norm: 'L2', unit: 'L2 distance on 0..1 pixels' } as const

export default defineCertifier<typeof settings, MarkTally>({
  id: 'certified-saliency',
  name: 'Certified saliency',
  summary:
    'Averages what noisy copies find important: how much of the explanation is sure to stay?',
  reference: 'Levine, Singla and Feizi, Certifiably Robust Interpretation in Deep Learning, 2019',
  params: settings,

  describe: () => ({ threat, guarantee: 'probabilistic', channelFactor: 1, output: 'attribution' }),

  plan(job) {
    topCount(job)
    return { total: job.params.estimation, selection: 0, sample: job.shape, resumable: true }
  },

  samples: (picture, { params }, from, to) => gaussianSamples(picture, params, from, to),

  begin: ({ shape }) => ({ next: 0, marks: new Array<number>(valuesOf(shape)).fill(0) }),

  tally(state, answers, { params, shape }, from, to) {
    const values = valuesOf(shape)
    assertNext(state, answers, values, from, to)
    const kept = keptCount(values, params.tau)
    const marks = [...state.marks]
    for (let start = 0; start < answers.length; start += values) {
      sparsify(answers.subarray(start, start + values), kept).forEach((mark, i) => {
        marks[i] = marks[i]! + mark
      })
    }
    return { next: to, marks }
  },

  // Both sides of each comparison are bounded, so that any missing copy may change the answer.
  settled: () => null,

  certify: findingOf,
})

const valuesOf = ({ channels, height, width }: PictureShape): number => channels * height * width

/** @throws AppError E_SETTING_INVALID where the explanation would show nothing */
function topCount({ params, shape }: Job): number {
  const values = valuesOf(shape)
  const count = Math.floor(params.topFraction * values)
  if (count >= 1) return count
  throw new AppError(
    'E_SETTING_INVALID',
    `certified-saliency: setting topFraction = ${params.topFraction} is not usable: of ${values} values none would be shown`,
    `Give at least ${1 / values}.`,
  )
}

function findingOf(state: MarkTally, job: Job): SmoothingFinding {
  const { params, shape } = job
  const { estimation, rho, sigma, alpha } = params
  const k = topCount(job)
  const isComplete = state.next >= estimation
  const slack = saliencySlack(state.marks.length, estimation, 1 - alpha)
  const scores = Float64Array.from(state.marks, (marks) => marks / estimation)
  const setting = { rho, sigma, slack }
  const overlap = isComplete ? certifiedOverlap(scores, k, setting) : 0
  const sure = isComplete ? entriesWithin(certifiedRanks(scores, setting), k) : []
  return {
    method: 'certified-saliency',
    class: null,
    votes: [],
    total: estimation,
    radius: overlap > 0 ? rho : 0,
    threat,
    guarantee: 'probabilistic',
    alpha,
    bounds: { slack },
    statement:
      overlap > 0
        ? `At least ${overlap} of the ${k} most important values stay among the ${k} most important while all values together (0..1) move by at most ${rho} in L2 distance.`
        : `Nothing is certified: all of the ${k} most important values may be replaced.`,
    assumptions: [
      chanceOf(params),
      `Important is what many copies with noise of standard deviation ${sigma} mark as such, each a share of ${params.tau}.`,
      `Values are those of the model's own picture of ${shape.width} x ${shape.height}, each channel by itself.`,
      'It is a statement about the explanation, not about the class, nor that the explanation is a good one.',
    ],
    params: { ...params },
    // Values that are sure to stay among the k highest, to be outlined: channel, row and column in one index.
    details: { k, overlap, certifiedEntries: sure },
  }
}

const entriesWithin = (ranks: Uint32Array, k: number): number[] =>
  [...ranks.keys()].filter((i) => ranks[i]! <= k)
