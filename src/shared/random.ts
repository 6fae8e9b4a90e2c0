/**
 * A seeded generator of uniform numbers in [0, 1): sfc32 (Chris Doty-Humphrey, PractRand), started from up to four
 * 32-bit words. Not for secrets. The same words give the same numbers on every machine.
 */
export function seededRandom(...words: readonly number[]): () => number {
  let a = (words[0] ?? 0) | 0
  let b = (words[1] ?? 0) | 0
  let c = (words[2] ?? 0) | 0
  let counter = ((words[3] ?? 0) | 0) + 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 4_294_967_296
  }
  // The words reach every bit of the state only after some rounds.
  for (let round = 0; round < 15; round++) next()
  return next
}

/** Uniform numbers in [0, 1) with all 53 bits of a double, from two of the generator's 32-bit numbers each. */
export function fineRandom(random: () => number): () => number {
  return () => {
    const high = random() * 4_294_967_296
    const low = Math.floor(random() * 2_097_152)
    return (high * 2_097_152 + low) / 9_007_199_254_740_992
  }
}

/** Standard normal numbers, independent, in pairs by Marsaglia's polar method. */
export function normalRandom(random: () => number): () => number {
  const uniform = fineRandom(random)
  let spare: number | null = null
  return () => {
    if (spare !== null) {
      const value = spare
      spare = null
      return value
    }
    for (;;) {
      const u = 2 * uniform() - 1
      const v = 2 * uniform() - 1
      const square = u * u + v * v
      if (square === 0 || square >= 1) continue
      const factor = Math.sqrt((-2 * Math.log(square)) / square)
      spare = v * factor
      return u * factor
    }
  }
}

/** A whole number in 0..below-1, all equally likely to within 2^-53 * below. */
export function randomBelow(random: () => number, below: number): number {
  return Math.min(below - 1, Math.floor(fineRandom(random)() * below))
}

/** `count` different whole numbers of 0..below-1 in ascending order; every set is equally likely. */
export function randomSubset(random: () => number, below: number, count: number): Uint32Array {
  const chosen = new Set<number>()
  // Floyd: each new upper end is taken where the draw is a repetition.
  for (let end = below - count; end < below; end++) {
    const drawn = randomBelow(random, end + 1)
    chosen.add(chosen.has(drawn) ? end : drawn)
  }
  return Uint32Array.from(chosen).sort()
}
