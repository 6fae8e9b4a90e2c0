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
