import { z } from 'zod'
import {
  defineCertifier,
  type SmoothingFinding,
  type SmoothingJob,
  type TallyState,
} from '../../shared/plugin'
import { argmaxes, assertNext } from '../answers'
import { roundedDown } from '../plain-number'
import { templateOf } from '../template'
import { budgetSettled, certainBudget, winnerOf } from '../vote-margin'
import { slotBudget, type SlotBudget, visibleOnceBudget } from './budget'
import { radiusOf, radiusPower } from './certificate'
import { cellWeights, GLOBAL_SAMPLES, globalSlot, weightedBudget } from './global-cell'
import { isDouble, sampleShape, slotBatch, slotList } from './slots'

const settingsSchema = z.object({
  norm: z
    .enum(['l1/2', 'l1/3', 'l0', 'l1/2-global'])
    .default('l1/2')
    .describe(
      'Which distance: Lp with p = 1/2 or 1/3, changed pixels, or p = 1/2 with one cell size a sample',
    ),
  dilution: z
    .number()
    .min(1)
    .max(100)
    .default(1)
    .describe('More hidden samples, for larger distances (p = 1/2 and 1/3 only)'),
  samples: z.int().min(2).max(1_000_000).default(100).describe('Samples in all (l0 only)'),
  encoding: z
    .enum(['center', 'center_error', 'upper_lower', 'center_center'])
    .default('center')
    .describe('What the model is told of a cell: as it was trained'),
  sharedTemplate: z
    .boolean()
    .default(true)
    .describe('All channels of a pixel are looked at alike (for a template drawn from the seed)'),
  template: z
    .array(z.int().min(0))
    .default([])
    .describe("Offset of each value, from the model's card; none: drawn from the seed"),
  seed: z.int().min(0).max(4_294_967_295).default(0).describe('Of the random numbers'),
})

type Settings = z.output<typeof settingsSchema>
type Job = SmoothingJob<Settings>

export interface FractionalState extends TallyState {
  readonly votes: readonly number[]
  /** Sum of the weights of the votes; the same as `votes` where all weigh 1. */
  readonly shares: readonly number[]
  /** Weight of the samples counted so far. */
  readonly weight: number
}

export default defineCertifier<typeof settingsSchema, FractionalState>({
  id: 'fractional-lp',
  name: 'Fractional Lp smoothing',
  summary:
    'Shows each value in cells of different sizes or not at all: few values may change much, or many a little.',
  reference:
    'Levine and Feizi, Provable Adversarial Robustness for Fractional Lp Threat Models, AISTATS 2022',
  params: settingsSchema,

  describe: ({ norm, encoding }) => ({
    threat: threatOf(norm),
    guarantee: 'deterministic',
    channelFactor: isDouble(encoding) ? 2 : 1,
    output: 'logits',
  }),

  plan(job) {
    templateFor(job)
    return {
      total: sampleCount(job.params),
      selection: 0,
      sample: sampleShape(job.shape, job.params.encoding),
      resumable: true,
    }
  },

  samples(picture, job, from, to) {
    const { norm, encoding } = job.params
    const template = templateFor(job)
    if (norm === 'l1/2-global') {
      const slotOf = (sample: number, value: number) => {
        const { size, offset } = globalSlot(sample)
        return { size, offset: (offset + template[value]!) % size }
      }
      return slotBatch(picture, encoding, slotOf, from, to)
    }
    const slots = slotList(budgetOf(job.params))
    const slotOf = (sample: number, value: number) =>
      slots[(sample + template[value]!) % slots.length] ?? null
    return slotBatch(picture, encoding, slotOf, from, to)
  },

  begin: ({ classes }) => ({
    next: 0,
    votes: new Array<number>(classes).fill(0),
    shares: new Array<number>(classes).fill(0),
    weight: 0,
  }),

  tally(state, answers, { classes, params }, from, to) {
    assertNext(state, answers, classes, from, to)
    const votes = [...state.votes]
    const shares = [...state.shares]
    const weights = params.norm === 'l1/2-global' ? cellWeights() : null
    let { weight } = state
    argmaxes(answers, classes).forEach((winner, at) => {
      const own = weights === null ? 1 : weights[globalSlot(from + at).size - 1]!
      votes[winner] = votes[winner]! + 1
      shares[winner] = shares[winner]! + own
      weight += own
    })
    return { next: to, votes, shares, weight }
  },

  settled(state, wanted, { params }) {
    const missing = sampleCount(params) - state.next
    switch (params.norm) {
      case 'l0':
        return budgetSettled(state.votes, missing, Math.ceil(wanted))
      case 'l1/2':
      case 'l1/3': {
        const reachesIt = (budget: number): boolean => lpRadius(budget, params) >= wanted
        let needed = 0
        while (needed <= sampleCount(params) && !reachesIt(needed)) needed++
        return budgetSettled(state.votes, missing, needed)
      }
      case 'l1/2-global': {
        if (missing === 0) return weightedBudget(state.shares) ** 2 >= wanted
        const { isCertain, best } = globalOutlook(state)
        if (isCertain ** 2 >= wanted && isCertain > 0) return true
        return best ** 2 < wanted ? false : null
      }
    }
  },

  certify(state, job) {
    const { params } = job
    const missing = sampleCount(params) - state.next
    if (params.norm === 'l1/2-global') {
      const budget = missing === 0 ? weightedBudget(state.shares) : globalOutlook(state).isCertain
      return finding(state, job, budget ** 2)
    }
    const budget = certainBudget(state.votes, missing)
    if (params.norm === 'l0') return { ...finding(state, job, budget), largestInteger: budget }
    return { ...finding(state, job, lpRadius(budget, params)), details: { budget } }
  },
})

