/** Half of the distance between cuts for uniform noise of the standard deviation `sigma`, both on the scale of 0..1. */
export const lambdaOfSigma = (sigma: number): number => sigma * Math.sqrt(3)

/** Rounding of a product that should be whole must not cost a level: 0.5 may come as 0.49999999999999994. */
const ROUNDING = 1e-9

/** Whole grey levels between cuts for a given half of the distance: 2 lambda 255 without its fraction. */
export const levelsOfLambda = (lambda: number): number => Math.trunc(2 * lambda * 255 + ROUNDING)
