import { seededRandom } from '../random'

/** A linear classifier with softmax on top: `weights` holds a row of `features` values and a bias for each class. */
export class SoftmaxRegression {
  readonly features: number
  readonly classes: number
  readonly weights: Float64Array
  readonly #gradient: Float64Array
  readonly #mean: Float64Array
  readonly #square: Float64Array
  #steps = 0

  /** Starts from small weights that the seed decides. */
  constructor(features: number, classes: number, seed: number) {
    this.features = features
    this.classes = classes
    const random = seededRandom(seed, classes)
    const size = classes * (features + 1)
    this.weights = Float64Array.from({ length: size }, () => 0.02 * (random() - 0.5))
    this.#gradient = new Float64Array(size)
    this.#mean = new Float64Array(size)
    this.#square = new Float64Array(size)
  }

  /** Probabilities, `rows.length / features` rows of `classes`. */
  predict(rows: Float64Array): Float64Array {
    const { features, classes, weights } = this
    const count = rows.length / features
    const answer = new Float64Array(count * classes)
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < classes; c++) {
        const at = c * (features + 1)
        let sum = weights[at + features]!
        for (let f = 0; f < features; f++) sum += weights[at + f]! * rows[i * features + f]!
        answer[i * classes + c] = sum
      }
      softmaxInPlace(answer.subarray(i * classes, (i + 1) * classes))
    }
    return answer
  }

  /**
   * One step of Adam (Kingma, Ba 2015) against the derivative of a loss by the logits of `rows`, plus `decay` times the
   * weights (not the biases).
   */
  step(rows: Float64Array, byLogits: Float64Array, rate: number, decay: number): void {
    const { features, classes, weights } = this
    const gradient = this.#gradient
    const count = rows.length / features
    for (let at = 0; at < weights.length; at++) {
      gradient[at] = at % (features + 1) === features ? 0 : decay * weights[at]!
    }
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < classes; c++) {
        const slope = byLogits[i * classes + c]!
        const at = c * (features + 1)
        for (let f = 0; f < features; f++) gradient[at + f]! += slope * rows[i * features + f]!
        gradient[at + features]! += slope
      }
    }
    this.#steps++
    const meanScale = 1 - 0.9 ** this.#steps
    const squareScale = 1 - 0.999 ** this.#steps
    for (let at = 0; at < weights.length; at++) {
      const slope = gradient[at]!
      const mean = (this.#mean[at] = 0.9 * this.#mean[at]! + 0.1 * slope)
      const square = (this.#square[at] = 0.999 * this.#square[at]! + 0.001 * slope * slope)
      weights[at]! -= (rate * (mean / meanScale)) / (Math.sqrt(square / squareScale) + 1e-8)
    }
  }
}

function softmaxInPlace(values: Float64Array): void {
  let top = -Infinity
  for (let i = 0; i < values.length; i++) top = Math.max(top, values[i]!)
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] = Math.exp(values[i]! - top)
  for (let i = 0; i < values.length; i++) values[i]! /= sum
}

/**
 * A derivative by probabilities (rows of `classes`) as one by logits: dL/dz(x) = p(x) (dL/dp(x) - sum over y of p(y) dL/dp(y)).
 */
export function throughSoftmax(
  probabilities: Float64Array,
  byProbabilities: Float64Array,
  classes: number,
): Float64Array {
  const answer = new Float64Array(probabilities.length)
  for (let row = 0; row < probabilities.length; row += classes) {
    let mean = 0
    for (let c = row; c < row + classes; c++) mean += probabilities[c]! * byProbabilities[c]!
    for (let c = row; c < row + classes; c++) {
      answer[c] = probabilities[c]! * (byProbabilities[c]! - mean)
    }
  }
  return answer
}
