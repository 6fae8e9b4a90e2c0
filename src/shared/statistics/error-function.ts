// Rational minimax approximations of W. J. Cody, "Rational Chebyshev approximations for the error function", 1969.
// Coefficients from the highest power down.

const NEAR_OVER = [
  0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694,
]
const NEAR_UNDER = [
  1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171,
]
const MIDDLE_OVER = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163,
  298.6351381974001, 881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
]
const MIDDLE_UNDER = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903,
  3290.7992357334597, 4362.619090143247, 3439.3676741437216, 1230.3393548037495,
]
const FAR_OVER = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926,
  0.016083785148742275, 0.0006587491615298378,
]
const FAR_UNDER = [
  1, 2.568520192289822, 1.8729528499234604, 0.5279051029514285, 0.06051834131244132,
  0.0023352049762686918,
]
const ONE_OVER_ROOT_PI = 0.564_189_583_547_756_3

/** Error function. Relative error of a few 1e-16 near 0; beyond 1/2 use the complement. */
export function erf(x: number): number {
  const size = Math.abs(x)
  if (size <= 0.46875) return (x * polynomial(NEAR_OVER, x * x)) / polynomial(NEAR_UNDER, x * x)
  const complement = Math.exp(-size * size) * scaledErfc(size)
  return x > 0 ? 1 - complement : complement - 1
}

/** exp(x^2) erfc(x) for x >= 0: what is left of the tail when its exponential is taken out. */
export function scaledErfc(x: number): number {
  if (x <= 0.46875) return Math.exp(x * x) * (1 - erf(x))
  if (x <= 4) return polynomial(MIDDLE_OVER, x) / polynomial(MIDDLE_UNDER, x)
  const z = 1 / (x * x)
  return (ONE_OVER_ROOT_PI - (z * polynomial(FAR_OVER, z)) / polynomial(FAR_UNDER, z)) / x
}

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0
  for (let i = 0; i < coefficients.length; i++) sum = sum * x + coefficients[i]!
  return sum
}
