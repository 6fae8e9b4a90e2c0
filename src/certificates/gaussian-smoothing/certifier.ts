import { defineCertifier } from '../../shared/plugin'
import type { SmoothingFinding } from '../../shared/plugin'
import { gaussianSamples } from '../gaussian-noise'
import { chosenClass } from '../monte-carlo'
import { roundedDown } from '../plain-number'
import { chanceOf } from '../sampling-settings'
import { prove } from './proof'
import type { Proof } from './proof'
import { planOf, settings } from './settings'
import type { Job } from './settings'
import { countAnswers, emptyTally, noiseChoice } from './tally'
import type { GaussianTally } from './tally'

const threat = { norm: 'L2', unit: 'L2 distance on 0..1 pixels' } as const

export default defineCertifier<typeof settings, GaussianTally>({
  id: 'gaussian-smoothing',
  name: 'Gaussian smoothing',
  summary: 'Lets many copies with Gaussian noise vote: how far may all pixels together move?',
  reference:
    'Cohen et al., Certified Adversarial Robustness via Randomized Smoothing, ICML 2019; Levine et al., Tight Second-Order Certificates for Randomized Smoothing, 2020',
  params: settings,

  describe: () => ({ threat, guarantee: 'probabilistic', channelFactor: 1, output: 'logits' }),

  plan({ params, shape }) {
    const { selection, estimation } = planOf(params)
    return { total: selection + estimation, selection, sample: shape, resumable: true }
  },

  samples: (picture, { params }, from, to) =>
    gaussianSamples(picture, params, from, to, noiseChoice(params)),

  begin: ({ classes }) => emptyTally(classes),

  tally: countAnswers,

  settled(state, wanted, job) {
    const isEnough = (proof: Proof): boolean => proof.isMajority && proof.radius >= wanted
    if (isEnough(prove(state, job))) return true
    return isEnough(prove(state, job, true)) ? null : false
  },

  certify: findingOf,
})

function findingOf(state: GaussianTally, job: Job): SmoothingFinding {
  const { params, shape } = job
  const proof = prove(state, job)
  const winner = proof.isMajority ? chosenClass(state, planOf(params)) : null
  return {
    method: 'gaussian-smoothing',
    class: winner,
    votes: state.estimation,
    total: planOf(params).estimation,
    radius: winner === null ? 0 : proof.radius,
    threat,
    guarantee: 'probabilistic',
    alpha: params.alpha,
    bounds: proof.bounds,
    statement:
      winner === null || proof.radius === 0
        ? 'Nothing is certified: no class is sure to win more than half of the votes.'
        : `The class cannot change while the values of all pixels together (0..1) move by at most ${roundedDown(proof.radius)} in L2 distance.`,
    assumptions: [
      chanceOf(params),
      `It is about the vote over copies with noise of standard deviation ${params.sigma}, not about the model on the bare picture.`,
      `Pixels are those of the model's own picture of ${shape.width} x ${shape.height}.`,
      'It is a statement about the class of this picture, not about the place of a box, nor that the class is right.',
    ],
    params: { ...params },
  }
}
