import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  minimumFlow,
  wassersteinDistance,
} from '../../../src/certificates/wasserstein-smoothing/distances'
import type { MassImage } from '../../../src/certificates/wasserstein-smoothing/distances'
import { minimumCostFlow } from '../../../src/certificates/wasserstein-smoothing/minimum-cost-flow'

const sizes = fc.constantFrom([2, 2], [3, 2], [2, 3], [1, 5], [6, 1])
const pairs = sizes.chain(([width = 1, height = 1]) => {
  const masses = fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: width * height, maxLength: width * height })
    .filter((values) => values.some((value) => value > 0))
  const image = masses.map((data) => ({ width, height, data: Float64Array.from(data) }))
  return fc.tuple(image, image)
})

const groundDistance = (width: number, a: number, b: number, ground: 'l1' | 'l2'): number => {
  const across = Math.abs((a % width) - (b % width))
  const down = Math.abs(Math.floor(a / width) - Math.floor(b / width))
  return ground === 'l1' ? across + down : Math.hypot(across, down)
}

const unitMass = ({ data }: MassImage): number[] => {
  const mass = data.reduce((sum, value) => sum + value, 0)
  return Array.from(data, (value) => value / mass)
}

/** The transport problem by trying every basis: a set of rows + columns - 1 routes that carries all mass, none negative. */
function cheapestBasis(first: MassImage, second: MassImage, ground: 'l1' | 'l2'): number {
  const [from, to] = [unitMass(first), unitMass(second)]
  const surplus = from.map((mass, i) => mass - (to[i] ?? 0))
  const sources = [...surplus.keys()].filter((i) => (surplus[i] ?? 0) > 1e-12)
  const sinks = [...surplus.keys()].filter((i) => (surplus[i] ?? 0) < -1e-12)
  if (sources.length === 0) return 0
  const routes = sources.flatMap((source) => sinks.map((sink) => [source, sink] as const))
  let best = Infinity
  for (const chosen of subsets(routes, sources.length + sinks.length - 1)) {
    const amounts = solveTree(chosen, surplus)
    if (amounts === null || amounts.some((amount) => amount < -1e-12)) continue
    const cost = chosen.reduce(
      (sum, [a, b], i) => sum + (amounts[i] ?? 0) * groundDistance(first.width, a, b, ground),
      0,
    )
    best = Math.min(best, cost)
  }
  return best
}

function* subsets<T>(items: readonly T[], count: number, start = 0): Generator<readonly T[]> {
  if (count === 0) yield []
  for (let i = start; i + count <= items.length && count > 0; i++) {
    for (const rest of subsets(items, count - 1, i + 1)) yield [items[i] as T, ...rest] // i is in bounds
  }
}

/** Amounts on the routes of a tree: leaves first. Null if the routes are none. */
function solveTree(routes: readonly (readonly [number, number])[], surplus: readonly number[]) {
  const left = surplus.map(Math.abs)
  const amounts = routes.map(() => NaN)
  for (let solved = 0; solved < routes.length; solved++) {
    const open = [...routes.keys()].filter((i) => Number.isNaN(amounts[i]))
    const degree = (pixel: number): number => open.filter((i) => routes[i]?.includes(pixel)).length
    const leafRoute = open.find((i) => routes[i]?.some((pixel) => degree(pixel) === 1))
    if (leafRoute === undefined) return null
    const [a, b] = routes[leafRoute] ?? [0, 0]
    const [leaf, other] = degree(a) === 1 ? [a, b] : [b, a]
    const amount = left[leaf] ?? 0
    amounts[leafRoute] = amount
    left[leaf] = 0
    left[other] = (left[other] ?? 0) - amount
  }
  return left.some((amount) => Math.abs(amount) > 1e-9) ? null : amounts
}

/** The dual: the largest difference of means of a whole-number potential that changes by at most 1 between neighbours. */
function bestPotential(first: MassImage, second: MassImage): number {
  const [from, to] = [unitMass(first), unitMass(second)]
  const pixels = from.length
  const most = first.width + first.height - 2
  let best = 0
  const potential = new Array<number>(pixels).fill(0)
  const extend = (pixel: number): void => {
    if (pixel === pixels) {
      const value = potential.reduce((sum, p, i) => sum + p * ((from[i] ?? 0) - (to[i] ?? 0)), 0)
      best = Math.max(best, value)
      return
    }
    for (let p = 0; p <= most; p++) {
      const fits = potential
        .slice(0, pixel)
        .every((q, i) => Math.abs(p - q) <= groundDistance(first.width, pixel, i, 'l1'))
      if (!fits) continue
      potential[pixel] = p
      extend(pixel + 1)
    }
  }
  extend(0)
  return best
}

