import fc from 'fast-check'
import type { Mask } from '../../../src/shared/vision/mask'

/** Small masks of any shape, from nearly empty to nearly full. */
export function masks(maxSide = 12): fc.Arbitrary<Mask> {
  return fc
    .record({
      width: fc.integer({ min: 1, max: maxSide }),
      height: fc.integer({ min: 1, max: maxSide }),
    })
    .chain((size) => bitsOf(size.width * size.height).map((bits) => ({ ...size, bits })))
}

export function maskPairs(maxSide = 12): fc.Arbitrary<readonly [Mask, Mask]> {
  return masks(maxSide).chain((mask) =>
    bitsOf(mask.bits.length).map((bits) => [mask, { ...mask, bits }] as const),
  )
}

function bitsOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(
      fc.uint8Array({ minLength: length, maxLength: length }),
      fc.constantFrom(20, 80, 128, 200, 250),
    )
    .map(([bytes, limit]) => Uint8Array.from(bytes, (byte) => (byte < limit ? 1 : 0)))
}

/** `#` or `1` is in the mask. */
export function maskOfRows(rows: readonly string[]): Mask {
  const width = rows[0]?.length ?? 0
  const bits = Uint8Array.from(rows.join(''), (mark) => (mark === '#' || mark === '1' ? 1 : 0))
  return { width, height: rows.length, bits }
}

/** Seeded (mulberry32), so that a measurement or a failure can be repeated. */
export function randomMask(width: number, height: number, density: number, seed = 1): Mask {
  let state = seed
  const bits = new Uint8Array(width * height)
  for (let i = 0; i < bits.length; i++) {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    bits[i] = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 < density ? 1 : 0
  }
  return { width, height, bits }
}
