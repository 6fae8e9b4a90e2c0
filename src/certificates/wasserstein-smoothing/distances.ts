import { minimumCostFlow } from './minimum-cost-flow'
import type { Arc } from './minimum-cost-flow'

/** Masses of one channel's pixels, row by row. */
export interface MassImage {
  readonly width: number
  readonly height: number
  readonly data: Float64Array
}

/**
 * The 1-Wasserstein distance in pixels between two pictures of one size, each scaled to unit mass: the least work that
 * turns one into the other. `ground` is the distance between two pixels: `l1` along rows and columns, `l2` straight.
 * Exact up to rounding; the effort grows with the cube of the pixels, so this is for small pictures and for tests.
 */
export function wassersteinDistance(
  first: MassImage,
  second: MassImage,
  ground: 'l1' | 'l2',
): number {
  const { surplus, scale } = surplusOf(first, second)
  // Mass that both have stays where it is: the ground distance obeys the triangle inequality.
  const arcs: Arc[] = []
  for (let from = 0; from < surplus.length; from++) {
    if (surplus[from]! <= 0) continue
    for (let to = 0; to < surplus.length; to++) {
      if (surplus[to]! >= 0) continue
      const across = (to % first.width) - (from % first.width)
      const down = Math.floor(to / first.width) - Math.floor(from / first.width)
      const cost =
        ground === 'l1' ? Math.abs(across) + Math.abs(down) : Math.sqrt(across ** 2 + down ** 2)
      arcs.push({ from, to, cost })
    }
  }
  return minimumCostFlow(arcs, surplus) / scale
}

/**
 * The least sum of absolute flows on the edges of the four-neighbour grid that turns one picture of unit mass into the
 * other. Equals the Wasserstein distance with ground distance `l1`, which is why noise on flows certifies that distance.
 */
export function minimumFlow(first: MassImage, second: MassImage): number {
  const { width, height } = first
  const { surplus, scale } = surplusOf(first, second)
  const arcs: Arc[] = []
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const here = row * width + column
      if (column + 1 < width) arcs.push(...bothWays(here, here + 1))
      if (row + 1 < height) arcs.push(...bothWays(here, here + width))
    }
  }
  return minimumCostFlow(arcs, surplus) / scale
}

const bothWays = (a: number, b: number): readonly Arc[] => [
  { from: a, to: b, cost: 1 },
  { from: b, to: a, cost: 1 },
]

/** Differences of the unit-mass pictures times `scale`, so that whole-number masses stay whole numbers. */
function surplusOf(first: MassImage, second: MassImage) {
  const { width, height } = first
  if (second.width !== width || second.height !== height) {
    throw new RangeError(
      `a picture of ${width}x${height} and one of ${second.width}x${second.height} pixels`,
    )
  }
  const [massFirst, massSecond] = [massOf(first), massOf(second)]
  const surplus = first.data.map((mass, i) => mass * massSecond - second.data[i]! * massFirst)
  return { surplus, scale: massFirst * massSecond }
}

function massOf({ data }: MassImage): number {
  const mass = data.reduce((sum, value) => sum + value, 0)
  if (!(mass > 0)) throw new RangeError(`the mass of a picture is ${mass}, not positive`)
  return mass
}
