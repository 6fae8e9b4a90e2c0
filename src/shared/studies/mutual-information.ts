/**
 * Mutual information of two predictions, estimated on a batch, in nats. `first` holds `n` rows of `a` probabilities, `second`
 * `n` rows of `b`. The joint distribution is the mean over the batch of p_i(x) q_i(y), and
 * I = sum over x, y of J(x, y) log(J(x, y) / (J(x) J(y))): 0 where the two have nothing to do with each other on
 * average, log(classes) where each tells the other. For one-hot rows it is the plug-in estimate from the table of counts.
 */
export function mutualInformation(
  first: Float64Array,
  second: Float64Array,
  a: number,
  b: number,
): number {
  return estimate(first, second, a, b).information
}

/**
 * The same, with its derivative by each entry of `first`: dI / dp_i(x) = (1/n) sum over y of q_i(y) log(J(x, y) / (J(x) J(y))),
 * up to a constant that is equal for all x and so has no effect on probabilities that add up to 1.
 */
export function mutualInformationGradient(
  first: Float64Array,
  second: Float64Array,
  a: number,
  b: number,
): { readonly information: number; readonly gradient: Float64Array } {
  const { information, logRatio } = estimate(first, second, a, b)
  const n = first.length / a
  const gradient = new Float64Array(first.length)
  for (let i = 0; i < n; i++) {
    for (let y = 0; y < b; y++) {
      const weight = second[i * b + y]! / n
      if (weight === 0) continue
      for (let x = 0; x < a; x++) gradient[i * a + x]! += weight * logRatio[x * b + y]!
    }
  }
  return { information, gradient }
}

function estimate(first: Float64Array, second: Float64Array, a: number, b: number) {
  const n = first.length / a
  if (!Number.isInteger(n) || second.length !== n * b) {
    throw new RangeError(`${first.length} and ${second.length} values are no rows of ${a} and ${b}`)
  }
  const joint = new Float64Array(a * b)
  for (let i = 0; i < n; i++) {
    for (let x = 0; x < a; x++) {
      const p = first[i * a + x]! / n
      if (p === 0) continue
      for (let y = 0; y < b; y++) joint[x * b + y]! += p * second[i * b + y]!
    }
  }
  const ofFirst = new Float64Array(a)
  const ofSecond = new Float64Array(b)
  for (let x = 0; x < a; x++) {
    for (let y = 0; y < b; y++) {
      ofFirst[x]! += joint[x * b + y]!
      ofSecond[y]! += joint[x * b + y]!
    }
  }
  const logRatio = new Float64Array(a * b)
  let information = 0
  for (let x = 0; x < a; x++) {
    for (let y = 0; y < b; y++) {
      const both = joint[x * b + y]!
      if (both === 0) continue
      logRatio[x * b + y] = Math.log(both / (ofFirst[x]! * ofSecond[y]!))
      information += both * logRatio[x * b + y]!
    }
  }
  return { information: Math.max(0, information), logRatio }
}
