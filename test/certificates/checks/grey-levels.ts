import { expect } from 'vitest'
import { seededRandom } from '../../../src/shared/random'
import type { Check } from './check'

type Cells = typeof import('../../../src/certificates/grey-cells')
type Template = typeof import('../../../src/certificates/template')
type Levels = typeof import('../../../src/certificates/splitting-noise/levels')
type Samples = typeof import('../../../src/certificates/splitting-noise/samples')
type Certificate = typeof import('../../../src/certificates/splitting-noise/certificate')
type Cases = typeof import('../../../src/certificates/splitting-noise/cases')

const bytes = Array.from({ length: 256 }, (_, value) => value)

/** A picture of one row with every byte once. */
const ramp = { channels: 1, height: 1, width: 256, data: Uint8Array.from(bytes) }

/** For every pair of bytes (every `step`-th) hands over the numbers of rows in which they differ. */
export function eachPair(
  rows: readonly ArrayLike<number>[],
  step: number,
  see: (distance: number, differing: number) => void,
): void {
  for (let from = 0; from < 256; from += step) {
    for (let to = from; to < 256; to++) {
      let differing = 0
      for (const row of rows) if (row[from] !== row[to]) differing++
      see(to - from, differing)
    }
  }
}

/** The middle of the cell between the nearest cuts, searched for one by one. */
function middleByDefinition(byte: number, size: number, offset: number): number {
  let low = 0
  let high = 255
  for (let k = -300; k <= 300; k++) {
    const cut = offset + 0.5 + k * size
    if (cut < byte) low = Math.max(low, cut)
    else high = Math.min(high, cut)
  }
  return (low + high) / 2 / 255
}

