import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src/shared/errors'
import type { Mask } from '../../../src/shared/vision/mask'
import { decodeRle, encodeMask, rleArea, rleBox } from '../../../src/shared/vision/rle'
import {
  maskFromText,
  maskToText,
  rleFromCounts,
  rleFromText,
  rleToText,
} from '../../../src/shared/vision/rle-text'
import {
  intersectionArea,
  rleIntersection,
  rleIou,
  rleUnion,
} from '../../../src/shared/vision/rle-merge'
import { masks, maskOfRows, maskPairs } from './masks'

const folder = resolve(import.meta.dirname, '../../fixtures/coco-eval/rle')
const read = (name: string): unknown => JSON.parse(readFileSync(resolve(folder, name), 'utf8'))

interface RleCase {
  name: string
  size: [height: number, width: number]
  counts: number[]
  counts_string: string
  area: number
  bbox_xywh: number[]
  mask_rows?: string[]
}
interface MergeCase {
  size: [number, number]
  a: string
  b: string
  union: string
  intersection: string
}
interface IouCase {
  type: string
  size: [number, number]
  dt: string
  gt: string
  iou: number
  iou_crowd: number
}

describe('the reference cases', () => {
  // The fixtures are our own records of what pycocotools answered; their shape is the interface above.
  const { cases } = read('encode-decode.json') as { cases: RleCase[] }

  test.each(cases)('$name', ({ size, counts, counts_string, area, bbox_xywh, mask_rows }) => {
    const [height, width] = size
    const rle = rleFromText(counts_string, { height, width })
    expect([...rle.counts]).toEqual(counts)
    expect(rleToText(rleFromCounts(counts, { height, width }))).toBe(counts_string)
    expect(rleArea(rle)).toBe(area)
    expect(rleBox(rle)).toEqual(bbox_xywh)
    const mask = decodeRle(rle)
    expect([...encodeMask(mask).counts]).toEqual(counts)
    if (mask_rows) expect(mask).toEqual(maskOfRows(mask_rows))
  })

  const { merge, iou } = read('bbox-iou-merge.json') as { merge: MergeCase[]; iou: IouCase[] }

  test.each(merge)('union and intersection of $a and $b', (sample) => {
    const [height, width] = sample.size
    const a = rleFromText(sample.a, { height, width })
    const b = rleFromText(sample.b, { height, width })
    expect(rleToText(rleUnion(a, b))).toBe(sample.union)
    expect(rleToText(rleIntersection(a, b))).toBe(sample.intersection)
  })

  test.each(iou.filter(({ type }) => type === 'segm'))('overlap of $dt and $gt', (sample) => {
    const [height, width] = sample.size
    const detection = rleFromText(sample.dt, { height, width })
    const truth = rleFromText(sample.gt, { height, width })
    expect(rleIou(detection, truth)).toBe(sample.iou)
    expect(rleIou(detection, truth, true)).toBe(sample.iou_crowd)
  })
})

describe('properties', () => {
  test('a mask comes back from its text', () => {
    fc.assert(
      fc.property(masks(), (mask) => {
        expect(maskFromText(maskToText(mask), mask)).toEqual(mask)
      }),
    )
  })

  test('only the first run may be empty', () => {
    fc.assert(
      fc.property(masks(), (mask) => {
        expect(encodeMask(mask).counts.subarray(1)).not.toContain(0)
      }),
    )
  })

  test('any runs of 32 bits come back from text', () => {
    const run = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 ** 31 }))
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 3 }), (runs) => {
        const height = runs.reduce((sum, value) => sum + value, 0)
        fc.pre(height < 2 ** 32)
        const rle = rleFromCounts(runs, { height, width: 1 })
        expect([...rleFromText(rleToText(rle), { height, width: 1 }).counts]).toEqual(runs)
      }),
    )
  })

  test('area and box agree with the pixels', () => {
    fc.assert(
      fc.property(masks(), (mask) => {
        const rle = encodeMask(mask)
        expect(rleArea(rle)).toBe(mask.bits.reduce((sum, bit) => sum + bit, 0))
        expect(rleBox(rle)).toEqual(boxOfPixels(mask))
      }),
    )
  })

  test('merging equals merging pixels', () => {
    fc.assert(
      fc.property(maskPairs(), ([a, b]) => {
        const [left, right] = [encodeMask(a), encodeMask(b)]
        const either = { ...a, bits: a.bits.map((bit, i) => bit | b.bits[i]!) }
        const both = { ...a, bits: a.bits.map((bit, i) => bit & b.bits[i]!) }
        expect(rleUnion(left, right)).toEqual(encodeMask(either))
        expect(rleIntersection(left, right)).toEqual(encodeMask(both))
        const shared = rleArea(encodeMask(both))
        expect(intersectionArea(left, right)).toBe(shared)
        const union = rleArea(encodeMask(either))
        expect(rleIou(left, right)).toBe(shared === 0 ? 0 : shared / union)
      }),
    )
  })

  test('runs of length 0 in the middle change nothing', () => {
    const loose = rleFromCounts([2, 0, 1, 3, 0, 2, 4], { height: 4, width: 3 })
    const tight = rleFromCounts([3, 5, 4], { height: 4, width: 3 })
    expect(decodeRle(loose)).toEqual(decodeRle(tight))
    expect(rleBox(loose)).toEqual(rleBox(encodeMask(decodeRle(tight))))
    expect(rleUnion(loose, tight)).toEqual(tight)
    expect(rleIntersection(tight, loose)).toEqual(tight)
  })
})

