import { z } from 'zod'
import { defineCertifier } from '../../shared/plugin'
import type { SmoothingFinding, SmoothingJob, TallyState } from '../../shared/plugin'
import { limitTable, normName, roundedUp } from './explain'
import type { LimitRow } from './explain'

const GREY_LEVELS = 255
/** Beside the norm that is asked for, the table has these. */
const TABLE = [2, 3, 4, Infinity]

const settings = z.object({
  norm: z
    .union([z.literal('inf'), z.number().min(2)])
    .default('inf')
    .describe('The p of the norm that is asked for, from 2 on, or inf'),
  sigma: z
    .number()
    .positive()
    .max(100)
    .default(0.25)
    .describe('Standard deviation of the noise on each value, where white is 1'),
  estimation: z.int().min(1).default(100_000).describe('Samples that bound the share of votes'),
  voteFraction: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Share of them that the winner got; 1: the best that any model can do'),
  alpha: z.number().gt(0).lt(1).default(0.001).describe('Chance of a wrong statement'),
})

type Job = SmoothingJob<z.output<typeof settings>>

/** A calculator: it needs no sample, certifies nothing, and says how much could be certified at most. */
export default defineCertifier<typeof settings, TallyState>({
  id: 'smoothing-limits',
  name: 'Limits of smoothing',
  summary: 'Says how much no smoothing with independent noise can certify: why not in this norm?',
  reference:
    'Kumar et al., Curse of Dimensionality on Randomized Smoothing for Certifiable Robustness, ICML 2020',
  params: settings,

  describe: () => ({
    threat: { norm: 'none', unit: 'grey levels' },
    guarantee: 'deterministic',
    channelFactor: 1,
    output: 'logits',
  }),
  plan: ({ shape }) => ({ total: 0, selection: 0, sample: shape, resumable: true }),
  samples: () => new Float32Array(0),
  begin: () => ({ next: 0 }),
  tally: (state) => state,
  settled: () => null,
  certify: (_state, job) => findingOf(job),
})

function findingOf({ params, shape }: Job): SmoothingFinding {
  const { channels, height, width } = shape
  const p = params.norm === 'inf' ? Infinity : params.norm
  const question = {
    dimension: channels * height * width,
    sigma: params.sigma,
    samples: params.estimation,
    votes: Math.floor(params.voteFraction * params.estimation),
    alpha: params.alpha,
  }
  const norms = [...new Set([p, ...TABLE])].sort((a, b) => a - b)
  const { lower, rows } = limitTable(question, norms)
  const asked = rows.find((row) => row.p === p)
  return {
    method: 'smoothing-limits',
    class: null,
    votes: [],
    total: 0,
    radius: 0,
    threat: { norm: 'none', unit: 'grey levels' },
    guarantee: 'deterministic',
    bounds: { lower },
    statement: statementOf(asked, `${width}x${height}x${channels}`),
    assumptions: [
      `The noise has the standard deviation ${params.sigma} (${roundedUp(params.sigma * GREY_LEVELS)} grey levels) on each value and is drawn for each value alone.`,
      params.voteFraction === 1
        ? `All of ${params.estimation} samples vote for one class, the best that any model can do.`
        : `A share of ${params.voteFraction} of ${params.estimation} samples votes for the winner.`,
      'It is a limit of the method, not a certificate: it says nothing about this model or picture.',
    ],
    params: { ...params },
    details: { limits: rows.map(tableRow) },
  }
}

/** "Why not", with a number. */
function statementOf(row: LimitRow | undefined, size: string): string {
  if (row === undefined) {
    return 'With so few votes smoothing certifies nothing in any norm: the winner is not sure to have more than half.'
  }
  const { p, iid, gaussianAchieved } = row
  const grey = (radius: number): string => `${roundedUp(radius * GREY_LEVELS)} grey levels`
  return (
    `In ${normName(p)} no smoothing with independent noise can certify more than ${grey(iid)} ` +
    `on a ${size} picture, whatever the model; Gaussian noise certifies at most ${grey(gaussianAchieved)}.`
  )
}

const tableRow = ({ p, iid, generalizedGaussian, gaussianAchieved }: LimitRow) => ({
  norm: normName(p),
  iidGreyLevels: iid * GREY_LEVELS,
  generalizedGaussianGreyLevels: generalizedGaussian * GREY_LEVELS,
  gaussianGreyLevels: gaussianAchieved * GREY_LEVELS,
})
