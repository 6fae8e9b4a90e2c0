import { clopperPearsonLower } from '../../shared/statistics'
import { lowerBoundOf } from '../monte-carlo'
import { dipoleRadius, hasMajority } from './dipole'
import { firstOrderRadius } from './first-order'
import { gradientBound } from './gradient-bound'
import { secondOrder } from './second-order'
import { planOf } from './settings'
import type { Job } from './settings'
import type { GaussianTally } from './tally'

/** What the counted samples prove of the chosen class. */
export interface Proof {
  readonly radius: number
  readonly isMajority: boolean
  /** By name: lower bounds on shares, and the upper bound on the norm of the gradient where it tells something. */
  readonly bounds: Readonly<Record<string, number>>
}

/**
 * Bounds and radius for the chosen class. Samples that are missing count as votes for other classes, and a gradient
 * estimate that is not complete is not used: less is proven, never more. `hopeful` is the other extreme, what the
 * missing samples could prove at best. Two bounds that are used together share alpha.
 */
export function prove(state: GaussianTally, job: Job, hopeful = false): Proof {
  const { params } = job
  switch (params.bound) {
    case 'first-order': {
      const lower = lowerBoundOf(state, planOf(params), params.alpha, hopeful)
      return byVotes(lower, params.sigma)
    }
    case 'second-order':
      return proveSecondOrder(state, job, hopeful)
    case 'dipole':
      return proveDipole(state, job, hopeful)
  }
}

const byVotes = (lower: number, sigma: number): Proof => ({
  radius: firstOrderRadius(lower, sigma),
  isMajority: lower >= 0.5,
  bounds: { lower },
})

function proveSecondOrder(state: GaussianTally, job: Job, hopeful: boolean): Proof {
  const { params, shape } = job
  const { sigma, alpha } = params
  const plan = planOf(params)
  const lower = lowerBoundOf(state, plan, alpha / 2, hopeful)
  const isComplete = state.next >= plan.selection + plan.estimation
  if (!isComplete) {
    const proof = byVotes(lower, sigma)
    return hopeful ? { ...proof, radius: secondOrder(lower, 0, sigma).radius } : proof
  }
  const pairs = plan.estimation / 2
  const dimension = shape.channels * shape.height * shape.width
  const squaredNorm = state.products / pairs / sigma ** 2
  const bound = gradientBound({ squaredNorm, pairs, dimension }, sigma, alpha / 2, lower)
  if (bound.isCapped) return byVotes(lower, sigma)
  const gradientNormUpper = Math.sqrt(bound.upperSquared)
  return {
    radius: secondOrder(lower, gradientNormUpper, sigma).radius,
    isMajority: lower >= 0.5,
    bounds: { lower, gradientNormUpper },
  }
}

function proveDipole(state: GaussianTally, { params }: Job, hopeful: boolean): Proof {
  const { selection, estimation } = planOf(params)
  const pairs = estimation / 2
  const missing = pairs - Math.max(0, Math.floor((state.next - selection) / 2))
  // At best each missing pair raises both shares, which is more than one pair can do.
  const lowerOf = (counted: number): number =>
    clopperPearsonLower(
      hopeful ? Math.min(pairs, counted + missing) : counted,
      pairs,
      params.alpha / 2,
    )
  const shares = { symmetric: lowerOf(state.both), asymmetric: lowerOf(state.firstOnly) }
  return {
    radius: dipoleRadius(shares, params.sigma),
    isMajority: hasMajority(shares),
    bounds: { lowerSymmetric: shares.symmetric, lowerAsymmetric: shares.asymmetric },
  }
}
