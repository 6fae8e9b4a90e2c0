import type { SmoothingPicture } from '../shared/plugin'
import { normalNoise } from '../shared/statistics/normal-noise'

/** Which noise a sample gets: that of stream `index`, or its negative. */
export interface NoiseChoice {
  readonly index: number
  readonly sign: 1 | -1
}

/**
 * Samples from..to-1: the picture on its scale of 0..1, plus noise of standard deviation `sigma`, then normalised as the
 * model wants it; not clipped. Everything is added in double precision and rounded to single at the end: noise that is
 * rounded first can break the guarantee.
 */
export function gaussianSamples(
  picture: SmoothingPicture,
  { sigma, seed }: { readonly sigma: number; readonly seed: number },
  from: number,
  to: number,
  choose: (sample: number) => NoiseChoice = (sample) => ({ index: sample, sign: 1 }),
): Float32Array {
  const { data, channels, normalization } = picture
  const plane = data.length / channels
  const samples = new Float32Array((to - from) * data.length)
  for (let sample = from; sample < to; sample++) {
    const { index, sign } = choose(sample)
    const noise = normalNoise(seed, index, data.length)
    const start = (sample - from) * data.length
    for (let channel = 0; channel < channels; channel++) {
      const mean = normalization?.mean[channel] ?? 0
      const std = normalization?.std[channel] ?? 1
      for (let i = channel * plane; i < (channel + 1) * plane; i++) {
        samples[start + i] = (data[i]! / 255 + sign * sigma * noise[i]! - mean) / std
      }
    }
  }
  return samples
}
