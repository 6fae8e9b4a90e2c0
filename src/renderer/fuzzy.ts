/** How well a text answers to what was typed, with the positions of the signs that matched; null if it does not. */
export interface FuzzyMatch {
  readonly score: number
  readonly positions: readonly number[]
}

/**
 * All signs of `query` must appear in `text` in their order, upper case or not. Runs of signs and beginnings of words count
 * more, so that `blin` finds "Blink" before "blind" inside a longer text. An empty query matches everything equally.
 */
export function fuzzyMatch(query: string, text: string): FuzzyMatch | null {
  const wanted = query.toLowerCase().replace(/\s+/g, '')
  const low = text.toLowerCase()
  if (wanted === '') return { score: 0, positions: [] }
  const whole = low.indexOf(query.toLowerCase().trim())
  if (whole >= 0 && query.trim() !== '') {
    const length = query.trim().length
    const atWord = isWordStart(low, whole)
    return {
      score: 1000 + (whole === 0 ? 200 : atWord ? 100 : 0) - text.length,
      positions: Array.from({ length }, (_, n) => whole + n),
    }
  }
  const positions: number[] = []
  let score = -text.length
  let from = 0
  for (const sign of wanted) {
    const at = low.indexOf(sign, from)
    if (at < 0) return null
    score += at === from && positions.length > 0 ? 15 : isWordStart(low, at) ? 10 : 1
    positions.push(at)
    from = at + 1
  }
  return { score, positions }
}

function isWordStart(text: string, at: number): boolean {
  return at === 0 || /[\s\-_./(]/.test(text.charAt(at - 1))
}
