/**
 * `length` independent standard normal numbers in double precision: those that normalRandom(seededRandom(seed, index))
 * draws one by one, in a fraction of the time, because the generator's words stay in registers.
 */
export function normalNoise(seed: number, index: number, length: number): Float64Array {
  const noise = new Float64Array(length)
  const words = new Uint32Array(4)
  let [a, b, c, counter] = [seed | 0, index | 0, 0, 1]
  for (let round = -15, filled = 0; filled < length; round++) {
    // One number of the generator, see seededRandom; the first fifteen are passed over.
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    if (round < 0) continue
    words[round & 3] = sum
    if ((round & 3) !== 3) continue
    const u = signedUniform(words[0]!, words[1]!)
    const v = signedUniform(words[2]!, words[3]!)
    const square = u * u + v * v
    if (square === 0 || square >= 1) continue
    const factor = Math.sqrt((-2 * Math.log(square)) / square)
    noise[filled++] = u * factor
    if (filled < length) noise[filled++] = v * factor
  }
  return noise
}

/** Uniform in [-1, 1) with 53 bits: 32 high ones, and the first 21 of another number. */
const signedUniform = (high: number, other: number): number =>
  (2 * (high * 2_097_152 + (other >>> 11))) / 9_007_199_254_740_992 - 1
