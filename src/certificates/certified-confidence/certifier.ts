import { defineCertifier } from '../../shared/plugin'
import type { SmoothingFinding } from '../../shared/plugin'
import { gaussianSamples } from '../gaussian-noise'
import { roundedDown } from '../plain-number'
import { chanceOf } from '../sampling-settings'
import { distributionCurve, meanCurve, radiusAbove, scoreAt } from './score-curve'
import type { ScoreCurve } from './score-curve'
import { majorityOf, rangeOf, settings } from './settings'
import type { Job, Settings } from './settings'
import { chosenClass, countAnswers, emptyTally } from './tally'
import type { ScoreTally } from './tally'

const threat = { norm: 'L2', unit: 'L2 distance on 0..1 pixels' } as const
/** Distances of the curve that is drawn, as multiples of sigma. */
const CURVE = Array.from({ length: 25 }, (_, i) => i / 8)

export default defineCertifier<typeof settings, ScoreTally>({
  id: 'certified-confidence',
  name: 'Certified confidence',
  summary: 'Averages the score over noisy copies: how far does it stay above a threshold?',
  reference: 'Kumar et al., Certifying Confidence via Randomized Smoothing, NeurIPS 2020',
  params: settings,

  describe: () => ({ threat, guarantee: 'probabilistic', channelFactor: 1, output: 'logits' }),

  plan: ({ params: { selection, estimation }, shape }) => ({
    total: selection + estimation,
    selection,
    sample: shape,
    resumable: true,
  }),

  samples: (picture, { params }, from, to) => gaussianSamples(picture, params, from, to),

  begin: emptyTally,

  tally: countAnswers,

  settled(state, wanted, { params }) {
    // One distance is enough to ask: finding the radius takes fifty times as long.
    const isEnough = (missingScore: number): boolean => {
      const curve = curveOf(state, params, missingScore)
      return hasMajority(curve, params) && scoreAt(curve, wanted, params.sigma) > params.threshold
    }
    const { min, max } = rangeOf(params)
    if (isEnough(min)) return true
    return isEnough(max) ? null : false
  },

  certify: findingOf,
})

/** What the scores prove if each one that is missing were `missingScore`: at the lowest value less, never more. */
function curveOf(state: ScoreTally, params: Settings, missingScore: number): ScoreCurve {
  const { alpha, estimation, gap, bound } = params
  const scores = new Float64Array(estimation).fill(missingScore)
  scores.set(state.scores)
  const range = rangeOf(params)
  if (bound === 'mean') {
    const mean = scores.reduce((sum, score) => sum + score, 0) / estimation
    return meanCurve(mean, estimation, range, alpha)
  }
  return distributionCurve(scores.sort(), range, alpha, gap)
}

/** Whether no other class can have the larger expected score on the picture itself. */
const hasMajority = (curve: ScoreCurve, params: Settings): boolean =>
  scoreAt(curve, 0, params.sigma) >= majorityOf(params)

function findingOf(state: ScoreTally, job: Job): SmoothingFinding {
  const { params, shape } = job
  const { sigma, threshold } = params
  const curve = curveOf(state, params, rangeOf(params).min)
  const winner = hasMajority(curve, params) ? chosenClass(state, params) : null
  const radius = winner === null ? null : radiusAbove(curve, threshold, sigma)
  return {
    method: 'certified-confidence',
    class: winner,
    votes: [],
    total: params.estimation,
    radius: radius ?? 0,
    threat,
    guarantee: 'probabilistic',
    alpha: params.alpha,
    bounds: { lower: scoreAt(curve, 0, sigma) },
    statement:
      winner === null
        ? `Nothing is certified: no class is sure to have the largest average ${params.measure}.`
        : radius === null
          ? `Nothing is certified: the average ${params.measure} of the class is not sure to be above ${threshold}.`
          : `The average ${params.measure} of the class under this noise stays above ${threshold} while the values of all pixels together (0..1) move by at most ${roundedDown(radius)} in L2 distance.`,
    assumptions: [
      chanceOf(params),
      `It is about the average over copies with noise of standard deviation ${sigma}, not about the model's score of the bare picture.`,
      `Pixels are those of the model's own picture of ${shape.width} x ${shape.height}.`,
      'It is a statement about the score of this picture, not about the place of a box, nor that the class is right.',
    ],
    params: { ...params },
    details: {
      curve: CURVE.map((multiple) => ({
        distance: multiple * sigma,
        lower: scoreAt(curve, multiple * sigma, sigma),
      })),
    },
  }
}
