import {
  defineCertifier,
  type SmoothingFinding,
  type SmoothingJob,
  type TallyState,
} from '../../shared/plugin'
import { randomBelow, seededRandom } from '../../shared/random'
import { argmaxes, assertNext, classesAbove } from '../answers'
import { beginTwoStages, boundSettled, chosenClass, lowerBoundOf } from '../monte-carlo'
import { tallyTwoStages, type TwoStageState } from '../monte-carlo'
import { budgetSettled, certainBudget, marginBudget, winnerOf } from '../vote-margin'
import type { Ablation } from './ablation'
import { isCertified, largestCertifiedPatch, largestPatchOfBound } from './certificate'
import { locationMap, monteCarloThreshold, votesOf } from './certificate'
import { ablatedBatch, sampleShape } from './encode'
import { ablationOf, type Settings, settingsSchema } from './settings'

type Job = SmoothingJob<Settings>

export interface DerandomizedState extends TallyState {
  /** Classes that each position voted for; filled in order while all positions are used. */
  readonly table: readonly (readonly number[])[]
  /** Votes of positions drawn at random. */
  readonly drawn: TwoStageState
}

export default defineCertifier<typeof settingsSchema, DerandomizedState>({
  id: 'derandomized-smoothing',
  name: 'Derandomized smoothing',
  summary:
    'Shows the classifier one band of the picture at a time: no patch can touch many of the votes.',
  reference:
    'Levine and Feizi, (De)Randomized Smoothing for Certifiable Defense against Patch Attacks, NeurIPS 2020',
  params: settingsSchema,

  describe: ({ sampling, encoding }) => ({
    threat: { norm: 'patch', unit: 'px' },
    guarantee: sampling === 'all' ? 'deterministic' : 'probabilistic',
    channelFactor: encoding === 'pair' ? 2 : 1,
    output: 'logits',
  }),

  plan: (job) => ({
    total: sampleCount(job, ablation(job)),
    selection: job.params.sampling === 'all' ? 0 : job.params.selection,
    sample: sampleShape(job.shape, job.params.encoding),
    resumable: true,
  }),

  samples(picture, job, from, to, out) {
    const grid = ablation(job)
    const positions = Array.from({ length: to - from }, (_, i) => positionOf(from + i, job, grid))
    return ablatedBatch(picture, grid, positions, job.params.encoding, out)
  },

  begin: ({ classes }) => ({ next: 0, table: [], drawn: beginTwoStages(classes) }),

  tally(state, answers, { classes, params }, from, to) {
    assertNext(state, answers, classes, from, to)
    if (params.sampling === 'random') {
      return {
        ...state,
        next: to,
        drawn: tallyTwoStages(state.drawn, argmaxes(answers, classes), params),
      }
    }
    const sets =
      params.vote === 'top-one'
        ? argmaxes(answers, classes).map((winner) => [winner])
        : classesAbove(answers, classes, params.theta)
    return { ...state, next: to, table: [...state.table, ...sets] }
  },

  settled({ table, drawn }, wanted, job) {
    const grid = ablation(job)
    if (wanted <= 0) return true
    const size = Math.ceil(wanted)
    if (size > grid.largestPatch) return false
    if (job.params.sampling === 'random') {
      const threshold = monteCarloThreshold(grid, size)
      return boundSettled(drawn, job.params, job.params.alpha, (lower) => lower > threshold)
    }
    const missing = grid.positions - table.length
    return budgetSettled(votesOf(table, job.classes), missing, grid.affected(size))
  },

  certify: (state, job) =>
    job.params.sampling === 'all' ? certifyAll(state, job) : certifyDrawn(state.drawn, job),
})

const ablation = (job: Job): Ablation => ablationOf(job.params, job.shape)

const sampleCount = ({ params }: Job, { positions }: Ablation): number =>
  params.sampling === 'all' ? positions : params.selection + params.estimation

function positionOf(sample: number, { params }: Job, { positions }: Ablation): number {
  if (params.sampling === 'all') return sample
  return randomBelow(seededRandom(params.seed, sample), positions)
}

function certifyAll({ table }: DerandomizedState, job: Job): SmoothingFinding {
  const grid = ablation(job)
  const votes = votesOf(table, job.classes)
  const missing = grid.positions - table.length
  const budget = certainBudget(votes, missing)
  const radius = largestCertifiedPatch(budget, grid)
  const nobodyVoted = votes.every((count) => count === 0)
  const patch = job.params.mapPatch || Math.min(radius + 1, grid.largestPatch)
  const map = missing === 0 && !nobodyVoted ? locationMap(table, votes, grid, patch) : []
  return {
    ...frame(job, radius),
    class: nobodyVoted ? null : winnerOf(votes),
    votes,
    total: grid.positions,
    guarantee: 'deterministic',
    details: {
      budget,
      affected: grid.affected(Math.max(1, radius)),
      certifiedPatchOne: isCertified(budget, grid, 1),
      ...(map.length > 0 ? { map: { patch, places: map } } : {}),
      ...(missing > 0 ? { missing } : { margin: marginBudget(votes) }),
    },
  }
}

function certifyDrawn(state: TwoStageState, job: Job): SmoothingFinding {
  const grid = ablation(job)
  const { params } = job
  const lower = lowerBoundOf(state, params, params.alpha)
  const isSure = lower > 0.5
  return {
    ...frame(job, isSure ? largestPatchOfBound(lower, grid) : 0),
    class: isSure ? chosenClass(state, params) : null,
    votes: state.estimation,
    total: params.estimation,
    guarantee: 'probabilistic',
    alpha: params.alpha,
    bounds: { lower },
  }
}

function frame({ params, shape }: Job, radius: number) {
  return {
    method: 'derandomized-smoothing',
    radius,
    largestInteger: radius,
    threat: { norm: 'patch', unit: 'px' } as const,
    statement:
      radius === 0
        ? 'Nothing is certified: one patch of a single pixel may change the class.'
        : `The class cannot change under any one change inside ${regionOf(params, radius)}.`,
    assumptions: [
      `Sizes are pixels of the model's own picture of ${shape.width} x ${shape.height}.`,
      'It is about the vote over parts of the picture, not about the model on all of it.',
      'It is a statement about the class of this picture, not about the place of a box, nor that the class is right.',
    ],
    params,
  }
}

function regionOf({ ablation: kind }: Settings, size: number): string {
  if (kind === 'blocks') return `a square of up to ${size} x ${size} px`
  return kind === 'rows'
    ? `a strip of up to ${size} px of height and any width`
    : `a strip of up to ${size} px of width and any height`
}
