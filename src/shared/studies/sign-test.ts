/** A two-sided exact sign test (McNemar's test on pairs, without approximation). */
export interface SignTest {
  /** Pairs where only the first was right, and where only the second was. */
  readonly onlyFirst: number
  readonly onlySecond: number
  /** Chance of a difference at least as large if neither were better; 1 without such pairs. */
  readonly p: number
}

export function signTest(onlyFirst: number, onlySecond: number): SignTest {
  const pairs = onlyFirst + onlySecond
  const fewer = Math.min(onlyFirst, onlySecond)
  // Sum of C(n, k) / 2^n for k up to the smaller count, by logarithms: powers of two overflow from n = 1024 on.
  let logTerm = -pairs * Math.LN2
  let sum = 0
  for (let k = 0; k <= fewer; k++) {
    sum += Math.exp(logTerm)
    logTerm += Math.log(pairs - k) - Math.log(k + 1)
  }
  return { onlyFirst, onlySecond, p: Math.min(1, 2 * sum) }
}
