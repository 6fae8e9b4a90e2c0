import { expect, test } from 'vitest'
import { gaussianSamples } from '../../src/certificates/gaussian-noise'
import { normalNoise } from '../../src/shared/statistics/normal-noise'

const shape = { channels: 2, height: 1, width: 3 }
const data = Uint8Array.of(0, 51, 102, 153, 204, 255)
const noise = { sigma: 0.3, seed: 7 }

test('a sample is the picture of 0..1 with the noise of its own number, rounded once', () => {
  const samples = gaussianSamples({ ...shape, data }, noise, 3, 5)
  expect(samples).toHaveLength(12)
  for (const sample of [3, 4]) {
    const own = normalNoise(7, sample, 6)
    const expected = Float32Array.from(data, (byte, i) => byte / 255 + 0.3 * own[i]!)
    expect(samples.slice(6 * (sample - 3), 6 * (sample - 2))).toEqual(expected)
  }
  expect(gaussianSamples({ ...shape, data }, noise, 4, 5)).toEqual(samples.slice(6))
  expect(gaussianSamples({ ...shape, data }, { ...noise, seed: 8 }, 4, 5)).not.toEqual(
    samples.slice(6),
  )
})

test('noise may be chosen, and turned round', () => {
  const antipodal = gaussianSamples({ ...shape, data }, noise, 0, 2, (sample) => ({
    index: 9,
    sign: sample === 0 ? 1 : -1,
  }))
  const own = normalNoise(7, 9, 6)
  const plus = Float32Array.from(data, (byte, i) => byte / 255 + 0.3 * own[i]!)
  const minus = Float32Array.from(data, (byte, i) => byte / 255 - 0.3 * own[i]!)
  expect([...antipodal]).toEqual([...plus, ...minus])
})

test('each channel is normalised as the model wants it, after the noise', () => {
  const normalization = { mean: [0.5, 0.25], std: [2, 0.125] }
  const [plain, scaled] = [undefined, normalization].map((given) =>
    gaussianSamples(
      { ...shape, data, ...(given === undefined ? {} : { normalization: given }) },
      noise,
      1,
      2,
    ),
  )
  scaled?.forEach((value, i) => {
    const [mean, std] = i < 3 ? [0.5, 2] : [0.25, 0.125]
    expect(value).toBeCloseTo(((plain?.[i] ?? NaN) - mean) / std, 5)
  })
})