const reciprocalOf = (norm: Settings['norm']): number => (norm === 'l1/3' ? 3 : 2)

function budgetOf({ norm, dilution, samples }: Settings): SlotBudget {
  if (norm === 'l0') return visibleOnceBudget(samples)
  return slotBudget(norm === 'l1/3' ? '1/3' : '1/2', dilution)
}

const sampleCount = (settings: Settings): number =>
  settings.norm === 'l1/2-global' ? GLOBAL_SAMPLES : budgetOf(settings).samples

const lpRadius = (budget: number, settings: Settings): number =>
  radiusOf(
    radiusPower(budget, settings.dilution, sampleCount(settings)),
    reciprocalOf(settings.norm),
  )

/** With one cell size a sample, offsets are taken modulo the size: any numbers below 255 * 256 do. */
function templateFor({ params, shape }: Job): readonly number[] {
  const slots = params.norm === 'l1/2-global' ? GLOBAL_SAMPLES : sampleCount(params)
  const { template, seed, sharedTemplate: perPixel } = params
  return templateOf('fractional-lp', shape, slots, { template, seed, perPixel })
}

/** Weighted budgets in the worst case, all missing weight against the winner, and in the best case. */
function globalOutlook({ shares, weight }: FractionalState) {
  const missing = Math.max(0, 1 - weight)
  const best = shares.map((share, c) => {
    const hopeful = shares.map((other, at) => (at === c ? share + missing : other))
    return winnerOf(hopeful) === c ? weightedBudget(hopeful) : 0
  })
  return { isCertain: weightedBudget(shares, missing), best: Math.max(...best) }
}

function threatOf(norm: Settings['norm']) {
  if (norm === 'l0') return { norm: 'L0', unit: 'px' } as const
  const reciprocal = reciprocalOf(norm)
  return {
    norm: 'Lp',
    p: 1 / reciprocal,
    unit: `(sum of |d|^(1/${reciprocal}))^${reciprocal} of pictures of 0..1`,
  } as const
}

/** Whether all channels of a pixel are shown by the same samples, so that a pixel counts once. */
function countsPixels({ params, shape: { channels, height, width } }: Job): boolean {
  if (channels === 1) return true
  const { template, sharedTemplate } = params
  if (template.length === 0) return sharedTemplate
  return template.every((offset, i) => offset === template[i % (height * width)])
}

function finding(state: FractionalState, job: Job, radius: number): SmoothingFinding {
  const { params } = job
  const things = countsPixels(job) ? 'pixels' : 'values'
  return {
    method: 'fractional-lp',
    class: winnerOf(state.shares),
    votes: state.votes,
    total: sampleCount(params),
    radius,
    threat:
      params.norm === 'l0' && things === 'values'
        ? { norm: 'L0', unit: 'values' }
        : threatOf(params.norm),
    guarantee: 'deterministic',
    statement:
      radius === 0
        ? 'Nothing is certified: the smallest change may change the class.'
        : params.norm === 'l0'
          ? `The class cannot change while at most ${radius} ${things} change.`
          : `The class cannot change within a distance of ${roundedDown(radius)}, measured as ${threatOf(params.norm).unit}.`,
    assumptions: [
      'Both pictures are made of bytes.',
      'It is about the vote over coarser copies, not about the model on the bare picture.',
      'It is a statement about the class of this picture, not about the place of a box, nor that the class is right.',
    ],
    params,
  }
}
