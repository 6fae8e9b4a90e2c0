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

/** The ids that `idRanges` has written; none where the text is something else. */
export function idsOfRanges(text: string): number[] {
  if (!/^\d{1,15}(-\d{1,15})?(,\d{1,15}(-\d{1,15})?)*$/.test(text)) return []
  return text.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => first + k)
  })
}
