import { z } from 'zod'
import { AppError } from '../../shared/errors'
import { defineCertifier, type SmoothingJob } from '../../shared/plugin'
import { randomSubset, seededRandom } from '../../shared/random'
import { argmaxes, assertNext } from '../answers'
import { beginTwoStages, boundSettled, chosenClass, lowerBoundOf } from '../monte-carlo'
import { tallyTwoStages, type TwoStageState } from '../monte-carlo'
import { chanceOf } from '../sampling-settings'
import { sampleShape, writeAblated } from './encode'
import { ablationRadius, type Retention } from './radius'

const settingsSchema = z.object({
  retained: z.int().min(1).default(45).describe('Pixels that a sample keeps, drawn at random'),
  encoding: z
    .enum(['pair', 'mean'])
    .default('pair')
    .describe('How the model tells hidden pixels: as it was trained'),
  mean: z
    .array(z.number())
    .default([])
    .describe("Value of hidden pixels per channel, 0..1 (mean only); none: the model's own mean"),
  selection: z.int().min(1).default(1000).describe('Samples that choose the class'),
  estimation: z.int().min(1).default(10_000).describe('Further samples that bound it'),
  alpha: z.number().gt(0).lt(1).default(0.05).describe('Chance of a wrong statement'),
  seed: z.int().min(0).max(4_294_967_295).default(0).describe('Of the random numbers'),
})

type Job = SmoothingJob<z.output<typeof settingsSchema>>

export default defineCertifier<typeof settingsSchema, TwoStageState>({
  id: 'randomized-ablation',
  name: 'Randomized ablation',
  summary:
    'Shows the classifier a few pixels at a time, drawn at random: how many pixels must change?',
  reference:
    'Levine and Feizi, Robustness Certificates for Sparse Adversarial Attacks by Randomized Ablation, AAAI 2020',
  params: settingsSchema,

  describe: ({ encoding }) => ({
    threat: { norm: 'L0', unit: 'px' },
    guarantee: 'probabilistic',
    channelFactor: encoding === 'pair' ? 2 : 1,
    output: 'logits',
  }),

  plan(job) {
    retentionOf(job)
    const { selection, estimation, encoding } = job.params
    return {
      total: selection + estimation,
      selection,
      sample: sampleShape(job.shape, encoding),
      resumable: true,
    }
  },

  samples(picture, job, from, to) {
    const { pixels, retained } = retentionOf(job)
    const { encoding, mean, seed } = job.params
    const each = sampleShape(picture, encoding).channels * pixels
    const batch = new Float32Array((to - from) * each)
    for (let sample = from; sample < to; sample++) {
      const kept = randomSubset(seededRandom(seed, sample), pixels, retained)
      writeAblated(batch, (sample - from) * each, picture, kept, encoding, mean)
    }
    return batch
  },

  begin: ({ classes }) => beginTwoStages(classes),

  tally(state, answers, { classes, params }, from, to) {
    assertNext(state, answers, classes, from, to)
    return tallyTwoStages(state, argmaxes(answers, classes), params)
  },

  settled(state, wanted, job) {
    const retention = retentionOf(job)
    return boundSettled(
      state,
      job.params,
      job.params.alpha,
      (lower) => lower > 0.5 && ablationRadius(retention, lower) >= wanted,
    )
  },

  certify(state, job) {
    const { params } = job
    const lower = lowerBoundOf(state, params, params.alpha)
    const radius = ablationRadius(retentionOf(job), lower)
    return {
      method: 'randomized-ablation',
      class: lower > 0.5 ? chosenClass(state, params) : null,
      votes: state.estimation,
      total: params.estimation,
      radius,
      largestInteger: radius,
      threat: { norm: 'L0', unit: 'px' },
      guarantee: 'probabilistic',
      alpha: params.alpha,
      bounds: { lower },
      statement:
        radius === 0
          ? 'Nothing is certified: a single changed pixel may change the class.'
          : `The class cannot change while at most ${radius} pixels change, wherever they lie.`,
      assumptions: [
        chanceOf(params),
        `Pixels are those of the model's own picture of ${job.shape.width} x ${job.shape.height}, all channels together.`,
        `It is about the vote over copies that show ${params.retained} pixels each, not about the model on the bare picture.`,
        'It is a statement about the class of this picture, not about the place of a box, nor that the class is right.',
      ],
      params,
    }
  },
})

/** @throws AppError E_SETTING_INVALID */
function retentionOf({ params: { retained }, shape: { height, width } }: Job): Retention {
  const pixels = height * width
  if (retained <= pixels) return { pixels, retained }
  throw new AppError(
    'E_SETTING_INVALID',
    `randomized-ablation: setting retained = ${retained} is not usable: the picture has ${pixels} pixels`,
    'Keep fewer pixels, as the model was trained.',
  )
}
