import type { TallyState } from '../shared/plugin'

/** Stops a fault of the runner: answers that were counted before, out of order, or of the wrong size. */
export function assertNext(
  state: TallyState,
  answers: Float32Array,
  classes: number,
  from: number,
  to: number,
): void {
  if (from !== state.next || to < from) {
    throw new RangeError(`samples ${from}..${to} where sample ${state.next} comes next`)
  }
  if (answers.length !== (to - from) * classes) {
    throw new RangeError(`${answers.length} answers for ${to - from} samples of ${classes} classes`)
  }
}

/** The class with the largest logit of each sample; of several, the lowest index. */
export function argmaxes(logits: Float32Array | Float64Array, classes: number): number[] {
  const winners: number[] = []
  for (let start = 0; start < logits.length; start += classes) {
    const own = [...logits.subarray(start, start + classes)]
    winners.push(Math.max(0, own.indexOf(Math.max(...own))))
  }
  return winners
}

/** The classes whose softmax is at least `theta`, for each sample; none, one or several, ascending. */
export function classesAbove(
  logits: Float32Array | Float64Array,
  classes: number,
  theta: number,
): number[][] {
  const sets: number[][] = []
  for (let start = 0; start < logits.length; start += classes) {
    const own = [...logits.subarray(start, start + classes)]
    const top = Math.max(...own)
    const weights = own.map((logit) => Math.exp(logit - top))
    const sum = weights.reduce((total, weight) => total + weight, 0)
    const set = weights.flatMap((weight, c) => (weight / sum >= theta ? [c] : []))
    sets.push(set)
  }
  return sets
}
