import { z } from 'zod'
import type { JsonValue } from '../../shared/dataset'
import { samplingSlack } from '../../shared/statistics'
import { type CaseKind, caseKind } from '../case-kind'
import { level, size } from '../case-schemas'
import { marginsOf } from './margins'
import { distributionCurve, meanCurve, radiusAbove, scoreAt } from './score-curve'
import type { ScoreCurve } from './score-curve'

export const method = 'certifying-confidence'

// Answers are keyed by the text of these numbers, as the files of cases write them.
const distances = ['0.0', '0.1', '0.25', '0.5', '1.0', '2.0']
const coarseDistances = ['0.0', '0.25', '0.5']
const thresholds = { prediction_score: ['0.5', '0.6', '0.8'], margin: ['0.0', '0.2', '0.5'] }

const sigma = z.number().positive()
const sortedScores = z
  .array(z.number())
  .min(1)
  .refine(
    (scores) => scores.every((score, i) => i === 0 || score >= (scores[i - 1] ?? 0)),
    'the scores are not in ascending order',
  )
const isWithin = (scores: readonly number[], min: number, max: number): boolean =>
  scores.every((score) => score >= min && score <= max)

const bounds = z
  .object({
    measure: z.enum(['prediction_score', 'margin']),
    sigma,
    alpha: level,
    range_min: z.number(),
    range_max: z.number(),
    sorted_scores: sortedScores,
  })
  .refine(({ range_min: min, range_max: max }) => min < max, 'range_min is not below range_max')
  .refine(
    ({ sorted_scores: scores, range_min: min, range_max: max }) => isWithin(scores, min, max),
    'a score lies outside range_min to range_max',
  )

const coarse = z
  .object({ sigma, alpha: level, gap: size, sorted_scores: sortedScores })
  .refine(({ sorted_scores: scores }) => isWithin(scores, 0, 1), 'a score lies outside 0 to 1')

const probabilityRows = z
  .array(z.array(z.number().min(0).max(1)).min(2, 'a margin needs two classes or more'))
  .min(1)

export const kinds: Record<string, CaseKind> = {
  confidence_lower_bounds: caseKind(bounds, (input) => {
    const scores = Float64Array.from(input.sorted_scores)
    const range = { min: input.range_min, max: input.range_max }
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
    const curve = distributionCurve(scores, range, input.alpha)
    const byMean = meanCurve(mean, scores.length, range, input.alpha)
    return {
      epsilon: samplingSlack(scores.length, input.alpha),
      mean_score: mean,
      lower_cdf_by_l2: boundsAt(distances, curve, input.sigma),
      lower_mean_only_by_l2: boundsAt(distances, byMean, input.sigma),
      radius_for_threshold: keyed(thresholds[input.measure], (threshold) =>
        radiusAbove(curve, threshold, input.sigma),
      ),
    }
  }),

  subsampled_thresholds: caseKind(coarse, (input) => {
    const scores = Float64Array.from(input.sorted_scores)
    const curve = distributionCurve(scores, { min: 0, max: 1 }, input.alpha, input.gap)
    return { lower_cdf_by_l2: boundsAt(coarseDistances, curve, input.sigma) }
  }),

  margins: caseKind(z.object({ probabilities: probabilityRows }), ({ probabilities }) => ({
    margins: probabilities.map((row) => Array.from(marginsOf(row))),
  })),
}

const boundsAt = (keys: readonly string[], curve: ScoreCurve, sigma: number) =>
  keyed(keys, (distance) => scoreAt(curve, distance, sigma))

function keyed(keys: readonly string[], answer: (value: number) => JsonValue) {
  return Object.fromEntries(keys.map((key) => [key, answer(Number(key))]))
}
