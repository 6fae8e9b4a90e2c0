import { mutualInformation } from './mutual-information'
import { type ProbeSet, type ProbeSettings, trainProbes } from './probes'
import { type Tally, tally } from './tally'

/** One picture: features of a frozen model, what it shows and in front of what. */
export interface ProbePicture {
  readonly features: Float32Array
  readonly classIndex: number
  readonly background: string
}

export interface ProbeScores {
  readonly penalty: number
  /** On held-out pictures. */
  readonly foreground: Tally
  readonly background: Tally
  /** Of the two probes' predictions on the held-out pictures, in nats. */
  readonly mutualInformation: number
  /** Of the foreground probe's predictions and the true backgrounds, in nats. */
  readonly informationOnBackground: number
}

export interface ProbeStudy {
  /** What the features are, in words. */
  readonly features: string
  readonly width: number
  readonly trainingPictures: number
  readonly heldOutPictures: number
  /** Held-out pictures of a class or background that the training pictures lack; they are left out. */
  readonly heldOutUnseen: number
  readonly foregroundClasses: number
  readonly backgrounds: readonly string[]
  readonly settings: ProbeSettings
  readonly apart: ProbeScores
  readonly penalized: ProbeScores
}

/**
 * Trains the probes twice, without and with the penalty, and scores both on pictures that they have not seen. Null where
 * there is nothing to train or to score: fewer than two classes or backgrounds, or no held-out picture.
 */
export function probeStudy(
  training: readonly ProbePicture[],
  heldOut: readonly ProbePicture[],
  features: string,
  settings: ProbeSettings,
): ProbeStudy | null {
  const classes = [...new Set(training.map(({ classIndex }) => classIndex))].sort((a, b) => a - b)
  const backgrounds = [...new Set(training.map(({ background }) => background))].sort()
  const classAt = new Map(classes.map((index, at) => [index, at]))
  const backgroundAt = new Map(backgrounds.map((name, at) => [name, at]))
  const seen = heldOut.filter(
    ({ classIndex, background }) => classAt.has(classIndex) && backgroundAt.has(background),
  )
  const [first] = training
  if (!first || classes.length < 2 || backgrounds.length < 2 || seen.length === 0) return null
  const setOf = (pictures: readonly ProbePicture[]): ProbeSet => ({
    features: joined(pictures, first.features.length),
    width: first.features.length,
    foreground: Int32Array.from(pictures, ({ classIndex }) => classAt.get(classIndex) ?? 0),
    background: Int32Array.from(pictures, ({ background }) => backgroundAt.get(background) ?? 0),
  })
  const sizes = { foreground: classes.length, background: backgrounds.length }
  const trainingSet = setOf(training)
  const heldOutSet = setOf(seen)
  const run = (penalty: number): ProbeScores => {
    const probes = trainProbes(trainingSet, sizes, { ...settings, penalty })
    const { foreground, background } = probes.predict(heldOutSet.features)
    const truth = oneHot(heldOutSet.background, sizes.background)
    return {
      penalty,
      foreground: score(foreground, heldOutSet.foreground, sizes.foreground),
      background: score(background, heldOutSet.background, sizes.background),
      mutualInformation: mutualInformation(
        foreground,
        background,
        sizes.foreground,
        sizes.background,
      ),
      informationOnBackground: mutualInformation(
        foreground,
        truth,
        sizes.foreground,
        sizes.background,
      ),
    }
  }
  return {
    features,
    width: first.features.length,
    trainingPictures: training.length,
    heldOutPictures: seen.length,
    heldOutUnseen: heldOut.length - seen.length,
    foregroundClasses: classes.length,
    backgrounds,
    settings,
    apart: run(0),
    penalized: run(settings.penalty),
  }
}

function joined(pictures: readonly ProbePicture[], width: number): Float32Array {
  const rows = new Float32Array(pictures.length * width)
  pictures.forEach(({ features }, i) => {
    if (features.length !== width) {
      throw new RangeError(`a picture has ${features.length} features, others ${width}`)
    }
    rows.set(features, i * width)
  })
  return rows
}

function score(probabilities: Float64Array, labels: Int32Array, classes: number): Tally {
  return tally([...labels.keys()], (i) => {
    const row = probabilities.subarray(i * classes, (i + 1) * classes)
    return row.indexOf(row.reduce((a, b) => Math.max(a, b))) === labels[i]
  })
}

function oneHot(labels: Int32Array, classes: number): Float64Array {
  const rows = new Float64Array(labels.length * classes)
  labels.forEach((label, i) => {
    rows[i * classes + label] = 1
  })
  return rows
}
