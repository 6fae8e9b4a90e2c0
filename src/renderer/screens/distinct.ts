/** Each value once, in the order in which it came first. */
export function distinct<T>(values: Iterable<T>): T[] {
  return [...new Set(values)]
}

// What screens show is replaced, never changed in place: these make such values.

export function mapOf<K, V>(entries: Iterable<readonly [K, V]> = []): ReadonlyMap<K, V> {
  return new Map(entries)
}

export function setOf<T>(values: Iterable<T> = []): ReadonlySet<T> {
  return new Set(values)
}
