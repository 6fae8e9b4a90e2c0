import fc from 'fast-check'
import { expect } from 'vitest'
import {
  bandPixels,
  bandStarts,
  canFlip,
  count,
  first,
  overlapping,
  patchPixels,
  type Strip,
  strips,
  tables,
} from '../support/tables'
import type { Check } from './check'

type Ablations = typeof import('../../../src/certificates/derandomized-smoothing/ablation')
type Certificates = typeof import('../../../src/certificates/derandomized-smoothing/certificate')
type Combinations = typeof import('../../../src/certificates/derandomized-smoothing/combinations')
type Encode = typeof import('../../../src/certificates/derandomized-smoothing/encode')
type Ablation = ReturnType<Ablations['columnAblation']>

const folder = 'derandomized-smoothing'

/** A strip as an ablation of the library, beside the pixels that its positions show by definition. */
function stripOf(load: Load, strip: Strip, kind: 'column' | 'row') {
  const { columnAblation, rowAblation } = load<Ablations>(`${folder}/ablation`)
  const ablation = kind === 'row' ? rowAblation(strip) : columnAblation(strip)
  return { ablation, shown: bandStarts(strip).map((start) => bandPixels(strip, start)) }
}
type Load = Parameters<Check['run']>[0]

const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b)

/** Compares places, touched positions and their maximum with overlaps of pixel sets. */
function sameGeometry(
  ablation: Ablation,
  shown: readonly ReadonlySet<number>[],
  patches: (size: number) => readonly (readonly number[])[],
): void {
  expect(ablation.positions).toBe(shown.length)
  for (let size = 1; size <= ablation.largestPatch; size++) {
    const expected = patches(size).map((patch) => overlapping(shown, patch))
    expect(ablation.places(size)).toBe(expected.length)
    const touched = expected.map((_, place) => sorted(ablation.touched(place, size)))
    expect(touched).toEqual(expected)
    expect(ablation.affected(size)).toBe(Math.max(...expected.map((set) => set.length)))
  }
}

const stripPatches = (length: number) => (size: number) =>
  Array.from({ length: Math.max(1, length - size + 1) }, (_, place) =>
    patchPixels(length, place, size),
  )

