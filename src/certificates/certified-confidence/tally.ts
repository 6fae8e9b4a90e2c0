import type { TallyState } from '../../shared/plugin'
import { assertNext } from '../answers'
import { winnerOf } from '../vote-margin'
import { marginsOf } from './margins'
import { rangeOf } from './settings'
import type { Job, Settings } from './settings'

export interface ScoreTally extends TallyState {
  /** Sums of scores per class over the samples that choose. */
  readonly selection: readonly number[]
  /** Scores of the chosen class in the further samples, in their order. */
  readonly scores: readonly number[]
}

export const emptyTally = ({ classes }: Job): ScoreTally => ({
  next: 0,
  selection: new Array<number>(classes).fill(0),
  scores: [],
})

/** The class with the largest average score; null before it is chosen. */
export const chosenClass = (state: ScoreTally, { selection }: Settings): number | null =>
  state.next < selection ? null : winnerOf(state.selection)

/** Adds the answers, logits, to samples from..to-1. */
export function countAnswers(
  state: ScoreTally,
  answers: Float32Array,
  { params, classes }: Job,
  from: number,
  to: number,
): ScoreTally {
  assertNext(state, answers, classes, from, to)
  const selection = [...state.selection]
  const scores = [...state.scores]
  let chosen = chosenClass(state, params)
  for (let sample = from; sample < to; sample++) {
    const start = (sample - from) * classes
    const row = scoresOf(answers.subarray(start, start + classes), params)
    if (sample < params.selection) {
      row.forEach((score, c) => (selection[c] = (selection[c] ?? 0) + score))
    } else {
      chosen ??= winnerOf(selection)
      scores.push(row[chosen]!)
    }
  }
  return { next: to, selection, scores }
}

/** Scores of all classes of one sample. One that is no number counts as the lowest. */
function scoresOf(logits: Float32Array, params: Settings): Float64Array {
  const probabilities = softmax(logits)
  const scores = params.measure === 'score' ? probabilities : marginsOf(probabilities)
  const { min } = rangeOf(params)
  return scores.map((score) => (Number.isNaN(score) ? min : score))
}

function softmax(logits: Float32Array): Float64Array {
  const top = logits.reduce((most, logit) => Math.max(most, logit), -Infinity)
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - top))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}
