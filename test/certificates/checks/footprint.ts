import fc from 'fast-check'
import { expect } from 'vitest'
import { seededRandom } from '../../../src/shared/random'
import type { RgbImage } from '../../../src/shared/vision'
import { planResize } from '../../../src/shared/vision/resize'
import { imageToTensor } from '../../../src/shared/vision/to-tensor'
import type { Check } from './check'

type Footprints = typeof import('../../../src/certificates/footprint')

const input = {
  layout: 'nchw' as const,
  type: 'uint8' as const,
  range: 255 as const,
  mean: [0, 0, 0] as [number, number, number],
  std: [1, 1, 1] as [number, number, number],
  channelOrder: 'rgb' as const,
  pad: 7,
  dynamic: false,
  multipleOf: 1,
}

const side = (most: number) => fc.integer({ min: 1, max: most })
const resizes = fc.record({
  source: fc.record({ width: side(40), height: side(40) }),
  target: fc.record({ width: side(24), height: side(24) }),
  interpolation: fc.constantFrom('linear' as const, 'area' as const),
  resize: fc.constantFrom('stretch' as const, 'letterbox' as const),
  anchor: fc.constantFrom('top-left' as const, 'center' as const),
  seed: fc.integer(),
})

const noise = (random: () => number, { width, height }: { width: number; height: number }) => ({
  data: Uint8Array.from({ length: 3 * width * height }, () => Math.floor(random() * 256)),
  width,
  height,
})

/** The columns and rows in which two planar pictures of a width differ. */
function changed(a: ArrayLike<number>, b: ArrayLike<number>, width: number, height: number) {
  const columns = new Set<number>()
  const rows = new Set<number>()
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue
    columns.add(i % width)
    rows.add(Math.floor(i / width) % height)
  }
  return { columns: [...columns], rows: [...rows] }
}

