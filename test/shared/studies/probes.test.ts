import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src/shared/random'
import {
  mutualInformation,
  mutualInformationGradient,
  pictureStatistics,
  type ProbePicture,
  probeSettings,
  probeStudy,
  SoftmaxRegression,
  throughSoftmax,
} from '../../../src/shared/studies'

/** Rows with a single 1. */
const oneHot = (labels: readonly number[], classes: number): Float64Array =>
  Float64Array.from({ length: labels.length * classes }, (_, i) =>
    labels[Math.floor(i / classes)] === i % classes ? 1 : 0,
  )

describe('mutual information', () => {
  test('of equal predictions is log of the number of classes', () => {
    const rows = oneHot([0, 1, 2, 0, 1, 2], 3)
    expect(mutualInformation(rows, rows, 3, 3)).toBeCloseTo(Math.log(3), 12)
  })

  test('of predictions that have nothing to do with each other is 0', () => {
    const first = oneHot([0, 0, 1, 1], 2)
    const second = oneHot([0, 1, 0, 1], 2)
    expect(mutualInformation(first, second, 2, 2)).toBe(0)
    const flat = new Float64Array(8).fill(0.5)
    expect(mutualInformation(first, flat, 2, 2)).toBeCloseTo(0, 12)
  })

  test('of a table of counts is the textbook sum', () => {
    // Counts 3, 1 / 1, 3 of 8: I = 0.75 log 1.5 + 0.25 log 0.5.
    const first = oneHot([0, 0, 0, 0, 1, 1, 1, 1], 2)
    const second = oneHot([0, 0, 0, 1, 0, 1, 1, 1], 2)
    const expected = 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5)
    expect(mutualInformation(first, second, 2, 2)).toBeCloseTo(expected, 12)
  })

  test('its derivative through the softmax is that of small steps', () => {
    const random = seededRandom(4)
    const [n, a, b] = [5, 3, 4]
    const logits = Float64Array.from({ length: n * a }, () => 2 * random() - 1)
    const softmax = (values: Float64Array, classes: number) => {
      const powers = values.map(Math.exp)
      return powers.map((v, i) => {
        const from = i - (i % classes)
        return v / powers.subarray(from, from + classes).reduce((x, y) => x + y)
      })
    }
    const second = softmax(
      Float64Array.from({ length: n * b }, () => 3 * random()),
      b,
    )
    const shown = softmax(logits, a)
    const { gradient } = mutualInformationGradient(shown, second, a, b)
    const slope = throughSoftmax(shown, gradient, a)
    logits.forEach((value, i) => {
      const at = (step: number) => {
        const moved = logits.slice()
        moved[i] = value + step
        return mutualInformation(softmax(moved, a), second, a, b)
      }
      expect(slope[i]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 8)
    })
  })

  test('rows that do not fit are a fault of the caller', () => {
    expect(() => mutualInformation(new Float64Array(6), new Float64Array(5), 3, 2)).toThrow(
      RangeError,
    )
  })
})

test('softmax regression separates what a line separates', () => {
  const probe = new SoftmaxRegression(2, 2, 1)
  const rows = Float64Array.of(1, 1, 2, 0.5, -1, -1, -0.5, -2)
  for (let step = 0; step < 300; step++) {
    const slope = probe.predict(rows)
    ;[0, 0, 1, 1].forEach((label, i) => (slope[2 * i + label]! -= 1))
    probe.step(rows, slope, 0.05, 0)
  }
  const answer = probe.predict(rows)
  expect([answer[0], answer[2], answer[5], answer[7]].every((p) => (p ?? 0) > 0.9)).toBe(true)
})

/** Pictures whose first feature tells the foreground, with much noise, and the second the background: a shortcut in training. */
function worlds(count: number, seed: number, usual: number): ProbePicture[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => {
    const classIndex = random() < 0.5 ? 10 : 20
    const isUsual = random() < usual
    const behind = (classIndex === 10) === isUsual ? 'grass' : 'water'
    const noise = () => 0.5 * (random() - 0.5)
    const features = Float32Array.of(
      (classIndex === 10 ? 1 : -1) + 6 * noise(),
      (behind === 'grass' ? 1 : -1) + noise(),
    )
    return { features, classIndex, background: behind }
  })
}

describe('probes', () => {
  const study = (penalty: number) =>
    probeStudy(worlds(400, 1, 0.9), worlds(400, 2, 0.5), 'two numbers', {
      ...probeSettings,
      penalty,
    })

  test('the penalty makes the foreground probe forget the background', () => {
    const result = study(5)
    expect(result).not.toBeNull()
    const { apart, penalized } = result!
    expect(apart.background.accuracy).toBeGreaterThan(0.95)
    expect(penalized.background).toEqual(apart.background)
    // The shortcut makes up for a noisy foreground feature, and tells the background.
    expect(apart.informationOnBackground).toBeGreaterThan(0.1)
    expect(penalized.informationOnBackground).toBeLessThan(apart.informationOnBackground / 3)
    expect(penalized.mutualInformation).toBeLessThan(apart.mutualInformation / 3)
    // Held-out pictures have no usual background: without the shortcut more of them are right.
    expect(penalized.foreground.accuracy).toBeGreaterThan((apart.foreground.accuracy ?? 1) + 0.05)
  })

  test('the same seed gives the same numbers', () => {
    expect(study(1)).toEqual(study(1))
  })

  test('classes that were not learnt are left out and counted', () => {
    const [picture] = worlds(1, 3, 1)
    const strange = [{ ...picture!, classIndex: 99 }, { ...picture!, background: 'moon' }, picture!]
    const result = probeStudy(worlds(50, 1, 0.5), strange, 'x', { ...probeSettings, epochs: 1 })
    expect(result).toMatchObject({ heldOutPictures: 1, heldOutUnseen: 2, foregroundClasses: 2 })
    expect(probeStudy(worlds(50, 1, 0.5), strange.slice(0, 2), 'x', probeSettings)).toBeNull()
    expect(probeStudy([], worlds(5, 1, 0.5), 'x', probeSettings)).toBeNull()
  })
})

describe('statistics of a picture', () => {
  const image = (width: number, height: number, value: (x: number, y: number) => number) => ({
    width,
    height,
    data: Uint8Array.from({ length: 3 * width * height }, (_, i) => {
      const pixel = Math.floor(i / 3)
      return value(pixel % width, Math.floor(pixel / width))
    }),
  })

  test('a flat picture has its colour, no deviation and no edges', () => {
    const features = pictureStatistics(image(16, 16, () => 51))
    expect(features).toHaveLength(103)
    for (let i = 0; i < 96; i++) expect(features[i]).toBeCloseTo(i % 2 === 0 ? 0.2 : 0, 6)
    expect([...features.subarray(96)]).toEqual([0, 0, 0, 0, 0, 0, 0])
  })

  test('stripes show in one direction', () => {
    const features = pictureStatistics(image(32, 32, (x) => (x % 8 < 4 ? 0 : 255)))
    expect(features[96]).toBeCloseTo(1, 6)
    const turned = pictureStatistics(image(32, 32, (_, y) => (y % 8 < 4 ? 0 : 255)))
    expect(turned[99]).toBeCloseTo(1, 6)
    expect(turned[102]).toBeCloseTo(features[102]!, 6)
  })

  test.each([
    [1, 1],
    [2, 3],
    [3, 200],
  ])('%ix%i pixels are enough', (width, height) => {
    const features = pictureStatistics(image(width, height, (x, y) => (40 * x + 7 * y) % 256))
    expect(features).toHaveLength(103)
    expect(features.every(Number.isFinite)).toBe(true)
  })
})
