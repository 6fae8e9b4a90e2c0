import { normalNoise } from '../../shared/statistics/normal-noise'
import { argmaxes, assertNext } from '../answers'
import type { NoiseChoice } from '../gaussian-noise'
import { beginTwoStages, chosenClass, tallyTwoStages } from '../monte-carlo'
import type { TwoStageState } from '../monte-carlo'
import { hasPairs, planOf } from './settings'
import type { Job, Settings } from './settings'

/** Votes, and what became of the pairs of further samples for the chosen class. */
export interface GaussianTally extends TwoStageState {
  /** Whether the first member of the pair that is half counted voted for the class; null between pairs. */
  readonly firstVotes: boolean | null
  /** Pairs of which both members vote for the class. */
  readonly both: number
  /** Pairs of which only the first does. */
  readonly firstOnly: number
  /** Sum over the pairs that both vote of the inner product of their standard normal noise (second order only). */
  readonly products: number
}

export const emptyTally = (classes: number): GaussianTally => ({
  ...beginTwoStages(classes),
  firstVotes: null,
  both: 0,
  firstOnly: 0,
  products: 0,
})

/** Further samples 2j and 2j + 1 are a pair: mirrored noise for the dipole, independent noise otherwise. */
export function noiseChoice({ bound, selection }: Settings): (sample: number) => NoiseChoice {
  return (sample) => {
    const further = sample - selection
    // Of those that choose none is: where `further` is negative its rest is too.
    const isMirrored = bound === 'dipole' && further % 2 === 1
    return isMirrored ? { index: sample - 1, sign: -1 } : { index: sample, sign: 1 }
  }
}

/** Counts the answers to samples from..to-1. */
export function countAnswers(
  state: GaussianTally,
  answers: Float32Array,
  job: Job,
  from: number,
  to: number,
): GaussianTally {
  assertNext(state, answers, job.classes, from, to)
  const winners = argmaxes(answers, job.classes)
  const counted = { ...state, ...tallyTwoStages(state, winners, planOf(job.params)) }
  if (!hasPairs(job.params)) return counted
  // Pairs are judged by the class that was chosen, which by the first of them is known.
  const further = Math.max(from, job.params.selection)
  return countPairs(counted, winners.slice(further - from), job, further)
}

function countPairs(
  state: GaussianTally,
  winners: readonly number[],
  { params, shape }: Job,
  from: number,
): GaussianTally {
  const chosen = chosenClass(state, planOf(params))
  const length = shape.channels * shape.height * shape.width
  let { firstVotes, both, firstOnly, products } = state
  winners.forEach((winner, at) => {
    const votes = winner === chosen
    if (firstVotes === null) {
      firstVotes = votes
      return
    }
    if (firstVotes && votes) {
      both++
      if (params.bound === 'second-order') products += productOf(params.seed, from + at, length)
    } else if (firstVotes) {
      firstOnly++
    }
    firstVotes = null
  })
  return { ...state, firstVotes, both, firstOnly, products }
}

/** Of the noise of samples `second` - 1 and `second`, which is drawn again: keeping it would fill the memory. */
function productOf(seed: number, second: number, length: number): number {
  const [a, b] = [normalNoise(seed, second - 1, length), normalNoise(seed, second, length)]
  let product = 0
  for (let i = 0; i < length; i++) product += a[i]! * b[i]!
  return product
}
