/** Radii that a lower bound on the winner's share of votes proves; all 0 unless the bound exceeds one half. */
export interface WassersteinRadii {
  /** Sum of absolute flows; equals the Wasserstein distance with ground distance `l1`. */
  readonly flowL1: number
  readonly l1Ground: number
  /** With straight-line ground distance: |dx| + |dy| is at most sqrt 2 times as long. */
  readonly l2Ground: number
  /** What Laplace noise on pixels instead of flows would prove: moving a unit of mass changes two pixels. */
  readonly pixelLaplace: number
}

/** The scale b of Laplace noise with this standard deviation. */
export const laplaceScale = (standardDeviation: number): number => standardDeviation / Math.SQRT2

/**
 * What smoothing with Laplace flows of scale `scale` certifies, in pixels of a unit-mass picture. `tight` is the exact
 * worst case of Laplace noise, -b ln(2 (1 - p)), instead of the published (b / 2) ln(p / (1 - p)).
 */
export function wassersteinRadii(lower: number, scale: number, tight: boolean): WassersteinRadii {
  const flowL1 = lower > 0.5 ? scale * (tight ? tightFactor(lower) : publishedFactor(lower)) : 0
  return {
    flowL1,
    l1Ground: flowL1,
    l2Ground: flowL1 / Math.SQRT2,
    pixelLaplace: flowL1 / 2,
  }
}

const publishedFactor = (lower: number): number => Math.log(lower / (1 - lower)) / 2

const tightFactor = (lower: number): number => -Math.log(2 * (1 - lower))
