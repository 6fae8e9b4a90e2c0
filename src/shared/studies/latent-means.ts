import { type Tally, tally } from './tally'

export interface LatentStudy {
  readonly trainingLatents: number
  readonly classes: number
  /** Latents of other splits whose nearest class mean is that of their own class. */
  readonly all: Tally
  readonly byClass: readonly (Tally & { readonly classIndex: number })[]
  /** Latents of classes without training latents; they are in no tally. */
  readonly withoutMean: number
}

/** Class means of latents, gathered one after the other: no more than the means is kept. */
export class LatentMeans {
  readonly #sums = new Map<number, { sum: Float64Array; count: number }>()
  readonly #outcomes: { classIndex: number; nearest: number }[] = []
  #withoutMean = 0

  learn(classIndex: number, latent: Float32Array): void {
    const own = this.#sums.get(classIndex) ?? { sum: new Float64Array(latent.length), count: 0 }
    if (own.sum.length !== latent.length) {
      throw new RangeError(`a latent has ${latent.length} values, others ${own.sum.length}`)
    }
    for (let i = 0; i < latent.length; i++) own.sum[i]! += latent[i]!
    own.count++
    this.#sums.set(classIndex, own)
  }

  /** Finds the nearest mean (Euclidean; of equals the lower class) of a latent that was not learnt. */
  test(classIndex: number, latent: Float32Array): void {
    if (!this.#sums.has(classIndex)) {
      this.#withoutMean++
      return
    }
    let [nearest, least] = [-1, Infinity]
    for (const [candidate, { sum, count }] of [...this.#sums].sort(([a], [b]) => a - b)) {
      let distance = 0
      for (let i = 0; i < latent.length; i++) distance += (latent[i]! - sum[i]! / count) ** 2
      if (distance < least) [nearest, least] = [candidate, distance]
    }
    this.#outcomes.push({ classIndex, nearest })
  }

  /** Null if nothing was tested. */
  result(): LatentStudy | null {
    if (this.#outcomes.length === 0) return null
    const isRight = (outcome: { classIndex: number; nearest: number }): boolean =>
      outcome.classIndex === outcome.nearest
    const classes = [...this.#sums.keys()].sort((a, b) => a - b)
    return {
      trainingLatents: [...this.#sums.values()].reduce((sum, { count }) => sum + count, 0),
      classes: classes.length,
      all: tally(this.#outcomes, isRight),
      byClass: classes.flatMap((classIndex) => {
        const own = this.#outcomes.filter((outcome) => outcome.classIndex === classIndex)
        return own.length === 0 ? [] : [{ classIndex, ...tally(own, isRight) }]
      }),
      withoutMean: this.#withoutMean,
    }
  }
}
