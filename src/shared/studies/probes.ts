import { seededRandom } from '../random'
import { mutualInformationGradient } from './mutual-information'
import { SoftmaxRegression, throughSoftmax } from './softmax-regression'

/** Features of pictures, one row each, with the numbers of their classes and backgrounds. */
export interface ProbeSet {
  readonly features: Float32Array
  readonly width: number
  readonly foreground: Int32Array
  readonly background: Int32Array
}

export interface ProbeSettings {
  readonly epochs: number
  readonly batch: number
  readonly rate: number
  readonly decay: number
  /** Weight of the mutual information; 0: the probes learn apart. */
  readonly penalty: number
  readonly seed: number
}

export const probeSettings: ProbeSettings = {
  epochs: 30,
  batch: 128,
  rate: 0.01,
  decay: 1e-4,
  penalty: 1,
  seed: 0,
}

export interface Probes {
  /** Probabilities of foreground classes and of backgrounds for rows of features. */
  predict(features: Float32Array): { foreground: Float64Array; background: Float64Array }
}

/**
 * Trains two linear probes on features of a frozen model, one for what is shown and one for the background, on
 *
 *     CE(foreground) + CE(background) + penalty * I(foreground; background)
 *
 * where I is the mutual information of the two probes' predictions, estimated on each batch (`mutualInformation`). Its
 * derivative moves the foreground probe only: the background probe says what is there, the foreground probe learns to
 * do without. This is our reading of the idea of the paper, whose own losses act on the features of a network.
 */
export function trainProbes(
  set: ProbeSet,
  classes: { readonly foreground: number; readonly background: number },
  settings: ProbeSettings,
): Probes {
  const { width } = set
  const count = set.foreground.length
  const scale = standardScale(set.features, width)
  const foreground = new SoftmaxRegression(width, classes.foreground, settings.seed)
  const background = new SoftmaxRegression(width, classes.background, settings.seed + 1)
  const random = seededRandom(settings.seed, count)
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    shuffle(order, random)
    for (let start = 0; start < count; start += settings.batch) {
      const places = order.subarray(start, Math.min(count, start + settings.batch))
      const rows = scale(gather(set.features, width, places))
      const shown = foreground.predict(rows)
      const behind = background.predict(rows)
      const byLogits = crossEntropySlope(shown, set.foreground, places, classes.foreground)
      if (settings.penalty > 0) {
        const { foreground: a, background: b } = classes
        const { gradient } = mutualInformationGradient(shown, behind, a, b)
        const slope = throughSoftmax(shown, gradient, a)
        for (let i = 0; i < slope.length; i++) byLogits[i]! += settings.penalty * slope[i]!
      }
      const slopeBehind = crossEntropySlope(behind, set.background, places, classes.background)
      foreground.step(rows, byLogits, settings.rate, settings.decay)
      background.step(rows, slopeBehind, settings.rate, settings.decay)
    }
  }
  return {
    predict(features) {
      const rows = scale(features)
      return { foreground: foreground.predict(rows), background: background.predict(rows) }
    },
  }
}

/** To mean 0 and deviation 1 over the training pictures; values that never change become 0. */
function standardScale(features: Float32Array, width: number) {
  const count = features.length / width
  const mean = new Float64Array(width)
  const square = new Float64Array(width)
  for (let i = 0; i < features.length; i++) mean[i % width]! += features[i]! / count
  for (let i = 0; i < features.length; i++) {
    square[i % width]! += (features[i]! - mean[i % width]!) ** 2 / count
  }
  const factor = square.map((value) => (value < 1e-12 ? 0 : 1 / Math.sqrt(value)))
  return (rows: Float32Array): Float64Array =>
    Float64Array.from(rows, (value, i) => (value - mean[i % width]!) * factor[i % width]!)
}

function gather(features: Float32Array, width: number, places: Uint32Array): Float32Array {
  const rows = new Float32Array(places.length * width)
  places.forEach((place, i) => {
    rows.set(features.subarray(place * width, (place + 1) * width), i * width)
  })
  return rows
}

/** Derivative of the mean cross entropy by the logits. */
function crossEntropySlope(
  probabilities: Float64Array,
  labels: Int32Array,
  places: Uint32Array,
  classes: number,
): Float64Array {
  const slope = probabilities.map((p) => p / places.length)
  places.forEach((place, i) => {
    slope[i * classes + labels[place]!]! -= 1 / places.length
  })
  return slope
}

function shuffle(order: Uint32Array, random: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
}
