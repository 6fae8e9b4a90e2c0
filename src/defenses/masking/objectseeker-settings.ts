import { z } from 'zod'

/** Settings of ObjectSeeker. Its certificate takes the same ones: it speaks of a detector that was defended with them. */
export const objectSeekerParams = z.object({
  lines: z
    .int()
    .min(1)
    .max(200)
    .default(30)
    .describe('Rows, and columns, at which the picture is cut; costs 4 detector calls each'),
  pruneIoa: z
    .number()
    .gt(0)
    .max(1)
    .default(0.6)
    .describe('A box of a masked picture goes when a box of the whole picture covers this share'),
  clusterDistance: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe(
      'Boxes of masked pictures become one when all but this share of one lies in the other',
    ),
  baseScore: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('Boxes of the whole picture need a score above this, and above that of the model'),
  maskedScore: z
    .number()
    .min(0)
    .lt(1)
    .default(0.7)
    .describe('Boxes of masked pictures need a score above this'),
  maskedShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('... and above baseScore by this share of what is missing to 1'),
  classAware: z
    .boolean()
    .default(true)
    .describe('Compares boxes of one class only, so that the class is certified as well'),
  grey: z.int().min(0).max(255).default(0).describe('Grey level of hidden pixels'),
})

export type ObjectSeekerSettings = z.output<typeof objectSeekerParams>

/** The score that boxes of masked pictures need: max(alpha, c + (1 - c) * beta) of the paper. */
export function maskedThreshold(
  settings: Pick<ObjectSeekerSettings, 'baseScore' | 'maskedScore' | 'maskedShare'>,
): number {
  const { baseScore, maskedScore, maskedShare } = settings
  return Math.max(maskedScore, baseScore + (1 - baseScore) * maskedShare)
}
