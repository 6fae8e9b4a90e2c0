import {
  boxDifferences,
  matchesTruth,
  type DifferenceKind,
  type LabelledBox,
} from '../../../shared/metrics/box-differences'
import type { BoxXyxy } from '../../../shared/vision/box'

/** What was found in a picture, as the API brings it. */
export interface FoundBox {
  readonly box: BoxXyxy
  readonly score: number
  readonly class: string
}

/** An annotated object, as the API brings it. */
export interface TruthBox {
  readonly box: readonly [x: number, y: number, width: number, height: number]
  readonly class: string
}

/** `alone`: there is no other answer to compare with. */
export type RowKind = DifferenceKind | 'alone'
export type Verdict = 'found-again' | 'false-box' | 'object-lost' | 'false-box-gone' | 'right'

/** One object as the list of detections shows it: what A says and what B says. */
export interface AnswerRow {
  readonly key: string
  readonly kind: RowKind
  readonly label: string
  /** Of A, where it is another. */
  readonly labelBefore: string | null
  readonly a: FoundBox | null
  readonly b: FoundBox | null
  /** With ground truth. */
  readonly verdict: Verdict | null
}

const rank: Record<RowKind, number> = {
  gained: 0,
  lost: 1,
  relabelled: 2,
  moved: 3,
  same: 4,
  alone: 5,
}

/**
 * The rows of a picture, by change and then by score. Boxes below `minScore` are left out on both sides; null is an answer
 * that does not exist.
 */
export function answerRows(
  a: readonly FoundBox[] | null,
  b: readonly FoundBox[] | null,
  truth: readonly TruthBox[],
  minScore: number,
): AnswerRow[] {
  const [ofA, ofB] = [labelled(a ?? [], minScore), labelled(b ?? [], minScore)]
  const objects = truth.map(({ box: [x, y, width, height], class: label }) => ({
    box: [x, y, x + width, y + height] as const,
    label,
    score: 1,
  }))
  const isTrueA = matchesTruth(ofA, objects)
  const isTrueB = matchesTruth(ofB, objects)
  const isCompared = a !== null && b !== null
  const rows = boxDifferences(ofA, ofB).map((difference): AnswerRow => {
    const one = difference.a === null ? undefined : ofA[difference.a]
    const other = difference.b === null ? undefined : ofB[difference.b]
    const kind = isCompared ? difference.kind : 'alone'
    const isTrue =
      other && difference.b !== null ? isTrueB[difference.b] : isTrueA[difference.a ?? 0]
    return {
      key: `${difference.a ?? 'x'}:${difference.b ?? 'x'}`,
      kind,
      label: (other ?? one)?.label ?? '',
      labelBefore: kind === 'relabelled' ? (one?.label ?? null) : null,
      a: one?.found ?? null,
      b: other?.found ?? null,
      verdict: truth.length === 0 ? null : verdictOf(kind, isTrue === true),
    }
  })
  return rows.sort((p, q) => rank[p.kind] - rank[q.kind] || bestScore(q) - bestScore(p))
}

export function bestScore({ a, b }: AnswerRow): number {
  return b?.score ?? a?.score ?? 0
}

function verdictOf(kind: RowKind, isTrue: boolean): Verdict {
  if (kind === 'lost') return isTrue ? 'object-lost' : 'false-box-gone'
  if (!isTrue) return 'false-box'
  return kind === 'gained' ? 'found-again' : 'right'
}

function labelled(
  found: readonly FoundBox[],
  minScore: number,
): (LabelledBox & { found: FoundBox })[] {
  return found
    .filter(({ score }) => score >= minScore)
    .map((one) => ({ box: one.box, label: one.class, score: one.score, found: one }))
}

/** How many rows there are of each kind. */
export function countKinds(rows: readonly AnswerRow[]): Record<RowKind, number> {
  const counts = { gained: 0, lost: 0, moved: 0, relabelled: 0, same: 0, alone: 0 }
  for (const { kind } of rows) counts[kind]++
  return counts
}
