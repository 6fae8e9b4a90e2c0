/** Ids as text, such as `1-4,9`: short where most of a list was chosen. In rising order. */
export function idRanges(ids: readonly number[]): string {
  const sorted = [...new Set(ids)].sort((a, b) => a - b)
  const parts: string[] = []
  for (let k = 0; k < sorted.length;) {
    const first = sorted[k] ?? 0
    let last = first
    while (sorted[k + 1] === last + 1) {
      k++
      last++
    }
    parts.push(first === last ? String(first) : `${first}-${last}`)
    k++
  }
  return parts.join(',')
}

/** More than any project holds: a text that says more is damaged, and must not take all memory. */
const MOST_IDS = 20_000_000

/** The ids that `idRanges` has written; none where the text is something else, or says more than 20 million. */
export function idsOfRanges(text: string): number[] {
  if (!/^\d{1,15}(-\d{1,15})?(,\d{1,15}(-\d{1,15})?)*$/.test(text)) return []
  const ranges = text.split(',').map((part) => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return { first, length: Math.max(0, last - first + 1) }
  })
  if (ranges.reduce((sum, { length }) => sum + length, 0) > MOST_IDS) return []
  return ranges.flatMap(({ first, length }) => Array.from({ length }, (_, k) => first + k))
}