export const greyLevelChecks: readonly Check[] = [
  {
    name: 'a byte is shown as the middle of the cell between its nearest cuts',
    run: (load) => {
      const { cellOf, middleOf } = load<Cells>('grey-cells')
      const { splitValue } = load<Samples>('splitting-noise/samples')
      for (const size of [1, 2, 7, 132, 254, 255, 256, 300]) {
        for (const offset of new Set([0, 1, size - 1, size >> 1])) {
          if (offset >= size) continue
          for (const byte of [0, 1, 2, 6, 7, 8, 127, 131, 132, 253, 254, 255]) {
            const expected = middleByDefinition(byte, size, offset)
            expect(middleOf(cellOf(byte, size, offset))).toBeCloseTo(expected, 12)
            const shift = (offset + 2 * size - 3) % size
            const template = (offset - shift + 4 * size) % size
            expect(splitValue(byte, size, template, shift)).toBeCloseTo(expected, 12)
          }
        }
      }
    },
  },
  {
    name: 'splitting noise: two bytes look different in exactly min(distance, levels) shifts',
    run: (load, effort) => {
      const { splitBatch } = load<Samples>('splitting-noise/samples')
      for (const levels of [1, 2, 10, 255, 300]) {
        const template = new Array<number>(256).fill(levels >> 1)
        const batch = splitBatch(ramp, levels, template, 0, levels)
        const shown = Array.from({ length: levels }, (_, shift) =>
          batch.subarray(shift * 256, (shift + 1) * 256),
        )
        eachPair(shown, effort < 1 ? 5 : 1, (distance, differing) => {
          if (differing !== Math.min(distance, levels)) {
            throw new Error(`${differing} of ${levels} shifts differ at a distance of ${distance}`)
          }
        })
      }
    },
  },
  {
    name: 'a batch of shifts holds each value with its own offset and scale',
    run: (load) => {
      const { splitBatch, splitValue } = load<Samples>('splitting-noise/samples')
      const data = Uint8Array.of(0, 90, 255, 17, 3, 128, 77, 200)
      const shape = { channels: 2, height: 2, width: 2 }
      const normalization = { mean: [0.5, 0.1], std: [0.25, 2] }
      for (const levels of [3, 255, 256, 257, 400]) {
        const template = [0, 1, 2, levels - 1, levels >> 1, 2, 1, 0]
        const [from, to] = [levels - 2, levels]
        const plain = splitBatch({ ...shape, data }, levels, template, from, to)
        const scaled = splitBatch({ ...shape, data, normalization }, levels, template, from, to)
        expect(plain).toHaveLength(16)
        plain.forEach((value, at) => {
          const i = at % 8
          const shift = from + Math.floor(at / 8)
          const expected = splitValue(data[i]!, levels, template[i]!, shift)
          expect(value).toBeCloseTo(expected, 6)
          const [mean, std] = i < 4 ? [0.5, 0.25] : [0.1, 2]
          expect(scaled[at]).toBeCloseTo((expected - mean) / std, 5)
        })
      }
    },
  },
  {
    name: 'random cuts and uniform noise: values stay in their cell, as often as they should',
    run: (load) => {
      const { writeRandomSplit } = load<Samples>('splitting-noise/samples')
      const width = 4000
      const picture = { channels: 1, height: 1, width, data: new Uint8Array(width).fill(102) }
      const drawn = (noise: 'splitting' | 'uniform', lambda: number, sample = 0) => {
        const batch = new Float32Array(width + 2).fill(7)
        writeRandomSplit(batch, 1, picture, { lambda, noise, seed: 5 }, sample)
        expect([batch[0], batch[width + 1]]).toEqual([7, 7])
        return batch.subarray(1, width + 1)
      }
      const mean = (values: Float32Array): number => values.reduce((a, b) => a + b, 0) / width
      const uniform = drawn('uniform', 0.3)
      expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0.1 - 1e-6)
      expect(Math.max(...uniform)).toBeLessThanOrEqual(0.7 + 1e-6)
      expect(Math.min(...uniform)).toBeLessThan(0.105)
      expect(Math.max(...uniform)).toBeGreaterThan(0.695)
      expect(mean(uniform)).toBeCloseTo(0.4, 1)
      // Cells of 0.2 inside the picture: the middle is uniform around the value, at most 0.1 away.
      const narrow = drawn('splitting', 0.1)
      expect(Math.min(...narrow)).toBeGreaterThanOrEqual(0.3 - 1e-6)
      expect(Math.max(...narrow)).toBeLessThanOrEqual(0.5 + 1e-6)
      expect(Math.max(...narrow) - Math.min(...narrow)).toBeGreaterThan(0.195)
      expect(mean(narrow)).toBeCloseTo(0.4, 2)
      // Cells of 2: half of the values see no cut and become 1/2; cuts below give (cut + 1) / 2, above cut / 2.
      const wide = drawn('splitting', 1)
      const uncut = wide.filter((value) => Math.abs(value - 0.5) < 1e-6).length / width
      expect(uncut).toBeGreaterThan(0.46)
      expect(uncut).toBeLessThan(0.54)
      for (const value of wide) {
        expect(value > 0.2 - 1e-6 && value < 0.7 + 1e-6).toBe(true)
      }
      expect(Math.min(...wide)).toBeLessThan(0.21)
      expect(Math.max(...wide)).toBeGreaterThan(0.69)
      expect(drawn('uniform', 0.3)).toEqual(uniform)
      expect(drawn('uniform', 0.3, 1)).not.toEqual(uniform)
      const two = { channels: 2, height: 1, width: 2, data: Uint8Array.of(255, 255, 255, 255) }
      const normalization = { mean: [0.5, 0], std: [0.25, 2] }
      const batch = new Float32Array(4)
      writeRandomSplit(
        batch,
        0,
        { ...two, normalization },
        { lambda: 1e-9, noise: 'uniform', seed: 1 },
        0,
      )
      expect([...batch]).toEqual([2, 2, 0.5, 0.5])
    },
  },
  {
    name: 'grey levels certified, levels of a sigma, random radius',
    run: (load) => {
      const { certifyShifts, changedShifts, randomRadius, survives } = load<Certificate>(
        'splitting-noise/certificate',
      )
      const { lambdaOfSigma, levelsOfLambda } = load<Levels>('splitting-noise/levels')
      expect(certifyShifts([3, 8, 0])).toEqual({ winner: 1, greyLevels: 2, radius: 2 / 255 })
      expect(changedShifts([0, 3, 40], 10)).toBe(13)
      expect(survives(13, [0, 3, 40], 10)).toBe(true)
      expect(survives(12, [0, 3, 40], 10)).toBe(false)
      expect(randomRadius(0.5, 0.75)).toBe(0.25)
      expect(randomRadius(0.5, 0.4)).toBe(0)
      expect(levelsOfLambda(lambdaOfSigma(0.15))).toBe(132)
      for (const lambda of [0.5, 0.49999999999999994, 0.5000000000000001]) {
        expect(levelsOfLambda(lambda)).toBe(255)
      }
      expect(levelsOfLambda(0.4999)).toBe(254)
    },
  },
  {
    name: 'splitting noise: no picture within the certified grey levels changes the class, all of them tried',
    run: (load, effort) => {
      const { splitBatch } = load<Samples>('splitting-noise/samples')
      const { certifyShifts } = load<Certificate>('splitting-noise/certificate')
      const shape = { channels: 1, height: 1, width: 2 }
      const classes = 3
      let [tried, tight] = [0, 0]
      for (let round = 0; round < (effort < 1 ? 40 : 200); round++) {
        const random = seededRandom(round, 6)
        const below = (n: number): number => Math.floor(random() * n)
        const levels = 4 + below(9)
        const template = [below(levels), below(levels)]
        const picture = [below(256), below(256)]
        // Any model at all: what it answers to a sample that it has not seen yet is drawn, the first class most often.
        const answers = new Map<string, number>()
        const votesOf = (data: readonly number[], answer: () => number): number[] => {
          const batch = splitBatch(
            { ...shape, data: Uint8Array.from(data) },
            levels,
            template,
            0,
            levels,
          )
          const votes = new Array<number>(classes).fill(0)
          for (let shift = 0; shift < levels; shift++) {
            const sample = batch.subarray(2 * shift, 2 * shift + 2).join()
            const known = answers.get(sample) ?? answer()
            answers.set(sample, known)
            votes[known]!++
          }
          return votes
        }
        const votes = votesOf(picture, () => (random() < 0.8 ? 1 : below(classes)))
        const { winner, greyLevels } = certifyShifts(votes)
        const rival = [...votes.keys()]
          .filter((c) => c !== winner)
          .sort((a, b) => votes[b]! - votes[a]! || a - b)[0]!
        const within = greyLevels + 1
        for (let a = -within; a <= within; a++) {
          for (let b = Math.abs(a) - within; b <= within - Math.abs(a); b++) {
            const moved = [picture[0]! + a, picture[1]! + b]
            if (moved.some((byte) => byte < 0 || byte > 255)) continue
            const distance = Math.abs(a) + Math.abs(b)
            // The worst that a model can do: every sample that is new votes for the rival.
            const seen = new Map(answers)
            const after = certifyShifts(votesOf(moved, () => rival)).winner
            answers.clear()
            for (const [sample, known] of seen) answers.set(sample, known)
            if (distance <= greyLevels) expect(after).toBe(winner)
            else if (after !== winner) tight++
            tried++
          }
        }
      }
      expect(tried).toBeGreaterThan(effort < 1 ? 400 : 2000)
      // One grey level more, and some model of those votes gives in.
      expect(tight).toBeGreaterThan(effort < 1 ? 20 : 100)
    },
  },
  {
    name: 'templates: the given one if it fits, else one drawn from the seed',
    run: (load) => {
      const { templateOf } = load<Template>('template')
      const shape = { channels: 2, height: 3, width: 40 }
      const drawn = templateOf('m', shape, 7, { template: [], seed: 3 })
      expect(drawn).toHaveLength(240)
      expect(new Set(drawn)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]))
      expect(templateOf('m', shape, 7, { template: [], seed: 3 })).toEqual(drawn)
      expect(templateOf('m', shape, 7, { template: [], seed: 4 })).not.toEqual(drawn)
      expect(drawn.slice(0, 120)).not.toEqual(drawn.slice(120))
      const shared = templateOf('m', shape, 7, { template: [], seed: 3, perPixel: true })
      expect(shared).toHaveLength(240)
      expect(shared.slice(0, 120)).toEqual(shared.slice(120))
      expect(shared.slice(0, 60)).not.toEqual(shared.slice(60, 120))
      const given = Array.from({ length: 240 }, (_, i) => i % 7)
      expect(templateOf('m', shape, 7, { template: given, seed: 3 })).toEqual(given)
      const refused = (template: number[], slots: number) => {
        expect(() => templateOf('m', shape, slots, { template, seed: 3 })).toThrow(
          expect.objectContaining({ code: 'E_SETTING_INVALID' }),
        )
      }
      refused(given, 6)
      refused(given.slice(1), 7)
      refused([...given, 0], 7)
    },
  },
  {
    name: 'splitting noise: votes for a class that is not there are told by its number',
    run: (load) => {
      const { kinds } = load<Cases>('splitting-noise/cases')
      const input = { levels: 5, num_classes: 3, counts: { '3': 1 } }
      expect(() => kinds['certificate_from_counts']!(input)).toThrow('class 3 of 3 classes')
    },
  },
]
