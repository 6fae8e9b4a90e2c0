import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dipoleRadius, hasMajority } from '../../../src/certificates/gaussian-smoothing/dipole'
import { firstOrderRadius } from '../../../src/certificates/gaussian-smoothing/first-order'
import { gradientBound } from '../../../src/certificates/gaussian-smoothing/gradient-bound'
import {
  maxGradientNorm,
  secondOrder,
} from '../../../src/certificates/gaussian-smoothing/second-order'
import { normalQuantile } from '../../../src/shared/statistics'
import { leastShare, shareAt, slopeAt, symmetricPart } from './interval-model'

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const winning = real(0.501, 0.9999)
const part = real(0, 1)
const sigmas = real(0.05, 4)

/** Up to four intervals on which a made classifier votes for the class; the last may reach far out. */
const models = fc
  .uniqueArray(fc.integer({ min: -400, max: 400 }), { minLength: 2, maxLength: 8 })
  .map((cuts) => {
    const ends = cuts.sort((a, b) => a - b).map((cut) => cut / 100)
    const from = ends.filter((_, i) => i % 2 === 0)
    return from.map((start, i) => [start, ends[2 * i + 1] ?? 40] as const)
  })
const winners = models.filter((model) => shareAt(model, 0) > 0.5)

test('at the largest gradient, and beyond, the second order is the first', () => {
  fc.assert(
    fc.property(winning, sigmas, real(1, 3), (lower, sigma, factor) => {
      const { radius } = secondOrder(lower, factor * maxGradientNorm(lower, sigma), sigma)
      expect(radius).toBeCloseTo(firstOrderRadius(lower, sigma), 9)
    }),
    { seed: 1 },
  )
})

test('the second order lies between the first and the radius of a flat top', () => {
  fc.assert(
    fc.property(winning, sigmas, part, (lower, sigma, share) => {
      const { radius } = secondOrder(lower, share * maxGradientNorm(lower, sigma), sigma)
      const flat = -sigma * normalQuantile((1 - lower) / 2)
      expect(radius).toBeGreaterThanOrEqual(firstOrderRadius(lower, sigma))
      // With a flat top the solution is ill-conditioned near one half: votes there hardly fall with distance.
      expect(radius).toBeLessThanOrEqual(flat + 1e-9)
      expect(secondOrder(lower, 0, sigma).radius).toBeGreaterThanOrEqual(radius - 1e-9)
    }),
    { seed: 2 },
  )
})

test('a smaller gradient or a larger share never shrinks the second-order radius', () => {
  fc.assert(
    fc.property(winning, winning, part, part, (p, q, g, h) => {
      const [less, more] = [Math.min(p, q), Math.max(p, q)]
      const most = maxGradientNorm(less, 1)
      const [flat, steep] = [Math.min(g, h) * most, Math.max(g, h) * most]
      expect(secondOrder(less, flat, 1).radius).toBeGreaterThanOrEqual(
        secondOrder(less, steep, 1).radius - 1e-9,
      )
      expect(secondOrder(more, steep, 1).radius).toBeGreaterThanOrEqual(
        secondOrder(less, steep, 1).radius - 1e-9,
      )
    }),
    { seed: 3 },
  )
})

test('radii grow in proportion to the noise', () => {
  fc.assert(
    fc.property(winning, sigmas, part, part, (lower, sigma, g, split) => {
      const gradient = g * maxGradientNorm(lower, 1)
      const shares = { symmetric: lower * split, asymmetric: lower * (1 - split) }
      expect(firstOrderRadius(lower, sigma) / sigma).toBeCloseTo(firstOrderRadius(lower, 1), 10)
      expect(secondOrder(lower, gradient / sigma, sigma).radius / sigma).toBeCloseTo(
        secondOrder(lower, gradient, 1).radius,
        9,
      )
      expect(dipoleRadius(shares, sigma) / sigma).toBeCloseTo(dipoleRadius(shares, 1), 10)
    }),
    { seed: 4 },
  )
})

test('a dipole whose asymmetric share is that of a half-space proves the first-order radius', () => {
  fc.assert(
    fc.property(real(0.001, 0.999), sigmas, (symmetric, sigma) => {
      const asymmetric = (1 - symmetric) / 2
      const radius = dipoleRadius({ symmetric, asymmetric }, sigma)
      expect(radius).toBeCloseTo(firstOrderRadius(symmetric + asymmetric, sigma), 9)
    }),
    { seed: 5 },
  )
})

test('the dipole radius never shrinks when a share grows', () => {
  fc.assert(
    fc.property(real(0, 0.49), real(0, 0.49), real(0, 0.01), real(0, 0.01), (s, a, more, also) => {
      const symmetric = 2 * s // up to 0.98, where a must stay below 1 - s
      const asymmetric = Math.min(a, 0.98 - symmetric < 0 ? 0 : 0.98 - symmetric)
      const before = dipoleRadius({ symmetric, asymmetric }, 1)
      const after = dipoleRadius({ symmetric: symmetric + more, asymmetric: asymmetric + also }, 1)
      expect(after).toBeGreaterThanOrEqual(before - 1e-9)
    }),
    { seed: 6 },
  )
})

test('a majority is decided without rounding', () => {
  expect(hasMajority({ symmetric: 0.3, asymmetric: 0.2 })).toBe(false) // exactly one half
  expect(hasMajority({ symmetric: 0.4, asymmetric: 0.1 })).toBe(true) // 2.8e-17 more
  expect(hasMajority({ symmetric: 0.01, asymmetric: 0.49 })).toBe(false) // 8.7e-18 less
  expect(hasMajority({ symmetric: 0, asymmetric: 0.5 })).toBe(false)
  expect(hasMajority({ symmetric: 0.1, asymmetric: 0.1 })).toBe(false)
  expect(hasMajority({ symmetric: 1, asymmetric: 0 })).toBe(true)
})