export const derandomizedChecks: readonly Check[] = [
  {
    name: 'columns and rows: what a patch touches is what overlaps it, for every stride',
    run: (load, effort) => {
      fc.assert(
        fc.property(strips(12), fc.constantFrom('column', 'row'), (strip, kind) => {
          const { ablation, shown } = stripOf(load, strip, kind)
          expect(ablation.kind).toBe(kind)
          expect(ablation.largestPatch).toBe(strip.length)
          sameGeometry(ablation, shown, stripPatches(strip.length))
          shown.forEach((pixels, position) => {
            for (let pixel = 0; pixel < strip.length; pixel++) {
              const [x, y] = kind === 'row' ? [99, pixel] : [pixel, 99]
              expect(ablation.keeps(position, x, y)).toBe(pixels.has(pixel))
            }
          })
          expect(ablation.affected(strip.length + 3)).toBe(ablation.affected(strip.length))
          expect(ablation.places(strip.length + 3)).toBe(1)
        }),
        { numRuns: Math.ceil(300 * effort), seed: 3 },
      )
    },
  },
  {
    name: 'blocks: what a square touches is what overlaps it, round both edges',
    run: (load, effort) => {
      const { blockAblation, affectedBlocks } = load<Ablations>(`${folder}/ablation`)
      fc.assert(
        fc.property(strips(6), strips(6), (rows, columns) => {
          const ablation = blockAblation(rows, columns)
          const width = columns.length
          const pixelsOf = (ys: Iterable<number>, xs: readonly number[]) =>
            [...ys].flatMap((y) => xs.map((x) => y * width + x))
          const shown = bandStarts(rows).flatMap((top) =>
            bandStarts(columns).map(
              (left) => new Set(pixelsOf(bandPixels(rows, top), [...bandPixels(columns, left)])),
            ),
          )
          sameGeometry(ablation, shown, (size) =>
            stripPatches(rows.length)(size).flatMap((ys) =>
              stripPatches(width)(size).map((xs) => pixelsOf(ys, xs)),
            ),
          )
          expect(ablation.kind).toBe('block')
          expect(ablation.largestPatch).toBe(Math.max(rows.length, width))
          shown.forEach((pixels, position) => {
            for (let pixel = 0; pixel < rows.length * width; pixel++) {
              expect(ablation.keeps(position, pixel % width, Math.floor(pixel / width))).toBe(
                pixels.has(pixel),
              )
            }
          })
          expect(affectedBlocks(rows, columns, 1, 2)).toBe(
            Math.max(
              ...stripPatches(rows.length)(1).flatMap((ys) =>
                stripPatches(width)(2).map((xs) => overlapping(shown, pixelsOf(ys, xs)).length),
              ),
            ),
          )
        }),
        { numRuns: Math.ceil(60 * effort), seed: 4 },
      )
    },
  },
  {
    name: 'several bands: sets in order, and those that a patch touches',
    run: (load, effort) => {
      const { multiColumnAblation, affectedBandSets, bandSetCount, bandCount } = load<Ablations>(
        `${folder}/ablation`,
      )
      const { binomial, combinationAt } = load<Combinations>(`${folder}/combinations`)
      expect([
        binomial(5, 2),
        binomial(5, 0),
        binomial(4, 5),
        binomial(3, -1),
        binomial(-1, 0),
      ]).toEqual([10n, 1n, 0n, 0n, 0n])
      expect(binomial(60, 30)).toBe(118264581564861424n)
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 12 }).chain((width) =>
            fc.integer({ min: 1, max: width }).chain((band) =>
              fc.record({
                width: fc.constant(width),
                band: fc.constant(band),
                retained: fc.integer({ min: 1, max: Math.floor(width / band) }),
              }),
            ),
          ),
          (set) => {
            const bands = Math.floor(set.width / set.band)
            expect(bandCount(set)).toBe(bands)
            const sets = subsets(bands, set.retained)
            expect(sets.map((_, at) => combinationAt(at, bands, set.retained))).toEqual(sets)
            const shown = sets.map(
              (kept) =>
                new Set(
                  kept.flatMap((one) =>
                    Array.from({ length: set.band }, (_, i) => one * set.band + i),
                  ),
                ),
            )
            const ablation = multiColumnAblation(set)
            expect(Number(bandSetCount(set))).toBe(sets.length)
            expect(ablation.kind).toBe('multi-column')
            expect(ablation.largestPatch).toBe(set.width)
            expect(ablation.places(set.width + 2)).toBe(1)
            expect(Number(affectedBandSets(set, 1))).toBe(ablation.affected(1))
            sameGeometry(ablation, shown, stripPatches(set.width))
            shown.forEach((pixels, position) => {
              for (let x = 0; x < set.width; x++) {
                expect(ablation.keeps(position, x, 0)).toBe(pixels.has(x))
              }
            })
          },
        ),
        { numRuns: Math.ceil(100 * effort), seed: 5 },
      )
    },
  },
  {
    name: 'what is certified survives every re-vote, and the location map is exact',
    run: (load, effort) => {
      const { certifyVotes, isCertified, locationMap, votesOf } = load<Certificates>(
        `${folder}/certificate`,
      )
      const cases = strips(12).chain((strip) =>
        fc.record({
          strip: fc.constant(strip),
          classes: fc.integer({ min: 2, max: 3 }),
          table: tables(bandStarts(strip).length, 2),
          size: fc.integer({ min: 1, max: strip.length }),
          kind: fc.constantFrom('column' as const, 'row' as const),
        }),
      )
      fc.assert(
        fc.property(cases, ({ strip, classes, table, size, kind }) => {
          const { ablation, shown } = stripOf(load, strip, kind)
          const votes = votesOf(table, classes)
          expect(votes).toEqual(count(table, classes))
          const { winner, budget, largestPatch } = certifyVotes(votes, ablation)
          expect(winner).toBe(first(votes))
          const map = locationMap(table, votes, ablation, size)
          expect(map).toHaveLength(Math.max(1, strip.length - size + 1))
          map.forEach((certified, place) => {
            const touched = overlapping(shown, patchPixels(strip.length, place, size))
            // Beyond four positions every set at each would take too long; there one class at all of them is best.
            const flips =
              touched.length <= 4
                ? canFlip(table, classes, touched)
                : flipsWithOneClass(table, classes, touched)
            expect(certified).toBe(!flips)
          })
          if (size <= largestPatch) expect(map.every(Boolean)).toBe(true)
          expect(isCertified(budget, ablation, size)).toBe(size <= largestPatch)
        }),
        { numRuns: Math.ceil(300 * effort), seed: 6 },
      )
    },
  },
  {
    name: 'one pixel more than certified: a table with the same votes loses its winner',
    run: (load, effort) => {
      const { certifyVotes, locationMap } = load<Certificates>(`${folder}/certificate`)
      let shownTight = 0
      fc.assert(
        fc.property(
          strips(12).chain((strip) =>
            fc.tuple(
              fc.constant(strip),
              fc.array(fc.integer({ min: 0, max: bandStarts(strip).length }), {
                minLength: 2,
                maxLength: 3,
              }),
            ),
          ),
          ([strip, votes]) => {
            const { ablation, shown } = stripOf(load, strip, 'column')
            const { winner, budget, largestPatch } = certifyVotes(votes, ablation)
            const size = largestPatch + 1
            if (size > strip.length) return
            const touched = stripPatches(strip.length)(size)
              .map((patch) => overlapping(shown, patch))
              .reduce((most, set) => (set.length > most.length ? set : most))
            const turned = touched.slice(0, budget + 1)
            const table = tableWith(votes, winner, turned, ablation.positions)
            if (table === null) return
            expect(count(table, votes.length)).toEqual(votes)
            expect(flipsWithOneClass(table, votes.length, touched)).toBe(true)
            expect(locationMap(table, votes, ablation, size)).toContain(false)
            shownTight++
          },
        ),
        { numRuns: Math.ceil(500 * effort), seed: 7 },
      )
      expect(shownTight).toBeGreaterThan(100 * effort)
    },
  },
  {
    name: 'the threshold of drawn positions is strict',
    run: (load) => {
      const { largestPatchOfBound, monteCarloThreshold } = load<Certificates>(
        `${folder}/certificate`,
      )
      const { columnAblation } = load<Ablations>(`${folder}/ablation`)
      const ablation = columnAblation({ length: 16, band: 2, stride: 1 })
      expect(monteCarloThreshold(ablation, 3)).toBe(0.5 + 4 / 16)
      expect(largestPatchOfBound(0.75, ablation)).toBe(2)
      expect(largestPatchOfBound(0.7501, ablation)).toBe(3)
      expect(largestPatchOfBound(0.5, ablation)).toBe(0)
      expect(largestPatchOfBound(2, ablation)).toBe(16)
    },
  },
  {
    name: 'samples hold what is kept and nothing of what is hidden',
    run: (load) => {
      const { ablatedBatch, sampleShape } = load<Encode>(`${folder}/encode`)
      const { columnAblation } = load<Ablations>(`${folder}/ablation`)
      const ablation = columnAblation({ length: 3, band: 2, stride: 1 })
      const shape = { channels: 2, height: 2, width: 3 }
      const data = Uint8Array.from({ length: 12 }, (_, i) => i * 20)
      const normalization = { mean: [0.5, 0.25], std: [0.5, 2] }
      const value = (i: number): number => (i * 20) / 255
      const scaled = (i: number): number => (value(i) - (i < 6 ? 0.5 : 0.25)) / (i < 6 ? 0.5 : 2)
      // Position 2 keeps the columns 2 and 0.
      const isKept = (i: number): boolean => i % 3 !== 1
      const each = (of: (i: number) => number) =>
        Array.from({ length: 12 }, (_, i) => (isKept(i) ? of(i) : 0))
      const close = (got: Float32Array, expected: readonly number[]): void => {
        expect(got).toHaveLength(expected.length)
        expected.forEach((number, i) => {
          expect(got[i]).toBeCloseTo(number, 6)
        })
      }
      const picture = { ...shape, data }
      expect(sampleShape(shape, 'pair')).toEqual({ ...shape, channels: 4 })
      expect(sampleShape(shape, 'mask-channel')).toEqual({ ...shape, channels: 3 })
      expect(sampleShape(shape, 'zero-fill')).toEqual(shape)
      const batch = ablatedBatch(picture, ablation, [0, 2], 'pair')
      close(batch.subarray(24), [...each(value), ...each((i) => 1 - value(i))])
      close(ablatedBatch({ ...picture, normalization }, ablation, [2], 'pair'), [
        ...each(scaled),
        ...each((i) => 1 - scaled(i)),
      ])
      close(ablatedBatch(picture, ablation, [2], 'zero-fill'), each(value))
      close(ablatedBatch(picture, ablation, [2], 'mask-channel'), [
        ...each(value),
        ...each(() => 1).slice(0, 6),
      ])
      const used = new Float32Array(24).fill(9)
      const [first, last] = [ablatedBatch(picture, ablation, [2], 'pair'), used]
      expect(ablatedBatch(picture, ablation, [2], 'pair', used)).toBe(last)
      expect(used).toEqual(first)
      expect(() => ablatedBatch(picture, ablation, [2], 'pair', new Float32Array(23))).toThrow(
        /24 values, not 23/,
      )
    },
  },
  {
    name: 'samples of every kind of ablation hold the pixels that it keeps',
    run: (load) => {
      const { ablatedBatch } = load<Encode>(`${folder}/encode`)
      const { blockAblation, columnAblation, multiColumnAblation, rowAblation } = load<Ablations>(
        `${folder}/ablation`,
      )
      const [height, width] = [4, 6]
      const data = Uint8Array.from({ length: 24 }, (_, i) => i + 1)
      const kinds = [
        columnAblation({ length: width, band: 4, stride: 1 }),
        rowAblation({ length: height, band: 3, stride: 2 }),
        blockAblation(
          { length: height, band: 3, stride: 1 },
          { length: width, band: 2, stride: 3 },
        ),
        multiColumnAblation({ width, band: 2, retained: 2 }),
      ]
      for (const ablation of kinds) {
        const positions = Array.from({ length: ablation.positions }, (_, position) => position)
        const picture = { channels: 1, height, width, data }
        const batch = ablatedBatch(picture, ablation, positions, 'zero-fill')
        for (const position of positions) {
          for (let i = 0; i < 24; i++) {
            const isKept = ablation.keeps(position, i % width, Math.floor(i / width))
            expect(batch[position * 24 + i]).toBeCloseTo(isKept ? (i + 1) / 255 : 0, 6)
          }
        }
      }
    },
  },
]

