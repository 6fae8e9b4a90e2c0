import { z } from 'zod'
import { binomialTestHalf, clopperPearsonLower } from '../../shared/statistics'
import { type CaseKind, caseKind } from '../case-kind'
import { nested, pictureOf } from '../case-image'
import { count, imageBytes, level, size, voteList } from '../case-schemas'
import { runnerUpOf, winnerOf } from '../vote-margin'
import { sampleShape, writeAblated } from './encode'
import { ablationRadius, overlapProbability } from './radius'

export const method = 'randomized-ablation'

const retention = z.object({ pixels: size, retained: count })
const fits = ({ pixels, retained }: z.output<typeof retention>): boolean => retained <= pixels
const misfit = 'more pixels retained than there are'

const counts = retention
  .extend({ samples: size, top_count: count, alpha_one_sided: level })
  .refine(fits, misfit)
  .refine(({ samples, top_count: top }) => top <= samples, 'more votes than samples')

const encoding = z.object({
  channels: size.optional(),
  height: size.optional(),
  width: size.optional(),
  image_uint8: imageBytes,
  retained_pixels: z.array(count),
})

export const kinds: Record<string, CaseKind> = {
  radius_from_lower_bound: caseKind(
    retention.extend({ lower: z.number().min(0).max(1) }).refine(fits, misfit),
    ({ lower, ...retained }) => ({ radius: ablationRadius(retained, lower) }),
  ),

  overlap_probability: caseKind(
    retention
      .extend({ changed: count })
      .refine(fits, misfit)
      .refine(({ pixels, changed }) => changed <= pixels, 'more pixels changed than there are'),
    ({ changed, ...retained }) => ({ delta: overlapProbability(retained, changed) }),
  ),

  certify_from_counts: caseKind(
    counts,
    ({ samples, top_count: top, alpha_one_sided, ...retained }) => {
      const lower = clopperPearsonLower(top, samples, alpha_one_sided)
      return { lower, radius: ablationRadius(retained, lower) }
    },
  ),

  ablated_encoding: caseKind(encoding, (input) => {
    const picture = pictureOf(input.image_uint8, shapeGiven(input))
    const pixels = picture.height * picture.width
    const beyond = input.retained_pixels.find((pixel) => pixel >= pixels)
    if (beyond !== undefined) throw new RangeError(`retained_pixels: ${beyond} of ${pixels} pixels`)
    const shape = sampleShape(picture, 'pair')
    const tensor = new Float32Array(shape.channels * pixels)
    writeAblated(tensor, 0, picture, input.retained_pixels, 'pair')
    return {
      tensor: nested(tensor, shape),
      shape: [shape.channels, shape.height, shape.width],
    }
  }),

  predict_or_abstain: caseKind(
    z.object({ counts: voteList, alpha: level }),
    ({ counts: votes, alpha }) => {
      const winner = winnerOf(votes)
      const second = runnerUpOf(votes)
      const pValue = binomialTestHalf(
        votes[winner] ?? 0,
        second === null ? 0 : (votes[second] ?? 0),
      )
      return { p_value: pValue, predicted: pValue > alpha ? null : winner }
    },
  ),
}

function shapeGiven({ channels, height, width }: z.output<typeof encoding>) {
  return {
    ...(channels === undefined ? {} : { channels }),
    ...(height === undefined ? {} : { height }),
    ...(width === undefined ? {} : { width }),
  }
}
