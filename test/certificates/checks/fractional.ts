import { expect } from 'vitest'
import type { Check } from './check'
import { eachPair } from './grey-levels'

type Budget = typeof import('../../../src/certificates/fractional-lp/budget')
type Slots = typeof import('../../../src/certificates/fractional-lp/slots')
type Certificate = typeof import('../../../src/certificates/fractional-lp/certificate')
type Global = typeof import('../../../src/certificates/fractional-lp/global-cell')

const folder = 'fractional-lp'
const bytes = Array.from({ length: 256 }, (_, value) => value)
const encodings = ['center', 'center_error', 'upper_lower', 'center_center'] as const

export const fractionalChecks: readonly Check[] = [
  {
    name: 'published cells: within the budget for every distance, and within 20 of it',
    run: (load) => {
      const {
        slotBudget,
        slotsOf,
        influence,
        influenceGap,
        exponentOf,
        visibleOnceBudget,
        BASE_BUDGET,
      } = load<Budget>(`${folder}/budget`)
      expect(BASE_BUDGET).toBe(1000)
      for (const p of ['1/2', '1/3'] as const) {
        const { cells, ablated, samples } = slotBudget(p, 1)
        expect(slotsOf(cells) + ablated).toBe(1000)
        expect(samples).toBe(1000)
        const { smallest, largest } = influenceGap(cells, exponentOf(p), 1000)
        expect(smallest).toBeGreaterThanOrEqual(0)
        expect(largest).toBeLessThanOrEqual(20 + 1e-9)
        expect(influence(cells)).toHaveLength(256)
        expect(influence(cells)[1]).toBe(cells.length)
        expect(influence(cells)[255]).toBe(slotsOf(cells))
      }
      expect(influenceGap([1, 1], 1, 255)).toEqual({ smallest: -1, largest: 253 })
      expect(slotBudget('1/2', 1.1)).toMatchObject({ ablated: 115, samples: 1100 })
      expect(slotBudget('1/2', 1.0005)).toMatchObject({ ablated: 16, samples: 1001 })
      expect(visibleOnceBudget(9)).toEqual({ cells: [1], ablated: 8, samples: 9 })
    },
  },
  {
    name: 'two bytes look different in exactly the samples that the influence counts, in every encoding',
    run: (load, effort) => {
      const { slotBudget, influence } = load<Budget>(`${folder}/budget`)
      const { slotList, cellIn, encoded } = load<Slots>(`${folder}/slots`)
      for (const p of ['1/2', '1/3'] as const) {
        const budget = slotBudget(p, 1)
        const slots = slotList(budget)
        expect(slots).toHaveLength(1000)
        for (const encoding of effort < 1 ? encodings.slice(2, 3) : encodings) {
          // One number for both values of an encoding.
          const rows = slots.map((slot) =>
            bytes.map((byte) => {
              const [a, b] = encoded(cellIn(slot, byte), encoding)
              return encoding === 'center' ? a : 1000 * a + b
            }),
          )
          const touched = influence(budget.cells)
          eachPair(rows, effort < 1 ? 50 : 15, (distance, differing) => {
            if (differing !== touched[distance]) {
              throw new Error(
                `${differing} samples differ at ${distance}, not ${touched[distance]}`,
              )
            }
          })
        }
      }
    },
  },
  {
    name: 'the limit p -> 0: each value is seen, exactly, in one sample',
    run: (load) => {
      const { visibleOnceBudget } = load<Budget>(`${folder}/budget`)
      const { slotList, cellIn, encoded } = load<Slots>(`${folder}/slots`)
      const slots = slotList(visibleOnceBudget(6))
      expect(slots.map((slot) => encoded(cellIn(slot, 9), 'center')[0])).toEqual([
        9 / 255,
        0.5,
        0.5,
        0.5,
        0.5,
        0.5,
      ])
      expect(new Set(bytes.map((byte) => encoded(cellIn(slots[0]!, byte), 'center')[0])).size).toBe(
        256,
      )
    },
  },
  {
    name: 'encodings and batches',
    run: (load) => {
      const { encoded, isDouble, sampleShape, slotBatch } = load<Slots>(`${folder}/slots`)
      const cell = { low: 51, high: 153 }
      expect(encodings.map((encoding) => encoded(cell, encoding))).toEqual([
        [0.4, 0.4],
        [0.4, 0.2],
        [0.6, 0.2],
        [0.4, 0.4],
      ])
      expect(encodings.map(isDouble)).toEqual([false, true, true, true])
      const shape = { channels: 2, height: 1, width: 2 }
      expect(sampleShape(shape, 'center')).toEqual(shape)
      expect(sampleShape(shape, 'center_error')).toEqual({ ...shape, channels: 4 })
      const normalization = { mean: [0.5, 0.25], std: [0.5, 0.25] }
      const picture = { ...shape, data: Uint8Array.of(0, 255, 0, 255) }
      const slotOf = (sample: number, value: number) =>
        sample === 3 && value !== 2 ? { size: 255, offset: 101 } : null
      const cut = 101.5
      const [dark, light] = [cut / 510, (cut + 255) / 510]
      const close = (got: Float32Array, expected: readonly number[]): void => {
        expect(got).toHaveLength(expected.length)
        expected.forEach((number, i) => {
          expect(got[i]).toBeCloseTo(number, 5)
        })
      }
      const shown = [dark, light, 0.5, light]
      close(slotBatch(picture, 'center', slotOf, 2, 4), [0.5, 0.5, 0.5, 0.5, ...shown])
      close(slotBatch({ ...picture, normalization }, 'center', slotOf, 3, 4), [
        (dark - 0.5) * 2,
        (light - 0.5) * 2,
        1,
        (light - 0.25) * 4,
      ])
      const halves = [cut / 510, (255 - cut) / 510, 0.5, (255 - cut) / 510]
      close(slotBatch(picture, 'center_error', slotOf, 3, 4), [...shown, ...halves])
      close(slotBatch({ ...picture, normalization }, 'center_error', slotOf, 3, 4).subarray(4), [
        halves[0]! * 2,
        halves[1]! * 2,
        2,
        halves[3]! * 4,
      ])
      const lows = [0, cut / 255, 0, cut / 255]
      close(slotBatch(picture, 'upper_lower', slotOf, 3, 4), [cut / 255, 1, 1, 1, ...lows])
      close(slotBatch({ ...picture, normalization }, 'upper_lower', slotOf, 3, 4).subarray(4), [
        -1,
        (cut / 255 - 0.5) * 2,
        -1,
        (cut / 255 - 0.25) * 4,
      ])
    },
  },
  {
    name: 'radii',
    run: (load) => {
      const { radiusPower, radiusOf, convertedRadius, changedSamples, survives } =
        load<Certificate>(`${folder}/certificate`)
      expect(radiusPower(300, 2, 2000)).toBe(0.3)
      expect(radiusOf(0.5, 2)).toBe(0.25)
      expect(radiusOf(0.5, 3)).toBe(0.125)
      expect([convertedRadius(0.5, 2), convertedRadius(2, 3)]).toEqual([0.5, 8])
      expect(changedSamples([0, 2, 200], [1, 4, 255])).toBe(5 + 205)
      expect(survives([500, 80], [0, 2, 200], [1, 4, 255])).toBe(true)
      expect(survives([499, 80], [0, 2, 200], [1, 4, 255])).toBe(false)
    },
  },
  {
    name: 'one cell size a sample: weights of differing samples add up to the root of the distance',
    run: (load, effort) => {
      const { cellWeights, globalSlot, weightedBudget, GLOBAL_SAMPLES } = load<Global>(
        `${folder}/global-cell`,
      )
      const { cellIn } = load<Slots>(`${folder}/slots`)
      const weights = cellWeights()
      expect(weights).toHaveLength(255)
      expect(Math.min(...weights)).toBeGreaterThan(0)
      expect(GLOBAL_SAMPLES).toBe(32_640)
      const slots = Array.from({ length: GLOBAL_SAMPLES }, (_, sample) => globalSlot(sample))
      const expected = bytes
        .slice(1)
        .flatMap((size) => Array.from({ length: size }, (_, offset) => ({ size, offset })))
      expect(slots).toEqual(expected)
      const pairs = [
        [0, 1],
        [0, 255],
        [254, 255],
        [100, 103],
        [7, 90],
        [60, 200],
      ].slice(0, effort < 1 ? 3 : 6)
      for (const [from, to] of pairs) {
        const touched = slots.reduce((sum, slot) => {
          const differs = cellIn(slot, from!).low !== cellIn(slot, to!).low
          return sum + (differs ? weights[slot.size - 1]! : 0)
        }, 0)
        expect(touched).toBeCloseTo(Math.sqrt((to! - from!) / 255), 9)
      }
      const least = Math.min(...weights)
      expect(weightedBudget([0.6, 0.3, 0.1])).toBeCloseTo(0.15, 10)
      expect(weightedBudget([0.6, 0.3, 0.1])).toBeLessThan(0.15)
      expect(weightedBudget([0.3, 0.6, 0.1])).toBeCloseTo(0.15 - least / 2, 10)
      expect(weightedBudget([0.6, 0.3], 0.1)).toBeCloseTo(0.1, 10)
      expect(weightedBudget([0.5, 0.5])).toBe(0)
      expect(weightedBudget([1])).toBeCloseTo(0.5, 10)
      expect(weightedBudget([])).toBe(0)
    },
  },
]
