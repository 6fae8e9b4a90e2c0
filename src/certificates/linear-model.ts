/** The base classifier of reference cases: logits = weights . input + bias, in double precision. */
export interface LinearModel {
  /** [class][value of the flattened input] */
  readonly weights: readonly (readonly number[])[]
  readonly bias: readonly number[]
}

/**
 * Logits of every sample of a batch, [samples, classes].
 * @throws RangeError where weights, bias and input do not fit together
 */
export function linearLogits(
  { weights, bias }: LinearModel,
  batch: ArrayLike<number>,
  valuesEach: number,
): Float64Array {
  if (bias.length !== weights.length) {
    throw new RangeError(`bias has ${bias.length} entries for ${weights.length} classes`)
  }
  const misfit = weights.find((row) => row.length !== valuesEach)
  if (misfit !== undefined) {
    throw new RangeError(`weights have ${misfit.length} entries for inputs of ${valuesEach} values`)
  }
  const classes = weights.length
  return Float64Array.from({ length: (batch.length / valuesEach) * classes }, (_, at) => {
    const start = Math.floor(at / classes) * valuesEach
    const c = at % classes
    return weights[c]!.reduce((sum, weight, i) => sum + weight * batch[start + i]!, bias[c]!)
  })
}
