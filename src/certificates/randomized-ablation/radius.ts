/** Pixels of the picture, and how many of them a sample keeps. */
export interface Retention {
  readonly pixels: number
  readonly retained: number
}

/** Doubles lose at most this share of a product of the ratios below; nearer to a tie only whole numbers decide. */
const DOUBTFUL = 1e-10

/** C(d - r, k) / C(d, k): the chance that a sample keeps none of `changed` given pixels. A product, not factorials. */
export function untouchedProbability({ pixels, retained }: Retention, changed: number): number {
  let ratio = 1
  for (let i = 0; i < changed; i++) {
    if (pixels - retained - i <= 0) return 0
    ratio *= (pixels - retained - i) / (pixels - i)
  }
  return ratio
}

/** The chance that a sample keeps one of `changed` given pixels at least. */
export function overlapProbability(retention: Retention, changed: number): number {
  return 1 - untouchedProbability(retention, changed)
}

/**
 * The most pixels that may change while the winner keeps more than half of the votes, from a lower bound of its share:
 * the largest r with 3/2 - lower < C(d - r, k) / C(d, k). 0 where there is none. Exact for the double `lower`.
 */
export function ablationRadius(retention: Retention, lower: number): number {
  const { pixels, retained } = retention
  const needed = 1.5 - lower
  if (!(needed < 1)) return 0
  let radius = 0
  let ratio = 1
  while (radius < pixels - retained) {
    ratio *= (pixels - retained - radius) / (pixels - radius)
    const isClear = Math.abs(ratio - needed) > DOUBTFUL
    if (isClear ? ratio < needed : !exceeds(retention, radius + 1, lower)) break
    radius++
  }
  return radius
}

/** The comparison of `ablationRadius` in whole numbers: every double is a whole number over a power of two. */
function exceeds({ pixels, retained }: Retention, changed: number, lower: number): boolean {
  let over = 1n
  let under = 1n
  for (let i = 0; i < changed; i++) {
    over *= BigInt(pixels - retained - i)
    under *= BigInt(pixels - i)
  }
  // `lower` is above 1/2, so that 2^53 times it is whole.
  const scale = 1n << 53n
  const needed = 3n * (scale >> 1n) - BigInt(lower * 2 ** 53)
  return needed * under < over * scale
}
