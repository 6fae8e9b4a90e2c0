import { normalCdf, normalQuantile, samplingSlack } from '../../shared/statistics'
import { lastTrueFromZero } from '../../shared/statistics/last-true'

const WIDTH = 1e-12

/** The values that a score can take. */
export interface ScoreRange {
  readonly min: number
  readonly max: number
}

/**
 * A lower bound on the expected score of one class as a function of how far the picture was moved: steps in score, each
 * weighted by the chance that the score is at least that high, which shrinks as half-spaces do under Gaussian noise.
 */
export interface ScoreCurve {
  readonly floor: number
  readonly rises: Float64Array
  /** Normal quantiles of the lower bounds of the chances, one for each rise. */
  readonly quantiles: Float64Array
}

/**
 * From `sorted` scores (ascending, fresh samples, at most 64-bit) of a class: the whole distribution, bounded below by
 * Dvoretzky-Kiefer-Wolfowitz at level `alpha`, for all thresholds and distances at once (Kumar et al., 2020). With `gap`
 * above 1 only every gap-th score is a threshold: cheaper and a little lower.
 */
export function distributionCurve(
  sorted: Float64Array,
  range: ScoreRange,
  alpha: number,
  gap = 1,
): ScoreCurve {
  const samples = sorted.length
  const slack = samplingSlack(samples, alpha)
  const rises: number[] = []
  const quantiles: number[] = []
  let below = range.min
  for (let first = 0; first < samples; first += gap) {
    const chance = (samples - first) / samples - slack
    if (chance <= 0) break
    const score = sorted[first]!
    // Of equal scores the first has the largest chance; the others rise by nothing.
    if (score > below) {
      rises.push(score - below)
      quantiles.push(normalQuantile(chance))
    }
    below = score
  }
  return {
    floor: range.min,
    rises: Float64Array.from(rises),
    quantiles: Float64Array.from(quantiles),
  }
}

/** From the mean alone, bounded below by Hoeffding at level `alpha`: the baseline, never above the distribution's. */
export function meanCurve(
  mean: number,
  samples: number,
  range: ScoreRange,
  alpha: number,
): ScoreCurve {
  const share = (mean - range.min) / (range.max - range.min) - samplingSlack(samples, alpha)
  return {
    floor: range.min,
    rises: Float64Array.of(range.max - range.min),
    quantiles: Float64Array.of(normalQuantile(Math.min(Math.max(share, 0), 1))),
  }
}

/** Lower bound on the expected score of any picture within L2 distance `distance`; falls with the distance. */
export function scoreAt(
  { floor, rises, quantiles }: ScoreCurve,
  distance: number,
  sigma: number,
): number {
  const shift = distance / sigma
  let bound = floor
  for (let i = 0; i < rises.length; i++) {
    bound += rises[i]! * normalCdf(quantiles[i]! - shift)
  }
  return bound
}

/**
 * The largest L2 distance at which the expected score still provably exceeds `threshold`; null if it does not at
 * distance 0; Infinity if it cannot fall that low.
 */
export function radiusAbove(curve: ScoreCurve, threshold: number, sigma: number): number | null {
  const exceeds = (shift: number): boolean => scoreAt(curve, shift * sigma, sigma) > threshold
  if (!exceeds(0)) return null
  // Far away the terms round to nothing, but in truth each stays above zero.
  if (threshold <= curve.floor) return Infinity
  return sigma * lastTrueFromZero(exceeds, 1, WIDTH)
}
