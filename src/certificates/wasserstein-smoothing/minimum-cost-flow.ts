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
 * @throws RangeError if supply cannot reach demand along the arcs
 */
export function minimumCostFlow(arcs: readonly Arc[], supply: Float64Array): number {
  const nodes = supply.length
  const network = residualNetwork(nodes, arcs)
  const excess = supply.slice()
  const potential = new Float64Array(nodes)
  let scale = 0
  for (let node = 0; node < nodes; node++) scale = Math.max(scale, Math.abs(excess[node]!))
  const negligible = scale * 1e-13

  for (;;) {
    const source = excess.findIndex((amount) => amount > negligible)
    if (source < 0) break
    const { distance, reachedBy } = shortestPaths(network, potential, source)
    const sink = nearestDemand(excess, distance, negligible)
    if (sink < 0) {
      // Rounding of supplies that are not whole numbers leaves a last crumb without a taker.
      if (excess[source]! <= scale * 1e-9) break
      throw new RangeError('the supply of a node reaches no node that lacks it')
    }
    const reached = distance[sink]!
    for (let node = 0; node < nodes; node++) {
      potential[node] = potential[node]! + Math.min(distance[node]!, reached)
    }
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
  const to = new Int32Array(arcs.length * 2)
  const cost = new Float64Array(arcs.length * 2)
  const capacity = new Float64Array(arcs.length * 2)
  arcs.forEach((arc, index) => {
    to.set([arc.to, arc.from], 2 * index)
    cost.set([arc.cost, -arc.cost], 2 * index)
    capacity.set([Infinity, 0], 2 * index)
    leaving[arc.from]?.push(2 * index)
    leaving[arc.to]?.push(2 * index + 1)
  })
  return { leaving, to, cost, capacity }
}

/** Dijkstra over reduced costs, which potentials keep from being negative. */
function shortestPaths(network: Network, potential: Float64Array, source: number) {
  const nodes = potential.length
  const distance = new Float64Array(nodes).fill(Infinity)
  const reachedBy = new Int32Array(nodes).fill(-1)
  const settled = new Uint8Array(nodes)
  distance[source] = 0
  for (;;) {
    let node = -1
    for (let other = 0; other < nodes; other++) {
      const isNearer = node < 0 || distance[other]! < distance[node]!
      if (settled[other] === 0 && isNearer) node = other
    }
    if (node < 0 || distance[node] === Infinity) return { distance, reachedBy }
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

function nearestDemand(excess: Float64Array, distance: Float64Array, negligible: number): number {
  let nearest = -1
  for (let node = 0; node < excess.length; node++) {
    if (excess[node]! >= -negligible || distance[node] === Infinity) continue
    if (nearest < 0 || distance[node]! < distance[nearest]!) nearest = node
  }
  return nearest
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