test('no radius exceeds what a known classifier withstands', () => {
  fc.assert(
    fc.property(winners, (model) => {
      const share = shareAt(model, 0)
      const symmetric = shareAt(symmetricPart(model), 0)
      const radii = {
        first: firstOrderRadius(share, 1),
        second: secondOrder(share, Math.abs(slopeAt(model, 0)), 1).radius,
        dipole: dipoleRadius({ symmetric, asymmetric: share - symmetric }, 1),
      }
      for (const [name, radius] of Object.entries(radii)) {
        expect(leastShare(model, radius), name).toBeGreaterThanOrEqual(0.5 - 1e-9)
      }
    }),
    { numRuns: 200, seed: 7 },
  )
})

test('half-spaces and slabs are withstood exactly as far as the certificates say', () => {
  fc.assert(
    fc.property(real(0.01, 2.5), real(0.1, 3), (near, far) => {
      const plane = [[-near, 40] as const]
      expect(firstOrderRadius(shareAt(plane, 0), 1)).toBeCloseTo(near, 9)
      const slab = [[-near, near + far] as const]
      const share = shareAt(slab, 0)
      fc.pre(share > 0.5)
      // The nearer side gives way first: just beyond the certified radius the class has lost its majority.
      const { radius } = secondOrder(share, Math.abs(slopeAt(slab, 0)), 1)
      expect(shareAt(slab, -radius)).toBeCloseTo(0.5, 9)
    }),
    { seed: 8 },
  )
})

test('a certain or a losing share', () => {
  expect(firstOrderRadius(1, 2)).toBe(Infinity)
  expect(firstOrderRadius(0.5, 2)).toBe(0)
  expect(secondOrder(1, 0, 2).radius).toBe(Infinity)
  expect(secondOrder(0.5, 0, 2).radius).toBe(0)
  expect(secondOrder(0.3, 0, 2)).toMatchObject({
    radius: 0,
    omittedMass: expect.closeTo(0.35, 12) as number,
  })
  expect(dipoleRadius({ symmetric: 1, asymmetric: 0 }, 2)).toBe(Infinity)
  expect(dipoleRadius({ symmetric: 0, asymmetric: 1 }, 2)).toBe(Infinity)
  expect(dipoleRadius({ symmetric: 0.2, asymmetric: 0.2 }, 2)).toBe(0)
})

test('the gradient bound tightens with pairs and loosens with dimension and confidence', () => {
  const bound = (pairs: number, dimension: number, alpha: number, squaredNorm = 0) =>
    gradientBound({ squaredNorm, pairs, dimension }, 1, alpha, 0.6).upperSquared
  expect(bound(1e9, 10, 1e-3)).toBeLessThan(bound(1e8, 10, 1e-3))
  expect(bound(1e8, 10, 1e-3)).toBeLessThan(bound(1e8, 20, 1e-3))
  expect(bound(1e8, 10, 1e-3)).toBeLessThan(bound(1e8, 10, 1e-4))
  // 4 sqrt(d ln(1/q) / N)
  expect(bound(1e8, 10, Math.exp(-9))).toBeCloseTo(4 * Math.sqrt(90 / 1e8), 14)
  expect(bound(1e8, 10, Math.exp(-9), 0.01)).toBeCloseTo(0.01 + 4 * Math.sqrt(90 / 1e8), 14)
  expect(bound(1e8, 10, Math.exp(-9), -1)).toBe(0)
})

test('with few pairs the linear tail of the gradient bound counts', () => {
  // d N = 10 < 2 ln(1/q) = 18: 4 sqrt 2 sigma^2 ln(1/q) / N / sigma^4
  const loose = { squaredNorm: -55, pairs: 10, dimension: 1 }
  const { upperSquared, isCapped } = gradientBound(loose, 0.3, Math.exp(-9), 0.51)
  expect(upperSquared).toBeCloseTo((4 * Math.SQRT2 * 9) / 10 / 0.3 ** 2 - 55, 9)
  expect(isCapped).toBe(false)
  // d N = 30: the square root again, which is the larger one from 18 on.
  const squaredNorm = 1 - (4 * Math.sqrt(27 / 10)) / 0.3 ** 2
  const wider = gradientBound({ squaredNorm, pairs: 10, dimension: 3 }, 0.3, Math.exp(-9), 0.51)
  expect(wider.upperSquared).toBeCloseTo(1, 9)
  const between = { squaredNorm: 1 - (4 * Math.sqrt(18 / 10)) / 0.3 ** 2, pairs: 10, dimension: 2 }
  expect(gradientBound(between, 0.3, Math.exp(-9), 0.51).upperSquared).toBeCloseTo(1, 9)
  expect(gradientBound({ ...loose, squaredNorm: 0 }, 0.3, Math.exp(-9), 0.51).isCapped).toBe(true)
})

test('a gradient bound just above what any model has is capped', () => {
  const cap = maxGradientNorm(0.6, 1) ** 2
  const bound = (raw: number) => {
    const slack = 4 * Math.sqrt(9e-4)
    return gradientBound(
      { squaredNorm: raw - slack, pairs: 1e5, dimension: 10 },
      1,
      Math.exp(-9),
      0.6,
    )
  }
  const exactly = { squaredNorm: cap, pairs: 1e300, dimension: 1 }
  expect(gradientBound(exactly, 1, 0.1, 0.6)).toEqual({ upperSquared: cap, isCapped: true })
  expect(bound(1.01 * cap)).toEqual({ upperSquared: cap, isCapped: true })
  expect(bound(0.99 * cap)).toEqual({
    upperSquared: expect.closeTo(0.99 * cap, 12) as number,
    isCapped: false,
  })
})