export const footprintChecks: readonly Check[] = [
  {
    name: 'no change of a strip of the source leaves its footprint, whatever the resize',
    run: (load, effort) => {
      const { footprints, touchedRange } = load<Footprints>('footprint')
      fc.assert(
        fc.property(resizes, ({ source, target, seed, ...how }) => {
          const random = seededRandom(seed)
          const model = { ...input, ...how, ...target }
          const plan = planResize(model, source.width, source.height)
          const { columns, rows } = footprints(model, plan)
          const image: RgbImage = noise(random, source)
          const before = imageToTensor(image, model, plan).data
          for (const axis of ['columns', 'rows'] as const) {
            const length = axis === 'columns' ? source.width : source.height
            const size = 1 + Math.floor(random() * length)
            const place = Math.floor(random() * (length - size + 1))
            const data = image.data.map((value, i) => {
              const pixel = Math.floor(i / 3)
              const at =
                axis === 'columns' ? pixel % source.width : Math.floor(pixel / source.width)
              return at >= place && at < place + size ? (random() < 0.5 ? 0 : 255) : value
            })
            const after = imageToTensor({ ...image, data }, model, plan).data
            const touched = touchedRange(axis === 'columns' ? columns : rows, place, size)
            for (const at of changed(before, after, plan.width, plan.height)[axis]) {
              expect(touched).not.toBeNull()
              expect(at).toBeGreaterThanOrEqual(touched![0])
              expect(at).toBeLessThanOrEqual(touched![1])
            }
          }
        }),
        { numRuns: Math.ceil(400 * effort), seed: 21 },
      )
    },
  },
  {
    name: 'a picture that is not resized touches exactly itself, shifted by its border',
    run: (load) => {
      const { footprints, touchedRange } = load<Footprints>('footprint')
      const model = { ...input, width: 9, height: 6, resize: 'letterbox' as const }
      const plan = planResize({ ...model, anchor: 'center' }, 5, 6)
      const { columns, rows } = footprints({ interpolation: 'area' }, plan)
      expect(touchedRange(columns, 0, 1)).toEqual([2, 2])
      expect(touchedRange(columns, 1, 3)).toEqual([3, 5])
      expect(touchedRange(rows, 4, 9)).toEqual([4, 5])
    },
  },
  {
    name: 'enlarging touches little more than the share of the side, shrinking no more than each average',
    run: (load, effort) => {
      const { footprints, touchedRange } = load<Footprints>('footprint')
      fc.assert(
        fc.property(side(40), side(60), side(40), (source, target, size) => {
          fc.pre(size <= source)
          const model = { ...input, width: target, height: target, resize: 'stretch' as const }
          const plan = planResize({ ...model, anchor: 'top-left' }, source, source)
          for (const interpolation of ['linear', 'area'] as const) {
            const { columns } = footprints({ interpolation }, plan)
            for (let place = 0; place + size <= source; place++) {
              const range = touchedRange(columns, place, size)
              const most = Math.ceil((size * target) / source) + 2
              if (range === null) expect(interpolation).toBe('linear')
              else
                expect(range[1] - range[0] + 1).toBeLessThanOrEqual(
                  most + Math.ceil(target / source),
                )
            }
            expect(touchedRange(columns, 0, source)).toEqual([0, target - 1])
          }
        }),
        { numRuns: Math.ceil(200 * effort), seed: 22 },
      )
    },
  },
  {
    name: 'where blending passes over pixels of the source they touch nothing',
    run: (load) => {
      const { footprints, touchedRange } = load<Footprints>('footprint')
      const model = { ...input, width: 2, height: 2, resize: 'stretch' as const }
      const plan = planResize({ ...model, anchor: 'top-left' }, 16, 16)
      const { columns } = footprints({ interpolation: 'linear' }, plan)
      expect(touchedRange(columns, 0, 3)).toBeNull()
      expect(touchedRange(columns, 6, 4)).toBeNull()
      expect(touchedRange(columns, 3, 2)).toEqual([0, 0])
      expect(touchedRange(columns, 13, 3)).toBeNull()
    },
  },
  {
    name: 'small sides, by hand',
    run: (load) => {
      const { footprints } = load<Footprints>('footprint')
      const of = (
        source: readonly [number, number],
        target: readonly [number, number],
        interpolation: 'linear' | 'area',
      ) => {
        const model = { ...input, width: target[0], height: target[1], resize: 'stretch' as const }
        const plan = planResize({ ...model, anchor: 'top-left' }, source[0], source[1])
        const { columns, rows } = footprints({ interpolation }, plan)
        const told = ({ first, last }: typeof columns) => [[...first], [...last]]
        return { columns: told(columns), rows: told(rows) }
      }
      // 3 pixels to 2: the one in the middle is in both; each of 4 is in one average.
      expect(of([3, 4], [2, 2], 'area')).toEqual({
        columns: [
          [0, 0, 1],
          [0, 1, 1],
        ],
        rows: [
          [0, 0, 1, 1],
          [0, 0, 1, 1],
        ],
      })
      // Equal widths and other heights: blended both ways, and a column keeps its place.
      expect(of([2, 3], [2, 1], 'area')).toEqual({
        columns: [
          [0, 1],
          [0, 1],
        ],
        rows: [
          [0, 0, 0],
          [0, 0, 0],
        ],
      })
      // Where one side grows none is averaged, and the kernel for enlarging is asked for both.
      expect(of([4, 1], [2, 2], 'area')).toEqual({
        columns: [
          [0, 0, 1, 1],
          [0, 0, 1, 1],
        ],
        rows: [[0], [1]],
      })
      // 2 to 4: the ends are looked at alone, what is between them together; 8 to 2 passes over most.
      expect(of([2, 8], [4, 2], 'linear')).toEqual({
        columns: [
          [0, 1],
          [2, 3],
        ],
        rows: [
          [0, 0, 0, 1, 1, 1, 1, Infinity],
          [-Infinity, 0, 0, 0, 0, 1, 1, 1],
        ],
      })
      // In the middle of a wider frame.
      const model = { ...input, width: 12, height: 4, resize: 'letterbox' as const }
      const plan = planResize({ ...model, anchor: 'center' }, 2, 2)
      const { columns } = footprints({ interpolation: 'linear' }, plan)
      expect(columns).toEqual({ first: [4, 5], last: [6, 7] })
      const shrunk = footprints(
        { interpolation: 'area' },
        planResize({ ...model, anchor: 'center' }, 8, 8),
      )
      expect(shrunk.columns).toEqual({
        first: [4, 4, 5, 5, 6, 6, 7, 7],
        last: [4, 4, 5, 5, 6, 6, 7, 7],
      })
    },
  },
]
