import { type BoxXyxy, boxIoa, type Detection } from '../../shared/vision'
import type { ObjectSeekerSettings } from './objectseeker-settings'

/**
 * One detection for every group of boxes that lie nearly within one another: two are connected when one covers all but
 * `clusterDistance` of the other, and what is connected over others belongs together (DBSCAN where every point is a
 * core). The box is the smallest around its members, so it contains each; the score is the best one, the class that of
 * the first member.
 */
export function mergeBoxes(
  found: readonly Detection[],
  { clusterDistance, classAware }: Pick<ObjectSeekerSettings, 'clusterDistance' | 'classAware'>,
): Detection[] {
  const parents = Uint32Array.from(found, (_, i) => i)
  // From left to right: only boxes that begin before one ends can overlap it.
  const order = [...found.keys()].sort((a, b) => left(found, a) - left(found, b))
  for (const [rank, i] of order.entries()) {
    const a = found[i]!
    for (let next = rank + 1; next < order.length; next++) {
      const j = order[next]!
      const b = found[j]!
      if (b.box[0] >= a.box[2]) break
      if (classAware && a.classId !== b.classId) continue
      if (distance(a.box, b.box) <= clusterDistance) unite(parents, i, j)
    }
  }
  const groups = new Map<number, Detection>()
  for (const [i, detection] of found.entries()) {
    const root = findRoot(parents, i)
    const group = groups.get(root)
    groups.set(root, group ? join(group, detection) : detection)
  }
  return [...groups.values()]
}

const left = (found: readonly Detection[], index: number): number => found[index]!.box[0]

function distance(a: BoxXyxy, b: BoxXyxy): number {
  return 1 - Math.max(boxIoa(a, b), boxIoa(b, a))
}

function join(group: Detection, { box, score }: Detection): Detection {
  return {
    box: [
      Math.min(group.box[0], box[0]),
      Math.min(group.box[1], box[1]),
      Math.max(group.box[2], box[2]),
      Math.max(group.box[3], box[3]),
    ],
    score: Math.max(group.score, score),
    classId: group.classId,
  }
}

/** The root of a group is its first member. */
function unite(parents: Uint32Array, a: number, b: number): void {
  const rootA = findRoot(parents, a)
  const rootB = findRoot(parents, b)
  if (rootA < rootB) parents[rootB] = rootA
  else parents[rootA] = rootB
}

function findRoot(parents: Uint32Array, index: number): number {
  let at = index
  while (parents[at]! !== at) {
    const next = parents[parents[at]!]!
    parents[at] = next
    at = next
  }
  return at
}
