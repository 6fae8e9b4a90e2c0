import fc from 'fast-check'
import { expect } from 'vitest'
import type { AnyCertifier } from '../support/run-certifier'
import type { Check } from './check'

type Radius = typeof import('../../../src/certificates/randomized-ablation/radius')
type Encode = typeof import('../../../src/certificates/randomized-ablation/encode')

const folder = 'randomized-ablation'

function choose(n: number, k: number): bigint {
  if (k > n) return 0n
  let result = 1n
  for (let i = 0; i < k; i++) result = (result * BigInt(n - i)) / BigInt(i + 1)
  return result
}

/** All sets of `retained` of `pixels` pixels. */
function keptSets(pixels: number, retained: number): number[][] {
  if (retained === 0) return [[]]
  return Array.from({ length: pixels }, (_, last) => last).flatMap((last) =>
    keptSets(last, retained - 1).map((set) => [...set, last]),
  )
}

/** The largest r with 3/2 - lower < C(d - r, k) / C(d, k), in whole numbers; `lower` is a number over 2^53. */
function exactRadius(pixels: number, retained: number, lower: number): number {
  const scale = 2n ** 53n
  const needed = (3n * scale) / 2n - BigInt(lower * 2 ** 53)
  let radius = -1
  while (
    radius < pixels &&
    needed * choose(pixels, retained) < choose(pixels - radius - 1, retained) * scale
  ) {
    radius++
  }
  return Math.max(0, radius)
}

const retentions = fc
  .integer({ min: 1, max: 40 })
  .chain((pixels) =>
    fc.record({ pixels: fc.constant(pixels), retained: fc.integer({ min: 0, max: pixels }) }),
  )

