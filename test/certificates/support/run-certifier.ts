import type {
  CertifierPlugin,
  SmoothingJob,
  SmoothingPicture,
  TallyState,
} from '../../../src/shared/plugin'
import { normalRandom, seededRandom } from '../../../src/shared/random'

export type Model = (batch: Float32Array, samples: number) => Float32Array
export type AnyCertifier = CertifierPlugin

export const randomPicture = (
  shape: Omit<SmoothingPicture, 'data'>,
  seed: number,
): SmoothingPicture => {
  const random = seededRandom(seed, 77)
  const { channels, height, width } = shape
  const data = Uint8Array.from({ length: channels * height * width }, () =>
    Math.floor(random() * 256),
  )
  return { ...shape, data }
}

/** A linear classifier of samples of `values` numbers, with a bias for class 0, so that it wins by far or just so. */
export function linearModel(values: number, classes: number, seed: number, bias = 0): Model {
  const normal = normalRandom(seededRandom(seed, 78))
  const weights = Array.from({ length: classes * values }, normal)
  return (batch, samples) => {
    const logits = new Float32Array(samples * classes)
    for (let s = 0; s < samples; s++) {
      for (let c = 0; c < classes; c++) {
        let sum = c === 0 ? bias : 0
        for (let i = 0; i < values; i++) sum += weights[c * values + i]! * batch[s * values + i]!
        logits[s * classes + c] = sum
      }
    }
    return logits
  }
}

/** Runs all samples in batches of `step`; the states in between go through JSON, as they do when a run is resumed. */
export function runAll(
  plugin: AnyCertifier,
  picture: SmoothingPicture,
  job: SmoothingJob<Record<string, unknown>>,
  model: Model,
  step: number,
): TallyState[] {
  const { total } = plugin.plan(job)
  let state = plugin.begin(job)
  const states = [state]
  for (let from = 0; from < total; from += step) {
    const to = Math.min(total, from + step)
    const answers = model(plugin.samples(picture, job, from, to), to - from)
    state = JSON.parse(JSON.stringify(plugin.tally(state, answers, job, from, to))) as TallyState // plain data
    states.push(state)
  }
  return states
}
