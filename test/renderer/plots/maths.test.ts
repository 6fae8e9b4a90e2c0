import fc from 'fast-check'
import { expect, test } from 'vitest'
import { heatInk, heatStep } from '../../../src/renderer/plots/heat'
import { binned, binOf } from '../../../src/renderer/plots/histogram'
import { bandScale, linearScale } from '../../../src/renderer/plots/scale'
import { fitText, roughWidth } from '../../../src/renderer/plots/scene'
import { cellText, tableCsv } from '../../../src/renderer/plots/table'
import { niceTicks, tickDomain, tickText } from '../../../src/renderer/plots/ticks'

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true, noDefaultInfinity: true })

test('ticks are round, rise in equal steps and hold the whole range', () => {
  fc.assert(
    fc.property(number, number, fc.integer({ min: 1, max: 12 }), (a, b, count) => {
      fc.pre(a === b || Math.abs(a - b) > 1e-6)
      const ticks = niceTicks(a, b, count)
      const [first, last] = tickDomain(ticks)
      const slack = (last - first) * 1e-6
      expect(first).toBeLessThanOrEqual(Math.min(a, b) + slack)
      expect(last).toBeGreaterThanOrEqual(Math.max(a, b) - slack)
      expect(ticks.values.length).toBeGreaterThanOrEqual(2)
      expect(ticks.values.length).toBeLessThanOrEqual(2.5 * count + 3)
      const steps = ticks.values.slice(1).map((value, index) => value - (ticks.values[index] ?? 0))
      for (const step of steps) expect(step).toBeCloseTo(steps[0] ?? 0, 6)
    }),
  )
})

test('ticks of ranges that plots have', () => {
  expect(niceTicks(0, 71.8, 4).values).toEqual([0, 20, 40, 60, 80])
  expect(niceTicks(0, 0.3, 3)).toEqual({ values: [0, 0.1, 0.2, 0.3], decimals: 1 })
  expect(niceTicks(0, 1204, 4).values).toEqual([0, 500, 1000, 1500])
  expect(niceTicks(5, 5, 4).values).toEqual([4, 6])
  expect(tickText(1500, { decimals: 0 })).toBe('1,500')
  expect(tickText(-0.25, { decimals: 2 })).toBe('−0.25')
  expect(tickText(-0, { decimals: 1 })).toBe('0.0')
})

test('a linear scale and its inverse undo each other', () => {
  fc.assert(
    fc.property(number, number, fc.double({ min: -2, max: 3, noNaN: true }), (low, high, share) => {
      fc.pre(Math.abs(high - low) > 1e-3)
      const scale = linearScale([low, high], [40, 324])
      const value = low + share * (high - low)
      expect(scale.invert(scale.at(value))).toBeCloseTo(value, 3)
    }),
  )
  expect(linearScale([3, 3], [0, 10]).at(3)).toBe(5)
})

test('bands fill their range in order and do not touch', () => {
  const bands = bandScale(4, [10, 50], 0.2)
  expect([0, 1, 2, 3].map((index) => bands.middle(index))).toEqual([15, 25, 35, 45])
  expect(bands.start(1)).toBeGreaterThan(bands.start(0) + bands.band)
  expect(bandScale(0, [0, 10]).step).toBe(10)
})

test('heat rises with the count; only nothing is nothing', () => {
  expect(heatStep(0, 100)).toBe(0)
  expect(heatStep(1, 1000)).toBe(1)
  expect(heatStep(100, 100)).toBe(5)
  expect(heatStep(1, 1)).toBe(5)
  fc.assert(
    fc.property(fc.nat(5000), fc.nat(5000), fc.integer({ min: 1, max: 5000 }), (a, b, largest) => {
      fc.pre(a <= b && b <= largest)
      expect(heatStep(a, largest)).toBeLessThanOrEqual(heatStep(b, largest))
      if (a > 0) expect(heatStep(a, largest)).toBeGreaterThan(0)
    }),
  )
  expect(([0, 2, 3, 5] as const).map(heatInk)).toEqual([
    '--on-heat-low',
    '--on-heat-low',
    '--d-on',
    '--on-heat-high',
  ])
})

test('every value is in the bin that counts it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1 }),
      (values) => {
        const bins = binned(values)
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
        const counts = bins.map(() => 0)
        for (const value of values) {
          const at = binOf(bins, value)
          expect(at).not.toBeNull()
          if (at !== null) counts[at] = (counts[at] ?? 0) + 1
        }
        expect(counts).toEqual(bins.map(({ count }) => count))
      },
    ),
  )
  expect(binned([])).toEqual([])
  expect(binOf(binned([0, 10]), 11)).toBeNull()
})

test('a table as CSV', () => {
  const table = {
    columns: [{ name: 'class, "odd"' }, { name: 'time', unit: 'ms', decimals: 1 }],
    rows: [
      ['a\nb', 1.25],
      ['=1+1', null],
      [' kept ', NaN],
    ],
  }
  expect(tableCsv(table)).toBe(
    '"class, ""odd""",time (ms)\r\n"a\nb",1.25\r\n=1+1,\r\n" kept ",\r\n',
  )
  expect(cellText(1234.56, { name: '', decimals: 1 })).toBe('1,234.6')
  expect(cellText(-3, { name: '', decimals: 2 })).toBe('−3')
  expect(cellText(null, { name: '' })).toBe('–')
})

test('a name that is too long is cut in its middle', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), fc.integer({ min: 40, max: 200 }), (name, width) => {
      const cut = fitText(name, width, 11.5)
      if (roughWidth(name, 11.5) <= width) expect(cut).toBe(name)
      else expect(cut).toContain('…')
    }),
  )
  expect(fitText('pedestrian crossing', 60, 11.5)).toBe('pede…ing')
})