export const ablationChecks: readonly Check[] = [
  {
    name: 'the radius is that of whole numbers, on and beside every tie',
    run: (load, effort) => {
      const { ablationRadius } = load<Radius>(`${folder}/radius`)
      fc.assert(
        fc.property(
          retentions,
          fc.integer({ min: 0, max: 12 }),
          fc.constantFrom(-1, 0, 1),
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.boolean(),
          ({ pixels, retained }, changed, beside, share, onTie) => {
            const ratio =
              Number((choose(pixels - changed, retained) * 2n ** 53n) / choose(pixels, retained)) /
              2 ** 53
            const tie = 1.5 - ratio + beside * 2 ** -53
            const lower = onTie ? Math.min(1, tie) : Math.round(share * 2 ** 53) / 2 ** 53
            expect(ablationRadius({ pixels, retained }, lower)).toBe(
              exactRadius(pixels, retained, lower),
            )
          },
        ),
        { numRuns: Math.ceil(2000 * effort), seed: 8 },
      )
      // Ratios that doubles cannot hold, with a bound on either side of the tie.
      expect(ablationRadius({ pixels: 784, retained: 45 }, 1)).toBe(exactRadius(784, 45, 1))
      expect(ablationRadius({ pixels: 4, retained: 1 }, 0.75)).toBe(0)
      expect(ablationRadius({ pixels: 4, retained: 1 }, 1)).toBe(1)
      expect(ablationRadius({ pixels: 4, retained: 1 }, NaN)).toBe(0)
      // Nothing is shown, so that nothing hides the votes: just below one half there is no majority all the same.
      expect(ablationRadius({ pixels: 4, retained: 0 }, 0.5 - 2 ** -54)).toBe(0)
    },
  },
  {
    name: 'the overlap is that of counting sets',
    run: (load, effort) => {
      const { overlapProbability, untouchedProbability } = load<Radius>(`${folder}/radius`)
      fc.assert(
        fc.property(retentions, fc.nat({ max: 40 }), ({ pixels, retained }, some) => {
          const changed = Math.min(some, pixels)
          const untouched =
            Number((choose(pixels - changed, retained) * 10n ** 20n) / choose(pixels, retained)) /
            1e20
          expect(untouchedProbability({ pixels, retained }, changed)).toBeCloseTo(untouched, 13)
          expect(overlapProbability({ pixels, retained }, changed)).toBeCloseTo(1 - untouched, 13)
        }),
        { numRuns: Math.ceil(500 * effort), seed: 9 },
      )
    },
  },
  {
    name: 'certified pixels survive, one more does not: all sets of kept pixels, tried out',
    run: (load) => {
      const { ablationRadius } = load<Radius>(`${folder}/radius`)
      for (const [pixels, retained] of [
        [5, 1],
        [6, 2],
        [7, 3],
        [8, 1],
        [8, 5],
        [9, 2],
      ] as const) {
        const sets = keptSets(pixels, retained)
        for (let won = 0; won <= sets.length; won++) {
          const radius = ablationRadius({ pixels, retained }, won / sets.length)
          // The attacker turns every sample that shows a changed pixel, and picks pixels that hit the winner's samples.
          const left = (changed: number): number =>
            won - sets.filter((set) => set.some((pixel) => pixel < changed)).length
          const wins = (votes: number): boolean => 2 * votes > sets.length
          if (radius > 0) expect(wins(left(radius))).toBe(true)
          // Where the winner has all samples that the changed pixels reach, one pixel more is its end.
          if (wins(won)) expect(wins(left(radius + 1))).toBe(false)
        }
      }
    },
  },
  {
    name: 'a bound of exactly one half is no majority',
    run: (load) => {
      const plugin = load<{ readonly default: AnyCertifier }>(`${folder}/certifier`).default
      const params = plugin.params.parse({ retained: 1, selection: 1, estimation: 1, alpha: 0.5 })
      const job = { params, shape: { channels: 1, height: 1, width: 4 }, classes: 2 }
      const state = plugin.tally(plugin.begin(job), Float32Array.of(0, 1, 0, 1), job, 0, 2)
      expect(plugin.certify(state, job)).toMatchObject({ class: null, bounds: { lower: 0.5 } })
      expect(plugin.settled(state, 0, job)).toBe(false)
    },
  },
  {
    name: 'a sample shows the retained pixels, and of the others the mean or nothing',
    run: (load) => {
      const { sampleShape, writeAblated } = load<Encode>(`${folder}/encode`)
      const shape = { channels: 2, height: 1, width: 3 }
      const picture = { ...shape, data: Uint8Array.of(0, 51, 102, 153, 204, 255) }
      const normalization = { mean: [0.5, 0.25], std: [0.5, 2] }
      expect(sampleShape(shape, 'pair')).toEqual({ ...shape, channels: 4 })
      expect(sampleShape(shape, 'mean')).toEqual(shape)
      const written = (
        size: number,
        ...rest: Parameters<Encode['writeAblated']> extends [unknown, unknown, ...infer R]
          ? R
          : never
      ) => {
        const batch = new Float32Array(size + 2)
        writeAblated(batch, 1, ...rest)
        expect([batch[0], batch[size + 1]]).toEqual([0, 0])
        return [...batch.subarray(1, size + 1)].map((value) => Math.round(value * 1e5) / 1e5)
      }
      expect(written(12, picture, [0, 2], 'pair')).toEqual([
        0, 0, 0.4, 0.6, 0, 1, 1, 0, 0.6, 0.4, 0, 0,
      ])
      expect(written(6, picture, [2], 'mean')).toEqual([0.5, 0.5, 0.4, 0.5, 0.5, 1])
      expect(written(6, picture, [2], 'mean', [0.1, 0.2])).toEqual([0.1, 0.1, 0.4, 0.2, 0.2, 1])
      const scaled = { ...picture, normalization }
      expect(written(6, scaled, [2], 'mean')).toEqual([0, 0, -0.2, 0, 0, 0.375])
      expect(written(6, scaled, [2], 'mean', [1, 1])).toEqual([1, 1, -0.2, 0.375, 0.375, 0.375])
    },
  },
]
