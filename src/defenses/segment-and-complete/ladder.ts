import { AppError } from '../../shared/errors'

/** The thresholds a completion tries, strictest first: t_k = alpha * beta^k (section "ladder" of the paper's code). */
export interface Ladder {
  /** First threshold, in (0, 1]: a shape is accepted at distance d when 1 - d / area >= threshold. */
  readonly alpha: number
  /** Factor from one rung to the next, in (0, 1]; 1 tries one tolerance only. */
  readonly beta: number
  readonly rungs: number
}

/** alpha 0.9, beta 0.7, 15 rungs: what Segment and Complete publishes. */
export const publishedLadder: Ladder = { alpha: 0.9, beta: 0.7, rungs: 15 }

/** The thresholds in order. Built by repeated multiplication, because that is where ties were defined. */
export function thresholds(ladder: Ladder): Float64Array {
  const { alpha, beta, rungs } = ladder
  if (!(
    alpha > 0 &&
    alpha <= 1 &&
    beta > 0 &&
    beta <= 1 &&
    Number.isInteger(rungs) &&
    rungs >= 0
  )) {
    throw new AppError(
      'E_COMPLETION_LADDER',
      `the ladder alpha ${alpha}, beta ${beta}, ${rungs} rungs is not usable`,
      'Choose alpha and beta above 0 and at most 1, and a whole number of rungs.',
    )
  }
  const values = new Float64Array(rungs)
  let threshold = alpha
  for (let k = 0; k < rungs; k++, threshold *= beta) values[k] = threshold
  return values
}
