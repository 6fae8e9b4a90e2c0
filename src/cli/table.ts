/** Lines of cells in columns: the first to the left, the others to the right. */
export function alignedTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [head, ...rows]
  const widths = head.map((_, k) => Math.max(...all.map((row) => row[k]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, k) => (k === 0 ? cell.padEnd(widths[k] ?? 0) : cell.padStart(widths[k] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
