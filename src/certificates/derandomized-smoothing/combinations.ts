/** n over k, exactly; 0 where k > n or n < 0. */
export function binomial(n: number, k: number): bigint {
  if (k < 0 || n < k) return 0n
  let result = 1n
  for (let i = 1; i <= k; i++) result = (result * BigInt(n - k + i)) / BigInt(i)
  return result
}

/** The `index`-th set of `k` of 0..n-1, ascending, in the order of their first, then second, ... members. */
export function combinationAt(index: number, n: number, k: number): number[] {
  const members: number[] = []
  let left = BigInt(index)
  for (let member = 0; members.length < k; member++) {
    const withThis = binomial(n - member - 1, k - members.length - 1)
    if (left < withThis) members.push(member)
    else left -= withThis
  }
  return members
}
