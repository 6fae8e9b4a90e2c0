import type { MarkKind } from '../../canvas/line-styles'
import type { BoxItem } from '../../canvas/scene'
import type { AnswerRow, TruthBox } from './answers'

/** Which boxes are drawn, and how. */
export interface BoxChoices {
  readonly showsA: boolean
  readonly showsB: boolean
  readonly showsTruth: boolean
  readonly differences: Readonly<Record<'gained' | 'lost' | 'moved' | 'relabelled', boolean>>
  /** Boxes that stayed are thin and white, so that only the differences stand out. */
  readonly onlyDifferences: boolean
  /** Opacity of a layer: below 1 while another is shown alone. */
  readonly opacityOf: (layer: 'a' | 'b' | 'truth') => number
}

/** The boxes of A: before the defense. What only A has is lost, unless that difference is off. */
export function itemsOfA(rows: readonly AnswerRow[], choices: BoxChoices): BoxItem[] {
  if (!choices.showsA) return []
  return rows.flatMap(({ key, kind, label, labelBefore, a }) => {
    if (!a) return []
    const isLost = kind === 'lost' && choices.differences.lost
    const drawn: MarkKind = isLost
      ? 'lost'
      : choices.onlyDifferences && kind !== 'lost'
        ? 'same'
        : 'undefended'
    const text = labelBefore ?? label
    return [
      {
        key,
        box: a.box,
        kind: drawn,
        score: a.score,
        label: drawn === 'same' ? '' : text,
        opacity: choices.opacityOf('a'),
      },
    ]
  })
}

/** The boxes of B, and, where both share one picture, those that B has lost. */
export function itemsOfB(
  rows: readonly AnswerRow[],
  choices: BoxChoices,
  withLost: boolean,
): BoxItem[] {
  return rows.flatMap((row): BoxItem[] => {
    const { key, kind, label, a, b } = row
    if (!b) {
      const isShown = withLost && choices.showsA && choices.differences.lost && kind === 'lost'
      return a && isShown
        ? [
            {
              key,
              box: a.box,
              kind: 'lost',
              score: a.score,
              label,
              opacity: choices.opacityOf('a'),
            },
          ]
        : []
    }
    if (!choices.showsB) return []
    const drawn = kindInB(row, choices)
    const text =
      drawn === 'relabelled' && row.labelBefore !== null ? `${row.labelBefore} ⇄ ${label}` : label
    return [
      {
        key,
        box: b.box,
        kind: drawn,
        score: b.score,
        label: drawn === 'same' ? '' : text,
        opacity: choices.opacityOf('b'),
        ...(drawn === 'moved' && a ? { ghost: a.box } : {}),
      },
    ]
  })
}

export function itemsOfTruth(truth: readonly TruthBox[], choices: BoxChoices): BoxItem[] {
  if (!choices.showsTruth) return []
  return truth.map(({ box: [x, y, width, height], class: label }, i) => ({
    key: `truth:${i}`,
    box: [x, y, x + width, y + height],
    kind: 'truth',
    score: null,
    label,
    opacity: choices.opacityOf('truth'),
  }))
}

function kindInB({ kind }: AnswerRow, choices: BoxChoices): MarkKind {
  const isDifference = kind === 'gained' || kind === 'moved' || kind === 'relabelled'
  if (isDifference) return choices.differences[kind] ? kind : 'defended'
  return kind === 'same' && choices.onlyDifferences ? 'same' : 'defended'
}
