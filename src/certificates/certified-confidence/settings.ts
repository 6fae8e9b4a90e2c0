import { z } from 'zod'
import type { SmoothingJob } from '../../shared/plugin'
import { noiseSetting, samplingSettings } from '../sampling-settings'
import type { ScoreRange } from './score-curve'

export const settings = z.object({
  measure: z
    .enum(['score', 'margin'])
    .default('score')
    .describe("The class's softmax value (0..1), or its lead over the best other one (-1..1)"),
  bound: z
    .enum(['distribution', 'mean'])
    .default('distribution')
    .describe('From the whole distribution of scores, or from their mean alone'),
  threshold: z
    .number()
    .gt(-1)
    .lt(1)
    .default(0.5)
    .describe('The radius is how far the score stays above this'),
  gap: z
    .int()
    .min(1)
    .default(1)
    .describe('Only every gap-th score is a threshold: faster, a little less proven'),
  sigma: noiseSetting,
  ...samplingSettings(100, 100_000, 0.001),
})

export type Settings = z.output<typeof settings>
export type Job = SmoothingJob<Settings>

export const rangeOf = ({ measure }: Settings): ScoreRange => ({
  min: measure === 'score' ? 0 : -1,
  max: 1,
})

/** What the expected score of a class must exceed at least for no other class to reach it. */
export const majorityOf = ({ measure }: Settings): number => (measure === 'score' ? 0.5 : 0)
