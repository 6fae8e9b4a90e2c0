import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  completeLikePublishedCode,
  completeStrictly,
} from '../../../src/defenses/segment-and-complete/complete-strict'
import {
  completeParts,
  shapeSets,
  type ProductOptions,
} from '../../../src/defenses/segment-and-complete/complete-product'
import { thresholds, publishedLadder } from '../../../src/defenses/segment-and-complete/ladder'
import { emptyMask, type Mask, maskArea } from '../../../src/shared/vision'

const product: ProductOptions = {
  shapes: 'squares',
  sizes: [100, 75, 50, 25],
  aspects: [1],
  ladder: { alpha: 0.9, beta: 0.7, rungs: 6 },
  components: true,
  closingRadius: 7,
  minArea: 16,
  keepRaw: true,
  grow: 3,
  minFill: 0,
}

const smallMasks = fc
  .record({ width: fc.integer({ min: 1, max: 24 }), height: fc.integer({ min: 1, max: 24 }) })
  .chain(({ width, height }) =>
    fc
      .array(fc.boolean(), { minLength: width * height, maxLength: width * height })
      .map((on) => ({ width, height, bits: Uint8Array.from(on, Number) })),
  )
const smallSizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 })

describe('the definition', () => {
  test('equals a brute-force reading of it on small masks', () => {
    fc.assert(
      fc.property(smallMasks, smallSizes, (mask, sizes) => {
        const got = completeStrictly(mask, { sizes })
        const want = bruteForce(mask, sizes)
        expect(got.rung).toBe(want.rung)
        expect(got.mask.bits).toEqual(want.bits)
      }),
      { numRuns: 300 },
    )
  })

  test('covers the true square whenever at most 10 % of its area is flipped anywhere', () => {
    const scene = fc.record({
      side: fc.constantFrom(125, 100, 75, 50, 25),
      width: fc.integer({ min: 125, max: 300 }),
      height: fc.integer({ min: 125, max: 300 }),
      x: fc.double({ min: 0, max: 1, noNaN: true }),
      y: fc.double({ min: 0, max: 1, noNaN: true }),
      seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    })
    fc.assert(
      fc.property(scene, ({ side, width, height, x, y, seed }) => {
        const left = Math.round(x * (width - side))
        const top = Math.round(y * (height - side))
        const truth = square(width, height, left, top, side)
        const noisy = flipped(truth, Math.floor(0.1 * side * side), seed)
        const { mask } = completeStrictly(noisy, { sizes: [125, 100, 75, 50, 25] })
        expect(covers(mask, truth)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  }, 180_000)

  test('does not depend on the order of the sizes or on repetitions', () => {
    fc.assert(
      fc.property(smallMasks, smallSizes, (mask, sizes) => {
        const straight = completeStrictly(mask, { sizes })
        const reversed = completeStrictly(mask, { sizes: [...sizes].reverse().concat(sizes) })
        expect(reversed.rung).toBe(straight.rung)
        expect(reversed.mask.bits).toEqual(straight.mask.bits)
      }),
    )
  })

  test('transposes and flips with its input, which the published code does not', () => {
    fc.assert(
      fc.property(smallMasks, smallSizes, (mask, sizes) => {
        for (const turn of [transpose, mirror]) {
          const turned = completeStrictly(turn(mask), { sizes }).mask
          expect(turned.bits).toEqual(turn(completeStrictly(mask, { sizes }).mask).bits)
        }
      }),
    )
    const corner = square(40, 40, 20, 20, 10)
    const published = completeLikePublishedCode(corner, { sizes: [10] }).mask
    expect(completeLikePublishedCode(mirror(corner), { sizes: [10] }).mask.bits).not.toEqual(
      mirror(published).bits,
    )
  })

  test('pixels added inside the best square never lead to a looser rung', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        fc.integer({ min: 0, max: 60 }),
        (seed, lost) => {
          const truth = square(40, 40, 9, 13, 12)
          const noisy: Mask = {
            ...truth,
            bits: truth.bits.map((bit, i) => (i % 97 === seed % 97 ? 1 : bit)),
          }
          const fewer = flippedInside(noisy, truth, lost, seed)
          const before = completeStrictly(fewer, { sizes: [12] }).rung
          const after = completeStrictly(flippedInside(noisy, truth, Math.max(0, lost - 5), seed), {
            sizes: [12],
          }).rung
          if (before >= 0) {
            expect(after).toBeGreaterThanOrEqual(0)
            expect(after).toBeLessThanOrEqual(before)
          }
        },
      ),
    )
  })
})

describe('two patches of one size', () => {
  const two = union(square(300, 200, 20, 30, 50), square(300, 200, 200, 120, 50))

  test('hide each other from the definition', () => {
    const { mask, rung } = completeStrictly(two, { sizes: [50, 25] })
    expect(rung).toBe(-1)
    expect(maskArea(mask)).toBe(0)
  })

  test('are both covered in product mode', () => {
    const { mask, parts } = completeParts(two, product)
    expect(parts).toHaveLength(2)
    expect(covers(mask, two)).toBe(true)
  })
})

describe('product mode', () => {
  test('equals the definition when there is one part and every addition is off', () => {
    const plain = {
      ...product,
      components: false,
      keepRaw: false,
      minArea: 0,
      closingRadius: 0,
      ladder: publishedLadder,
    }
    fc.assert(
      fc.property(smallMasks, smallSizes, (mask, sizes) => {
        const definition = completeStrictly(mask, { sizes })
        const got = completeParts(mask, { ...plain, sizes })
        expect(got.rung).toBe(definition.rung)
        expect(got.mask.bits).toEqual(definition.mask.bits)
      }),
    )
  })

  test.each(shapeSets)(
    '%s: contains every kept pixel, drops small parts, stays inside the frame',
    (shapes) => {
      fc.assert(
        fc.property(smallMasks, smallSizes, (mask, sizes) => {
          const options = { ...product, shapes, sizes, minArea: 5, closingRadius: 1, grow: 1 }
          const { mask: got, parts, dropped } = completeParts(mask, options)
          expect(got.bits).toHaveLength(mask.bits.length)
          if (dropped === 0) expect(covers(got, mask)).toBe(true)
          if (parts.length === 0) expect(maskArea(got)).toBe(0)
          for (const part of parts) expect(part.area).toBeGreaterThanOrEqual(5)
        }),
        { numRuns: 200 },
      )
    },
  )

  test('circles equal a brute-force reading of the definition on small masks', () => {
    fc.assert(
      fc.property(smallMasks, smallSizes, (mask, sizes) => {
        const options = {
          ...product,
          components: false,
          keepRaw: false,
          minArea: 0,
          sizes,
          ladder: publishedLadder,
        }
        const got = completeParts(mask, { ...options, shapes: 'circles' })
        const want = bruteForce(mask, sizes, disc)
        expect(got.rung).toBe(want.rung)
        expect(got.mask.bits).toEqual(want.bits)
      }),
      { numRuns: 200 },
    )
  })

  test('a turned square is covered by a turned rectangle with little surplus', () => {
    const truth = turnedSquare(200, 200, 100, 100, 60, 0.5)
    const { mask, rung } = completeParts(truth, {
      ...product,
      shapes: 'turned-rectangles',
      grow: 1,
    })
    expect(rung).toBe(0)
    expect(covers(mask, truth)).toBe(true)
    expect(maskArea(mask)).toBeLessThan(1.15 * maskArea(truth))
  })

  test('a part that fills less of its turned rectangle than it must stays as it was found', () => {
    const angle = union(square(200, 100, 10, 10, 40), square(200, 100, 50, 50, 40))
    const whole = square(200, 100, 120, 30, 40)
    const completed = (minFill: number) =>
      completeParts(union(angle, whole), {
        ...{ ...product, shapes: 'turned-rectangles', grow: 0, minFill },
      })
    // Two squares that touch at a corner fill half of the rectangle around them, one square all of it.
    const { mask, parts } = completed(0.78)
    expect(parts.map((part) => part.rung)).toEqual([-1, 0])
    expect(mask.bits).toEqual(union(angle, whole).bits)
    expect(maskArea(completed(0).mask)).toBeGreaterThan(1.5 * maskArea(angle))
  })

  test('a round or many-cornered part that fills no rectangle is completed to its convex hull', () => {
    for (const corners of [8, 64]) {
      const truth = regularPolygon(160, 160, corners, 55)
      const found = flippedInside(truth, truth, 1200, 11)
      const { mask, parts } = completeParts(found, {
        ...{ ...product, shapes: 'outlines', grow: 0, minFill: 0.85 },
      })
      expect(parts.map((part) => part.rung)).toEqual([1])
      expect(parts[0]!.qMax).toBeGreaterThan(0.85)
      expect(covers(mask, found)).toBe(true)
      expect(maskArea(union(mask, truth))).toBeLessThan(1.02 * maskArea(truth))
      expect(maskArea(mask)).toBeGreaterThan(0.99 * maskArea(truth))
    }
  })

  test('a part without enough evidence is dropped, another keeps its faint rim', () => {
    const clear = square(200, 100, 10, 10, 40)
    const faint = square(200, 100, 120, 30, 40)
    const weights = square(200, 100, 20, 20, 20).bits
    const { mask, parts, dropped } = completeParts(
      union(clear, faint),
      { ...product, sizes: [40] },
      { weights, least: 100 },
    )
    expect(parts).toHaveLength(1)
    expect(dropped).toBe(1)
    expect(covers(mask, clear)).toBe(true)
    expect(mask.bits.some((bit, i) => bit === 1 && faint.bits[i] === 1)).toBe(false)
  })

  test('far fewer found pixels than a shape holds do not become a hole', () => {
    const mask = emptyMask(200, 200)
    for (let i = 0; i < 20; i++) mask.bits[(50 + i) * 200 + 60] = 1
    const { mask: got, rung } = completeParts(mask, { ...product, sizes: [100] })
    expect(rung).toBe(-1)
    expect(got.bits).toEqual(mask.bits)
  })
})

type Footprint = (side: number) => (dy: number, dx: number) => boolean
const whole: Footprint = () => () => true
const disc: Footprint = (d) => (dy, dx) => {
  const [y, x] = [dy + 0.5 - d / 2, dx + 0.5 - d / 2]
  // Compared as the chord of the row, like the definition's own wording: centres within d / 2.
  return Math.abs(x) <= Math.sqrt((d / 2) ** 2 - y * y) + 1e-12
}

/** The definition, word for word: every shape at every place, rung by rung. */
function bruteForce(mask: Mask, sizes: readonly number[], footprint = whole) {
  const { width, height, bits } = mask
  const total = maskArea(mask)
  const rungs = thresholds(publishedLadder)
  const out = new Uint8Array(bits.length)
  if (total === 0) return { rung: -1, bits: out }
  for (const [rung, t] of rungs.entries()) {
    let any = false
    for (const side of sizes) {
      const inside = footprint(side)
      const pixels: [number, number][] = []
      for (let dy = 0; dy < side; dy++) {
        for (let dx = 0; dx < side; dx++) if (inside(dy, dx)) pixels.push([dy, dx])
      }
      for (let top = 0; top + side <= height; top++) {
        for (let left = 0; left + side <= width; left++) {
          let overlap = 0
          for (const [dy, dx] of pixels) overlap += bits[(top + dy) * width + left + dx]!
          if ((2 * overlap - total) / pixels.length < t - 1e-9) continue
          any = true
          for (const [dy, dx] of pixels) out[(top + dy) * width + left + dx] = 1
        }
      }
    }
    if (any) return { rung, bits: out }
  }
  return { rung: -1, bits: out }
}

function square(width: number, height: number, left: number, top: number, side: number): Mask {
  const mask = emptyMask(width, height)
  for (let y = top; y < top + side; y++)
    mask.bits.fill(1, y * width + left, y * width + left + side)
  return mask
}

function turnedSquare(
  width: number,
  height: number,
  cx: number,
  cy: number,
  side: number,
  angle: number,
): Mask {
  const mask = emptyMask(width, height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x + 0.5 - cx, y + 0.5 - cy]
      const u = dx * Math.cos(angle) + dy * Math.sin(angle)
      const v = dy * Math.cos(angle) - dx * Math.sin(angle)
      if (Math.max(Math.abs(u), Math.abs(v)) <= side / 2) mask.bits[y * width + x] = 1
    }
  }
  return mask
}

