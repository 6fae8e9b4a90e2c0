import { z } from 'zod'
import { clopperPearsonLower } from '../../shared/statistics'
import { type CaseKind, caseKind } from '../case-kind'
import { anyNumber, count, level, size } from '../case-schemas'
import { smoothingLimits } from './limits'

export const method = 'curse-of-dimensionality'

const setting = {
  norm_p: anyNumber.refine((p) => p >= 1, 'the p of a norm is at least 1'),
  dimension: size,
  sigma: z.number().positive(),
}
const share = z.number().min(0).max(1)

const counts = z
  .object({ ...setting, samples: size, top_count: count, alpha_one_sided: level })
  .refine(({ samples, top_count: top }) => top <= samples, 'more votes than samples')

const probabilities = z
  .object({ ...setting, p1: share, p2: share })
  .refine(({ p1, p2 }) => p2 <= p1, 'p2 is above p1')
  .refine(({ p1, p2 }) => p1 + p2 <= 1 + 1e-9, 'p1 and p2 add up to more than 1')

export const kinds: Record<string, CaseKind> = {
  bounds_from_counts: caseKind(counts, (input) => {
    const lower = clopperPearsonLower(input.top_count, input.samples, input.alpha_one_sided)
    if (lower < 0.5) return { lower, abstain: true }
    const limits = smoothingLimits(limitSetting(input), { p1: lower, p2: 1 - lower })
    return {
      lower,
      abstain: false,
      iid_upper_bound: limits.iid,
      generalized_gaussian_upper_bound_over_c: limits.generalizedGaussian / 2,
      generalized_gaussian_upper_bound: limits.generalizedGaussian,
      gaussian_achieved_radius: limits.gaussianAchieved,
    }
  }),

  bounds_from_probabilities: caseKind(probabilities, (input) => {
    const limits = smoothingLimits(limitSetting(input), input)
    return {
      iid_upper_bound: limits.iid,
      generalized_gaussian_upper_bound: limits.generalizedGaussian,
      gaussian_achieved_radius: limits.gaussianAchieved,
    }
  }),
}

const limitSetting = (input: { norm_p: number; dimension: number; sigma: number }) => ({
  p: input.norm_p,
  dimension: input.dimension,
  sigma: input.sigma,
})
