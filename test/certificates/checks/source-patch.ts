import fc from 'fast-check'
import { expect } from 'vitest'
import { planResize } from '../../../src/shared/vision/resize'
import { bandPixels, bandStarts, canFlip, count, first, overlapping } from '../support/tables'
import { patchPixels, strips, tables } from '../support/tables'
import type { Check, Load } from './check'

type Ablations = typeof import('../../../src/certificates/derandomized-smoothing/ablation')
type Certificates = typeof import('../../../src/certificates/derandomized-smoothing/certificate')
type Footprints = typeof import('../../../src/certificates/footprint')
type SourcePatches = typeof import('../../../src/certificates/derandomized-smoothing/source-patch')

const folder = 'derandomized-smoothing'

/** All tables in which the positions that are missing vote for nobody, for all, or for one class alone. */
function endings(table: readonly (readonly number[])[], positions: number, classes: number) {
  const all = Array.from({ length: classes }, (_, c) => c)
  const sets = [[], all, ...all.map((c) => [c])]
  return sets.map((set) => [
    ...table,
    ...Array.from({ length: positions - table.length }, () => set),
  ])
}

/** Whether any class can be made to win by one class or none at all touched positions: the best there is. */
function flips(
  table: readonly (readonly number[])[],
  classes: number,
  touched: readonly number[],
): boolean {
  if (touched.length <= 3) return canFlip(table, classes, touched)
  const winner = first(count(table, classes))
  return Array.from({ length: classes }, (_, c) => c).some((rival) => {
    const after = table.map((set, position) => (touched.includes(position) ? [rival] : set))
    return first(count(after, classes)) !== winner
  })
}

const sureTables = (positions: number): fc.Arbitrary<number[][]> =>
  fc.array(
    fc.oneof(
      { weight: 12, arbitrary: fc.constant<number[]>([0]) },
      { weight: 1, arbitrary: fc.subarray([0, 1]) },
    ),
    { minLength: positions, maxLength: positions },
  )

const cases = strips(10).chain((strip) =>
  fc.record({
    strip: fc.constant(strip),
    source: fc.integer({ min: 1, max: 24 }),
    interpolation: fc.constantFrom('linear' as const, 'area' as const),
    // Votes as they are for a class that is sure, and any votes.
    table: fc.oneof(tables(bandStarts(strip).length, 2), sureTables(bandStarts(strip).length)),
    seen: fc.integer({ min: 0, max: bandStarts(strip).length }),
    size: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 24 })),
  }),
)

/** The footprint of a side of `source` pixels that is stretched to `target`. */
function footprintOf(load: Load, source: number, target: number, interpolation: 'linear' | 'area') {
  const { footprints } = load<Footprints>('footprint')
  const input = { width: target, height: target, resize: 'stretch' as const, dynamic: false }
  const plan = planResize({ ...input, multipleOf: 1, anchor: 'top-left' }, source, source)
  return footprints({ interpolation }, plan).columns
}

