/** How often something was right. Every share that a study prints comes with its count. */
export interface Tally {
  readonly pictures: number
  readonly correct: number
  /** Null without pictures. */
  readonly accuracy: number | null
}

export function tally<T>(items: readonly T[], isCorrect: (item: T) => boolean): Tally {
  const correct = items.filter(isCorrect).length
  return {
    pictures: items.length,
    correct,
    accuracy: items.length === 0 ? null : correct / items.length,
  }
}

/** Tallies by key, keys in the order of `compare` (default: as they come). Items without a key are left out. */
export function tallyBy<T, K extends string | number>(
  items: readonly T[],
  keyOf: (item: T) => K | null,
  isCorrect: (item: T) => boolean,
  compare?: (a: K, b: K) => number,
): readonly (Tally & { readonly key: K })[] {
  const groups = groupBy(items, keyOf)
  const keys = [...groups.keys()]
  if (compare) keys.sort(compare)
  return keys.map((key) => ({ key, ...tally(groups.get(key) ?? [], isCorrect) }))
}

export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K | null): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    if (key === null) continue
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length
}