function regularPolygon(width: number, height: number, corners: number, inner: number): Mask {
  const mask = emptyMask(width, height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x + 0.5 - width / 2, y + 0.5 - height / 2]
      const isInside = Array.from({ length: corners }, (_, k) => (2 * Math.PI * k) / corners).every(
        (angle) => dx * Math.cos(angle) + dy * Math.sin(angle) <= inner,
      )
      if (isInside) mask.bits[y * width + x] = 1
    }
  }
  return mask
}

function flipped(mask: Mask, count: number, seed: number): Mask {
  const bits = mask.bits.slice()
  let state = seed
  const chosen = new Set<number>()
  while (chosen.size < count) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    chosen.add(Math.floor((state / 2 ** 32) * bits.length))
  }
  for (const i of chosen) bits[i]! ^= 1
  return { ...mask, bits }
}

function flippedInside(mask: Mask, truth: Mask, count: number, seed: number): Mask {
  const inside = [...truth.bits.keys()].filter((i) => truth.bits[i] === 1)
  const bits = mask.bits.slice()
  for (let k = 0; k < count; k++) bits[inside[(seed + 7 * k) % inside.length]!] = 0
  return { ...mask, bits }
}

function union(a: Mask, b: Mask): Mask {
  return { ...a, bits: a.bits.map((bit, i) => bit | b.bits[i]!) }
}

function covers(mask: Mask, truth: Mask): boolean {
  return truth.bits.every((bit, i) => bit === 0 || mask.bits[i] === 1)
}

function transpose({ width, height, bits }: Mask): Mask {
  const out = emptyMask(height, width)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) out.bits[x * height + y] = bits[y * width + x]!
  return out
}

function mirror({ width, height, bits }: Mask): Mask {
  const out = emptyMask(width, height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) out.bits[y * width + width - 1 - x] = bits[y * width + x]!
  return out
}