export const sourcePatchChecks: readonly Check[] = [
  {
    name: 'a patch of source pixels is certified exactly where no re-vote of what it touches flips the class',
    run: (load, effort) => {
      const { columnAblation } = load<Ablations>(`${folder}/ablation`)
      const { certifySource, placesOf } = load<SourcePatches>(`${folder}/source-patch`)
      const { touchedRange } = load<Footprints>('footprint')
      let [proven, open] = [0, 0]
      fc.assert(
        fc.property(cases, ({ strip, source, interpolation, table, size }) => {
          const footprint = footprintOf(load, source, strip.length, interpolation)
          const shown = bandStarts(strip).map((start) => bandPixels(strip, start))
          const touchedAt = (place: number, side: number): number[] => {
            const range = touchedRange(footprint, place, side)
            if (range === null) return []
            return overlapping(shown, patchPixels(strip.length, range[0], range[1] - range[0] + 1))
          }
          const isOpen = (side: number): boolean[] =>
            Array.from({ length: Math.max(1, source - side + 1) }, (_, place) =>
              flips(table, 2, touchedAt(place, side)),
            )
          const { largest, mapAt } = certifySource(table, 2, columnAblation(strip), footprint)
          const side = Math.min(size, source)
          expect(placesOf(source, side)).toBe(source - side + 1)
          expect(mapAt(side)).toEqual(isOpen(side).map((flipped) => !flipped))
          if (table.every((set) => set.length === 0)) {
            expect(largest).toBe(0)
            return
          }
          expect(isOpen(largest).includes(true) && largest > 0).toBe(false)
          if (largest < source) expect(isOpen(largest + 1)).toContain(true)
          if (largest > 0) proven++
          else open++
        }),
        { numRuns: Math.ceil(400 * effort), seed: 12 },
      )
      expect(Math.min(proven, open)).toBeGreaterThan(effort < 1 ? 0 : 20)
    },
  },
  {
    name: 'an answer before the last vote is the answer after it, and comes as soon as it can',
    run: (load, effort) => {
      const { columnAblation } = load<Ablations>(`${folder}/ablation`)
      const { certifySource, sourceSettled } = load<SourcePatches>(`${folder}/source-patch`)
      const told = new Map<unknown, number>()
      fc.assert(
        fc.property(cases, ({ strip, source, interpolation, table, seen, size }) => {
          const footprint = footprintOf(load, source, strip.length, interpolation)
          const ablation = columnAblation(strip)
          const side = Math.min(size, source)
          const part = table.slice(0, seen)
          const early = sourceSettled(part, 2, ablation, footprint, side)
          const ends = endings(part, ablation.positions, 2).map(
            (whole) => certifySource(whole, 2, ablation, footprint).largest >= side,
          )
          const end = certifySource(table, 2, ablation, footprint).largest >= side
          told.set(early, (told.get(early) ?? 0) + 1)
          if (early !== null) expect(end).toBe(early)
          if (seen === table.length) expect(early).toBe(end)
          // Of the ends that are tried, those that decide are among them.
          if (early === null && seen > 0) expect(new Set(ends).size).toBe(2)
          if (early !== null) for (const one of ends) expect(one).toBe(early)
        }),
        { numRuns: Math.ceil(600 * effort), seed: 13 },
      )
      for (const answer of [true, false, null]) {
        expect(told.get(answer) ?? 0).toBeGreaterThan(effort < 1 ? 0 : 10)
      }
    },
  },
  {
    name: 'rows, blocks and several bands: what is certified survives every re-vote',
    run: (load, effort) => {
      const { blockAblation, multiColumnAblation, rowAblation } = load<Ablations>(
        `${folder}/ablation`,
      )
      const { certifyVotes, locationMap, votesOf } = load<Certificates>(`${folder}/certificate`)
      const grids = fc.oneof(
        strips(8).map(rowAblation),
        fc.tuple(strips(3), strips(3)).map(([rows, columns]) => blockAblation(rows, columns)),
        fc
          .record({
            width: fc.integer({ min: 2, max: 6 }),
            band: fc.integer({ min: 1, max: 2 }),
            retained: fc.integer({ min: 1, max: 2 }),
          })
          .filter(({ width, band, retained }) => Math.floor(width / band) >= retained)
          .map(multiColumnAblation),
      )
      let certified = 0
      fc.assert(
        fc.property(
          grids.chain((grid) =>
            fc.record({ grid: fc.constant(grid), table: tables(grid.positions, 2) }),
          ),
          ({ grid, table }) => {
            const votes = votesOf(table, 2)
            const { largestPatch } = certifyVotes(votes, grid)
            for (let size = 1; size <= grid.largestPatch; size++) {
              const map = locationMap(table, votes, grid, size)
              map.forEach((isCertain, place) => {
                expect(isCertain).toBe(!flips(table, 2, grid.touched(place, size)))
              })
              if (size <= largestPatch) {
                expect(map).not.toContain(false)
                certified++
              }
            }
          },
        ),
        { numRuns: Math.ceil(300 * effort), seed: 14 },
      )
      expect(certified).toBeGreaterThan(effort < 1 ? 0 : 20)
    },
  },
]