function flipsWithOneClass(
  table: readonly (readonly number[])[],
  classes: number,
  touched: readonly number[],
): boolean {
  const winner = first(count(table, classes))
  return Array.from({ length: classes }, (_, c) => c).some((rival) => {
    const after = table.map((set, position) => (touched.includes(position) ? [rival] : set))
    return first(count(after, classes)) !== winner
  })
}

/** A table with these votes in which `turned` vote for the winner alone; null where there is none. */
function tableWith(
  votes: readonly number[],
  winner: number,
  turned: readonly number[],
  positions: number,
): number[][] | null {
  const others = Array.from({ length: positions }, (_, p) => p).filter((p) => !turned.includes(p))
  const table = Array.from({ length: positions }, (_, p) => (turned.includes(p) ? [winner] : []))
  for (const [c, n] of votes.entries()) {
    const needed = c === winner ? n - turned.length : n
    if (needed < 0 || needed > others.length) return null
    for (const position of others.slice(0, needed)) table[position]!.push(c)
  }
  return table
}

/** All sets of `size` of 0..n-1 in lexicographic order. */
function subsets(n: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]]
  return Array.from({ length: n - from }, (_, i) => from + i).flatMap((head) =>
    subsets(n, size - 1, head + 1).map((tail) => [head, ...tail]),
  )
}