describe('what strict reading refuses', () => {
  const frame = { height: 3, width: 4 }
  const code = (work: () => unknown) => {
    try {
      work()
    } catch (error) {
      return error instanceof AppError ? error.code : error
    }
    return 'accepted'
  }

  test.each([
    ['a character below the alphabet', '/', 'E_RLE_MALFORMED'],
    ['a character above the alphabet', 'p', 'E_RLE_MALFORMED'],
    ['an unfinished last value', '0l', 'E_RLE_MALFORMED'],
    ['a negative first run', 'O', 'E_RLE_MALFORMED'],
    ['a difference that makes a run negative', '010N', 'E_RLE_MALFORMED'],
    ['a run above 2^32', 'oooooo4', 'E_RLE_MALFORMED'],
    ['endless groups', 'oooooooooooo0', 'E_RLE_MALFORMED'],
    ['a short sum', '01', 'E_RLE_LENGTH'],
    ['a long sum', '=', 'E_RLE_LENGTH'],
    ['no runs', '', 'E_RLE_LENGTH'],
  ])('%s', (_, text, expected) => {
    expect(code(() => rleFromText(text, frame))).toBe(expected)
  })

  test.each([
    ['a negative run', [-1, 13], 'E_RLE_MALFORMED'],
    ['a fraction', [0.5, 11.5], 'E_RLE_MALFORMED'],
    ['not a number', [NaN, 12], 'E_RLE_MALFORMED'],
    ['a run above 2^32', [2 ** 33], 'E_RLE_MALFORMED'],
    ['a short sum', [5, 5], 'E_RLE_LENGTH'],
    ['a long sum', [5, 8], 'E_RLE_LENGTH'],
  ])('%s in a list of runs', (_, counts, expected) => {
    expect(code(() => rleFromCounts(counts, frame))).toBe(expected)
  })

  test('a frame that cannot be, without reserving memory for it', () => {
    const huge = { height: 2_000_000_000, width: 2_000_000_000 }
    expect(code(() => rleFromText('0', huge))).toBe('E_RLE_SIZE_MISMATCH')
    expect(code(() => rleFromText('0', { height: 1.5, width: 2 }))).toBe('E_RLE_SIZE_MISMATCH')
  })

  test('masks of different size', () => {
    const a = rleFromCounts([12], frame)
    const b = rleFromCounts([12], { height: 4, width: 3 })
    expect(code(() => rleUnion(a, b))).toBe('E_RLE_SIZE_MISMATCH')
    expect(code(() => rleIou(a, b))).toBe('E_RLE_SIZE_MISMATCH')
  })
})

/** COCO's rule: a run that goes over the end of a column makes the box span all rows. */
function boxOfPixels({ width, height, bits }: Mask): number[] {
  const columns: number[] = []
  const rows: number[] = []
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if (bits[y * width + x] !== 1) continue
      columns.push(x)
      rows.push(y)
      const continues = y === height - 1 && x + 1 < width && bits[x + 1] === 1
      if (continues) rows.push(0)
    }
  }
  if (columns.length === 0) return [0, 0, 0, 0]
  const [x1, y1] = [Math.min(...columns), Math.min(...rows)]
  return [x1, y1, Math.max(...columns) + 1 - x1, Math.max(...rows) + 1 - y1]
}