test('transport costs what the cheapest basis costs, for both ground distances', () => {
  fc.assert(
    fc.property(pairs, fc.constantFrom('l1' as const, 'l2' as const), ([a, b], ground) => {
      expect(wassersteinDistance(a, b, ground)).toBeCloseTo(cheapestBasis(a, b, ground), 10)
    }),
    { numRuns: 60, seed: 1 },
  )
})

test('the least flow equals transport along rows and columns, and the best potential of the dual', () => {
  fc.assert(
    fc.property(pairs, ([a, b]) => {
      const flow = minimumFlow(a, b)
      expect(flow).toBeCloseTo(wassersteinDistance(a, b, 'l1'), 12)
      expect(flow).toBeCloseTo(bestPotential(a, b), 10)
    }),
    { numRuns: 60, seed: 2 },
  )
})

test('it is a distance: zero for equal pictures, symmetric, within sqrt 2 of the straight one', () => {
  fc.assert(
    fc.property(pairs, ([a, b]) => {
      const [l1, l2] = [wassersteinDistance(a, b, 'l1'), wassersteinDistance(a, b, 'l2')]
      expect(wassersteinDistance(a, a, 'l2')).toBe(0)
      expect(wassersteinDistance(b, a, 'l2')).toBeCloseTo(l2, 12)
      expect(l2).toBeLessThanOrEqual(l1 + 1e-12)
      expect(l1).toBeLessThanOrEqual(Math.SQRT2 * l2 + 1e-12)
    }),
    { numRuns: 100, seed: 3 },
  )
})

test('masses that are no whole numbers leave no crumb behind', () => {
  const masses = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), {
    minLength: 6,
    maxLength: 6,
  })
  const image = masses.map((data) => ({ width: 3, height: 2, data: Float64Array.from(data) }))
  fc.assert(
    fc.property(image, image, (a, b) => {
      expect(minimumFlow(a, b)).toBeCloseTo(wassersteinDistance(a, b, 'l1'), 9)
    }),
    { numRuns: 100, seed: 4 },
  )
})

test('a picture without mass or of another size is refused', () => {
  const some = { width: 2, height: 1, data: Float64Array.of(1, 2) }
  const none = { width: 2, height: 1, data: Float64Array.of(0, 0) }
  const tall = { width: 1, height: 2, data: Float64Array.of(1, 2) }
  expect(() => minimumFlow(some, none)).toThrow(/mass of a picture is 0/)
  expect(() => wassersteinDistance(some, tall, 'l1')).toThrow(/2x1.*1x2/)
  const wide = { width: 3, height: 1, data: Float64Array.of(1, 2, 3) }
  const high = { width: 2, height: 2, data: Float64Array.of(1, 2, 3, 4) }
  expect(() => minimumFlow(some, wide)).toThrow(/2x1.*3x1/)
  expect(() => minimumFlow(some, high)).toThrow(/2x1.*2x2/)
})

test('supply that no arc carries to demand is refused', () => {
  expect(() => minimumCostFlow([], Float64Array.of(1, -1))).toThrow(/reaches no node/)
  const beyond = [{ from: 0, to: 2, cost: 1 }]
  expect(() => minimumCostFlow(beyond, Float64Array.of(1, -1))).toThrow(/from 0 to 2 of 2 nodes/)
})

test('a later path may take back what an earlier one sent', () => {
  // Node 0 goes to 2 first (cost 0), then 1, which reaches only 2, pushes it on to 3.
  const arcs = [
    { from: 0, to: 2, cost: 0 },
    { from: 0, to: 3, cost: 5 },
    { from: 1, to: 2, cost: 1 },
  ]
  expect(minimumCostFlow(arcs, Float64Array.of(1, 1, -1, -1))).toBe(6)
})

test('small supplies cost as much as large ones for each unit, and none cost nothing', () => {
  const arcs = [{ from: 0, to: 1, cost: 5 }]
  for (const supply of [1e-20, 1, 3, 1e12]) {
    expect(minimumCostFlow(arcs, Float64Array.of(supply, -supply))).toBe(5 * supply)
  }
  expect(minimumCostFlow(arcs, Float64Array.of(0, 0))).toBe(0)
})

test('the cheap way round is taken before the straight one, the nearest node first', () => {
  // From 0 to 3: straight for 9, by 1 for 2 + 6, by 2 and 1 for 1 + 0 + 6, and 4 has some as well.
  const arcs = [
    { from: 0, to: 3, cost: 9 },
    { from: 0, to: 1, cost: 2 },
    { from: 0, to: 2, cost: 1 },
    { from: 2, to: 1, cost: 0 },
    { from: 1, to: 3, cost: 6 },
    { from: 4, to: 0, cost: 1 },
    { from: 4, to: 3, cost: 7.5 },
  ]
  expect(minimumCostFlow(arcs, Float64Array.of(2, 0, 0, -3, 1))).toBe(2 * 7 + 7.5)
})
