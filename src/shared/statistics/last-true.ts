/**
 * The largest x in [`low`, `high`] for which `holds` is true, approached from below: `holds` must be true up to some
 * point and false beyond it. It is taken to be true at `low` without being asked. The answer is `low` or a point where
 * `holds` was seen to be true, at most `width` (or one rounding step) short of the true one: the safe side of a bound.
 */
export function lastTrue(
  holds: (x: number) => boolean,
  low: number,
  high: number,
  width: number,
): number {
  if (!(high > low)) return low
  if (holds(high)) return high
  let [good, bad] = [low, high]
  while (bad - good > width) {
    const middle = good + (bad - good) / 2
    if (middle <= good || middle >= bad) break
    if (holds(middle)) good = middle
    else bad = middle
  }
  return good
}

/**
 * Like `lastTrue` from 0 without an upper end: doubles one, starting with `first` (> 0), until `holds` is false there.
 * Infinity if it is still true at 2^60 times `first`.
 */
export function lastTrueFromZero(
  holds: (x: number) => boolean,
  first: number,
  width: number,
): number {
  let low = 0
  let high = first
  for (let doublings = 0; holds(high); doublings++) {
    if (doublings === 60) return Infinity
    low = high
    high *= 2
  }
  return lastTrue(holds, low, high, width)
}
