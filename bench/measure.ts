/** The quickest of several calls, in milliseconds, after the code has been warmed up. */
export function quickest(work: () => unknown, seconds = 0.25): number {
  let best = Infinity
  const end = performance.now() + seconds * 1_000
  for (let call = 0; call < 5 || performance.now() < end; call++) {
    const start = performance.now()
    work()
    best = Math.min(best, performance.now() - start)
  }
  return best
}

/** The middle of several values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [head, ...rows]
  const widths = head.map((_, k) => Math.max(...all.map((row) => (row[k] ?? '').length)))
  for (const row of all) {
    console.log(
      row
        .map((cell, k) => (k === 0 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!)))
        .join('  '),
    )
  }
}
