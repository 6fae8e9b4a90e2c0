import { z } from 'zod'
import { AppError } from '../../shared/errors'
import { defineCertifier, modelValue } from '../../shared/plugin'
import type { SmoothingFinding, SmoothingJob, SmoothingPicture } from '../../shared/plugin'
import { seededRandom } from '../../shared/random'
import { argmaxes, assertNext } from '../answers'
import {
  beginTwoStages,
  boundSettled,
  chosenClass,
  lowerBoundOf,
  tallyTwoStages,
} from '../monte-carlo'
import type { TwoStageState } from '../monte-carlo'
import { roundedDown } from '../plain-number'
import { chanceOf, samplingSettings } from '../sampling-settings'
import { applyFlow } from './flow'
import { laplaceFlow } from './flow-noise'
import { laplaceScale, wassersteinRadii } from './radius'

const settings = z.object({
  standardDeviation: z
    .number()
    .positive()
    .max(10)
    .default(0.01)
    .describe("Of the flow between two pixels, in shares of the picture's mass"),
  ground: z
    .enum(['l2', 'l1'])
    .default('l2')
    .describe('Distance between two pixels: straight, or along rows and columns'),
  tight: z
    .boolean()
    .default(false)
    .describe('The exact worst case of Laplace noise instead of the published bound'),
  ...samplingSettings(1000, 10_000, 0.05),
})

type Settings = z.output<typeof settings>
type Job = SmoothingJob<Settings>

const threatOf = ({ ground }: Settings) =>
  ({
    norm: 'W1',
    unit: `px that brightness moves on average, ${ground === 'l2' ? 'straight' : 'along rows and columns'} (W1 distance)`,
  }) as const

export default defineCertifier<typeof settings, TwoStageState>({
  id: 'wasserstein-smoothing',
  name: 'Wasserstein smoothing',
  summary: 'Lets copies whose pixels leak into each other vote: how far may brightness be moved?',
  reference:
    'Levine and Feizi, Wasserstein Smoothing: Certified Robustness against Wasserstein Adversarial Attacks, AISTATS 2020',
  params: settings,

  describe: (params) => ({
    threat: threatOf(params),
    guarantee: 'probabilistic',
    channelFactor: 1,
    output: 'logits',
  }),

  plan: ({ params: { selection, estimation }, shape }) => ({
    total: selection + estimation,
    selection,
    sample: shape,
    resumable: true,
  }),

  samples: flowSamples,

  begin: ({ classes }) => beginTwoStages(classes),

  tally(state, answers, { classes, params }, from, to) {
    assertNext(state, answers, classes, from, to)
    return tallyTwoStages(state, argmaxes(answers, classes), params)
  },

  settled: (state, wanted, { params }) =>
    boundSettled(
      state,
      params,
      params.alpha,
      (lower) => lower > 0.5 && radiusOf(lower, params) >= wanted,
    ),

  certify: findingOf,
})

/** @throws AppError E_PICTURE_BLACK */
function flowSamples(picture: SmoothingPicture, { params }: Job, from: number, to: number) {
  const { data, channels, normalization } = picture
  if (data.every((byte) => byte === 0)) throw pictureBlack()
  const values = Float64Array.from(data, (byte) => byte / 255)
  const plane = data.length / channels
  const scale = laplaceScale(params.standardDeviation)
  const samples = new Float32Array((to - from) * data.length)
  for (let sample = from; sample < to; sample++) {
    const flow = laplaceFlow(seededRandom(params.seed, sample), picture, scale)
    const moved = applyFlow(values, picture, flow)
    // Rounded to single precision only here, after everything is added.
    const start = (sample - from) * data.length
    for (let i = 0; i < moved.length; i++) {
      samples[start + i] = modelValue(moved[i]!, Math.floor(i / plane), normalization)
    }
  }
  return samples
}

const pictureBlack = () =>
  new AppError(
    'E_PICTURE_BLACK',
    'wasserstein-smoothing cannot take a picture whose values are all 0: it has no mass to move',
    'Leave this picture out, or use another method for it.',
  )

function radiusOf(lower: number, { standardDeviation, tight, ground }: Settings): number {
  const radii = wassersteinRadii(lower, laplaceScale(standardDeviation), tight)
  return ground === 'l2' ? radii.l2Ground : radii.l1Ground
}

function findingOf(state: TwoStageState, { params, shape }: Job): SmoothingFinding {
  const lower = lowerBoundOf(state, params, params.alpha)
  const radius = radiusOf(lower, params)
  return {
    method: 'wasserstein-smoothing',
    class: lower > 0.5 ? chosenClass(state, params) : null,
    votes: state.estimation,
    total: params.estimation,
    radius,
    threat: threatOf(params),
    guarantee: 'probabilistic',
    alpha: params.alpha,
    bounds: { lower },
    statement:
      radius > 0
        ? `The class cannot change while the brightness of the picture moves between pixels by at most ${roundedDown(radius)} px on average (W1 distance).`
        : 'Nothing is certified: no class is sure to win more than half of the votes.',
    assumptions: [
      chanceOf(params),
      'Brightness is moved within its channel, none is added or taken away.',
      `It is about the vote over copies with flows of standard deviation ${params.standardDeviation}, not about the model on the bare picture.`,
      `Pixels are those of the model's own picture of ${shape.width} x ${shape.height}.`,
      'It is a statement about the class of this picture, not about the place of a box, nor that the class is right.',
    ],
    params: { ...params },
  }
}
