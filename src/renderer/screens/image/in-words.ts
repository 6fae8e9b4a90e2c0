import { bestScore, type AnswerRow } from './answers'

/**
 * What the defense did to this picture, in one or two sentences made from counts. `patches`: how many parts the completed
 * mask has; null where run B holds no mask.
 */
export function inWords(
  rows: readonly AnswerRow[],
  patches: number | null,
  isCompared: boolean,
): string {
  const start =
    patches === null
      ? null
      : patches === 0
        ? 'No patch was found'
        : `${capital(numberWord(patches))} ${patches === 1 ? 'patch was' : 'patches were'} found and removed`
  if (!isCompared) {
    const found = `${rows.length === 0 ? 'nothing' : classes(rows)} found`
    return start === null
      ? sentence(`There ${rows.length === 1 ? 'is' : 'are'} ${found}`)
      : `${sentence(start)} ${sentence(capital(found))}`
  }
  const changes = changesInWords(rows)
  if (changes === null) {
    return start === null ? 'A and B say the same.' : `${start}. A and B say the same.`
  }
  const others = rows.some(({ kind }) => kind === 'same') ? '; nothing else changed' : ''
  if (start === null) return sentence(`From A to B, ${changes}${others}`)
  return patches === 0
    ? sentence(`${start}, but ${changes}${others}`)
    : `${start}. That ${changes}${others}.`
}

function changesInWords(rows: readonly AnswerRow[]): string | null {
  const of = (kind: AnswerRow['kind']): AnswerRow[] => rows.filter((row) => row.kind === kind)
  const [gained, lost, moved, relabelled] = [
    of('gained'),
    of('lost'),
    of('moved'),
    of('relabelled'),
  ]
  const parts = [
    ...(gained.length > 0 ? [`brought back ${classes(gained)}`] : []),
    ...(lost.length > 0 ? [`dropped ${classes(lost)}`] : []),
    ...(moved.length > 0 ? [`moved ${classes(moved)}`] : []),
    ...(relabelled.length > 0 ? [`renamed ${relabelled.map(renamed).join(', ')}`] : []),
  ]
  return parts.length === 0 ? null : listed(parts)
}

/** "2 persons and 1 bus", the most frequent first. */
function classes(rows: readonly AnswerRow[]): string {
  const counts = new Map<string, number>()
  for (const { label } of rows.toSorted((p, q) => bestScore(q) - bestScore(p))) {
    counts.set(label, (counts.get(label) ?? 0) + 1)
  }
  const byCount = [...counts].toSorted(([, p], [, q]) => q - p)
  const named = byCount
    .slice(0, 3)
    .map(([label, count]) => `${count} ${count === 1 ? label : pluralOf(label)}`)
  const rest = byCount.slice(3).reduce((sum, [, count]) => sum + count, 0)
  return listed(rest > 0 ? [...named, `${rest} more`] : named)
}

const renamed = ({ label, labelBefore }: AnswerRow): string => `${labelBefore ?? label} to ${label}`

/** Class names are the data set's own words, so only the plainest rule of English is used. */
function pluralOf(label: string): string {
  return /(s|x|sh|ch)$/.test(label) ? `${label}es` : `${label}s`
}

function listed(parts: readonly string[]): string {
  return parts.length < 2
    ? (parts[0] ?? '')
    : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}

function numberWord(count: number): string {
  return (
    ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'][count] ??
    String(count)
  )
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
const sentence = (text: string): string => `${text}.`
