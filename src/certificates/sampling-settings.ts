import { z } from 'zod'

/** Settings of certifiers that draw samples: how many, how sure, from which seed. */
export const samplingSettings = (selection: number, estimation: number, alpha: number) => ({
  selection: z.int().min(1).default(selection).describe('Samples that choose the class'),
  estimation: z.int().min(2).default(estimation).describe('Further samples that bound it'),
  alpha: z.number().gt(0).lt(1).default(alpha).describe('Chance of a wrong statement'),
  seed: z.int().min(0).max(4_294_967_295).default(0).describe('Of the noise'),
})

/** The noise of certifiers that add Gaussian noise. */
export const noiseSetting = z
  .number()
  .positive()
  .max(100)
  .default(0.25)
  .describe('Standard deviation of the noise where white is 1; best as the model was trained')

/** What a bound from samples leaves to chance, and what it takes: one sentence for the assumptions of a certificate. */
export const chanceOf = ({ alpha, seed }: { readonly alpha: number; readonly seed: number }) =>
  `The statement of each certificate is wrong with probability at most ${alpha}, if neither the picture nor the model was made to fit the random numbers of seed ${seed}.`
