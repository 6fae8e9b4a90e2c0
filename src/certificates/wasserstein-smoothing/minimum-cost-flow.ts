/** A one-way connection that may carry any amount at `cost` (>= 0) for each unit. */
export interface Arc {
  readonly from: number
  readonly to: number
  readonly cost: number
}

/**
 * The least total cost of moving what nodes have too much of to nodes that lack it, by successive shortest paths: exact
 * for whole-number supplies below 2^53, because then every step moves whole numbers. `supply` has one entry a node
 * (positive: has, negative: lacks) and adds up to zero.
 * @throws RangeError if supply cannot reach demand along the arcs, or an arc names no node
 */
export function minimumCostFlow(arcs: readonly Arc[], supply: Float64Array): number {
  const nodes = supply.length
  const network = residualNetwork(nodes, arcs)
  const excess = supply.slice()
  const potential = new Float64Array(nodes)
  const scale = supply.reduce((most, amount) => Math.max(most, Math.abs(amount)), 0)
  const negligible = scale * 1e-13

  for (;;) {
    const source = excess.findIndex((amount) => amount > negligible)
    if (source < 0) break
    const { distance, reachedBy } = shortestPaths(network, potential, source)
    const sink = excess.findIndex(
      (amount, node) => amount < -negligible && distance[node]! < Infinity,
    )
    if (sink < 0) {
      // Rounding of supplies that are not whole numbers leaves a last crumb without a taker.
      if (excess[source]! <= scale * 1e-9) break
      throw new RangeError('the supply of a node reaches no node that lacks it')
    }
    const reached = distance[sink]!
    distance.forEach((length, node) => {
      potential[node] = potential[node]! + Math.min(length, reached)
    })
    pushFlow(network, excess, reachedBy, source, sink)
  }
  let total = 0
  for (let arc = 0; arc < network.to.length; arc += 2) {
    total += network.cost[arc]! * network.capacity[arc + 1]!
  }
  return total
}

/** Arc 2k is arc k of the caller, arc 2k + 1 its return: its capacity is the flow on arc k. */
interface Network {
  readonly leaving: readonly (readonly number[])[]
  readonly to: Int32Array
  readonly cost: Float64Array
  readonly capacity: Float64Array
}

function residualNetwork(nodes: number, arcs: readonly Arc[]): Network {
  const leaving: number[][] = Array.from({ length: nodes }, () => [])
  for (const [index, arc] of arcs.entries()) {
    const [there, back] = [leaving[arc.from], leaving[arc.to]]
    if (!there || !back)
      throw new RangeError(`an arc from ${arc.from} to ${arc.to} of ${nodes} nodes`)
    there.push(2 * index)
    back.push(2 * index + 1)
  }
  return {
    leaving,
    to: Int32Array.from(arcs.flatMap(({ from, to }) => [to, from])),
    cost: Float64Array.from(arcs.flatMap(({ cost }) => [cost, -cost])),
    capacity: Float64Array.from(arcs.flatMap(() => [Infinity, 0])),
  }
}

/** Dijkstra over reduced costs, which potentials keep from being negative. */
function shortestPaths(network: Network, potential: Float64Array, source: number) {
  const nodes = potential.length
  const distance = new Float64Array(nodes).fill(Infinity)
  const reachedBy = new Int32Array(nodes)
  const settled = new Uint8Array(nodes)
  distance[source] = 0
  for (;;) {
    const node = nearest(distance, settled)
    if (node === null) return { distance, reachedBy }
    settled[node] = 1
    for (const arc of network.leaving[node] ?? []) {
      if (network.capacity[arc]! <= 0) continue
      const next = network.to[arc]!
      const reduced = network.cost[arc]! + potential[node]! - potential[next]!
      const length = distance[node]! + Math.max(0, reduced) // rounding may leave -1e-17
      if (length < distance[next]!) {
        distance[next] = length
        reachedBy[next] = arc
      }
    }
  }
}

/** The nearest node that is reached and not settled yet. */
function nearest(distance: Float64Array, settled: Uint8Array): number | null {
  let [least, node]: [number, number | null] = [Infinity, null]
  distance.forEach((length, other) => {
    if (settled[other] === 0 && length < least) [least, node] = [length, other]
  })
  return node
}

/** Moves as much as the source has, the sink lacks and the path's return arcs allow. */
function pushFlow(
  { to, capacity }: Network,
  excess: Float64Array,
  reachedBy: Int32Array,
  source: number,
  sink: number,
): void {
  const path: number[] = []
  for (let node = sink; node !== source;) {
    const arc = reachedBy[node]!
    path.push(arc)
    node = to[arc ^ 1]!
  }
  let amount = Math.min(excess[source]!, -excess[sink]!)
  for (const arc of path) amount = Math.min(amount, capacity[arc]!)
  for (const arc of path) {
    capacity[arc] = capacity[arc]! - amount
    capacity[arc ^ 1] = capacity[arc ^ 1]! + amount
  }
  excess[source] = excess[source]! - amount
  excess[sink] = excess[sink]! + amount
}
