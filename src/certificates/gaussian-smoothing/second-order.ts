import { normalCdf, normalPdf, normalQuantile } from '../../shared/statistics'
import { lastTrue } from '../../shared/statistics/last-true'
import { firstOrderRadius } from './first-order'

/** Radii are solved for in units of sigma to this width, below any tolerance that a reader could see. */
const WIDTH = 1e-13

export interface SecondOrder {
  /** What the norm of the gradient cannot exceed, whatever the model, where the share of votes is `lower` or more. */
  readonly maxGradientNorm: number
  /** Mass that the worst classifier leaves out below its slab of votes; 0: a half-space, as at first order. */
  readonly omittedMass: number
  readonly radius: number
}

/** phi(Phi^-1(lower)) / sigma: the gradient norm of the smoothed score of a half-space. */
export function maxGradientNorm(lower: number, sigma: number): number {
  return normalPdf(normalQuantile(lower)) / sigma
}

/**
 * The L2 radius from a lower bound on the winner's share and an upper bound on the norm of the gradient of that share
 * (Levine et al., 2020): never below the first-order radius, equal to it at `maxGradientNorm`, and at most
 * sigma Phi^-1((1 + lower) / 2). The worst classifier votes on a slab between two parallel planes.
 */
export function secondOrder(lower: number, gradientUpper: number, sigma: number): SecondOrder {
  const omittedMass = solveOmittedMass(lower, gradientUpper * sigma)
  return {
    maxGradientNorm: maxGradientNorm(lower, sigma),
    omittedMass,
    radius: slabRadius(lower, omittedMass, sigma),
  }
}

/**
 * The a in [0, 1 - p] with phi(Phi^-1(a)) - phi(Phi^-1(a + p)) = -slope; the left side grows with a. Taken from below,
 * where the radius is smaller.
 */
function solveOmittedMass(lower: number, slope: number): number {
  const outside = 1 - lower
  const slopeWithout = (mass: number): number =>
    normalPdf(normalQuantile(mass)) - normalPdf(normalQuantile(outside - mass))
  return lastTrue((mass) => slopeWithout(mass) <= -slope, 0, outside, 0)
}

/** The R with Phi(upper - R) - Phi(below - R) = 1/2, whose left side falls with R between the two brackets. */
function slabRadius(lower: number, omittedMass: number, sigma: number): number {
  if (!(lower > 0.5)) return 0
  const first = firstOrderRadius(lower, 1)
  const below = normalQuantile(omittedMass)
  const upper = -normalQuantile(1 - lower - omittedMass)
  const most = -normalQuantile((1 - lower) / 2)
  const wins = (shift: number): boolean =>
    normalCdf(upper - shift) - normalCdf(below - shift) >= 0.5
  return sigma * lastTrue(wins, first, most, WIDTH)
}
