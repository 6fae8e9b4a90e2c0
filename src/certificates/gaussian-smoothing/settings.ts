import { z } from 'zod'
import type { SmoothingJob } from '../../shared/plugin'
import { noiseSetting, samplingSettings } from '../sampling-settings'

export const settings = z.object({
  bound: z
    .enum(['first-order', 'second-order', 'dipole'])
    .default('first-order')
    .describe(
      'What is measured: votes; votes and how steeply they change (small pictures only); votes of mirrored pairs',
    ),
  sigma: noiseSetting,
  ...samplingSettings(100, 100_000, 0.001),
})

export type Settings = z.output<typeof settings>
export type Job = SmoothingJob<Settings>

export const hasPairs = ({ bound }: Settings): boolean => bound !== 'first-order'

/** Pairs need an even number of further samples, so an odd one loses its last. */
export const planOf = (params: Settings) => ({
  selection: params.selection,
  estimation: hasPairs(params) ? 2 * Math.floor(params.estimation / 2) : params.estimation,
})
