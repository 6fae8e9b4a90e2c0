import { z } from 'zod'
import { clopperPearsonLower } from '../../shared/statistics'
import { type CaseKind, caseKind } from '../case-kind'
import { anyNumber, count, level, size } from '../case-schemas'
import { dipoleRadius, hasMajority } from './dipole'
import { firstOrderRadius } from './first-order'
import { gradientBound } from './gradient-bound'
import { secondOrder } from './second-order'

export const method = 'second-order-smoothing'

const share = z.number().min(0).max(1)
const sigma = z.number().positive()

const votes = z
  .object({ samples: size, top_count: count, sigma, alpha_one_sided: level })
  .refine(({ samples, top_count: top }) => top <= samples, 'more votes than samples')

const dipoleShares = z
  .object({ sigma, lower_symmetric: share, lower_asymmetric: share })
  .refine(
    ({ lower_symmetric: symmetric, lower_asymmetric: asymmetric }) =>
      symmetric + asymmetric <= 1 + 1e-12,
    'the shares add up to more than 1',
  )

const dipoleCounts = z
  .object({
    samples: size,
    pairs: size,
    symmetric_count: count,
    asymmetric_count: count,
    sigma,
    alpha: level,
  })
  .refine(({ samples, pairs }) => 2 * pairs <= samples, 'more pairs than half of the samples')
  .refine(
    ({ pairs, symmetric_count: symmetric, asymmetric_count: asymmetric }) =>
      symmetric + asymmetric <= pairs,
    'more symmetric and asymmetric pairs than pairs',
  )

const gradientUpper = anyNumber.refine((value) => value >= 0, 'it must not be negative')

export const kinds: Record<string, CaseKind> = {
  first_order_certificate: caseKind(votes, (input) => {
    const lower = clopperPearsonLower(input.top_count, input.samples, input.alpha_one_sided)
    return { lower, radius_l2: firstOrderRadius(lower, input.sigma), abstain: lower < 0.5 }
  }),

  dipole_radius: caseKind(dipoleShares, (input) => {
    const shares = { symmetric: input.lower_symmetric, asymmetric: input.lower_asymmetric }
    const total = Math.min(1, shares.symmetric + shares.asymmetric)
    return {
      radius_l2: dipoleRadius(shares, input.sigma),
      first_order_radius_at_same_total: firstOrderRadius(total, input.sigma),
      certified: hasMajority(shares),
    }
  }),

  dipole_from_counts: caseKind(dipoleCounts, (input) => {
    const lowerOf = (successes: number): number =>
      clopperPearsonLower(successes, input.pairs, input.alpha / 2)
    const shares = {
      symmetric: lowerOf(input.symmetric_count),
      asymmetric: lowerOf(input.asymmetric_count),
    }
    return {
      lower_symmetric: shares.symmetric,
      lower_asymmetric: shares.asymmetric,
      radius_l2: dipoleRadius(shares, input.sigma),
      abstain: !hasMajority(shares),
    }
  }),

  second_order_radius: caseKind(
    z.object({ sigma, lower: share, gradient_norm_upper: gradientUpper }),
    (input) => {
      const found = secondOrder(input.lower, input.gradient_norm_upper, input.sigma)
      return {
        max_gradient_norm: found.maxGradientNorm,
        a_prime: found.omittedMass,
        radius_l2: found.radius,
        first_order_radius: firstOrderRadius(input.lower, input.sigma),
      }
    },
  ),

  gradient_norm_bound: caseKind(
    z.object({
      estimate: z.number(),
      samples: z.int().min(2),
      dimension: size,
      sigma,
      alpha_one_sided: level,
      lower: share,
    }),
    (input) => {
      const pairs = Math.floor(input.samples / 2)
      const estimate = { squaredNorm: input.estimate, pairs, dimension: input.dimension }
      const bound = gradientBound(estimate, input.sigma, input.alpha_one_sided, input.lower)
      return { upper_squared: bound.upperSquared, capped: bound.isCapped }
    },
  ),
}
