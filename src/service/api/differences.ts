import type { Comparison } from '../../shared/api'
import {
  boxChange,
  boxDifferences,
  matchesTruth,
  type LabelledBox,
} from '../../shared/metrics/box-differences'
import type { ProjectObject } from '../../store'

/**
 * Differences from A to B. With ground truth each says right or wrong: a lost box is right where it was none of the
 * objects, every other one where the box of B is one of them.
 */
export function compareBoxes(
  a: readonly LabelledBox[],
  b: readonly LabelledBox[],
  objects: readonly ProjectObject[],
): Comparison {
  const truth = objects.filter(({ isCrowd }) => !isCrowd).map(truthOf)
  const isKnown = truth.length > 0
  const [rightA, rightB] = [matchesTruth(a, truth), matchesTruth(b, truth)]
  const marks = { gained: 0, lost: 0, moved: 0, relabelled: 0 }
  let unchanged = 0
  const differences = boxDifferences(a, b).map((one) => {
    if (one.kind === 'same') unchanged++
    else marks[one.kind]++
    const isRight =
      one.b !== null ? (rightB[one.b] ?? false) : one.a !== null && !(rightA[one.a] ?? false)
    return {
      ...{ kind: one.kind, a: one.a, b: one.b },
      iou: one.a !== null && one.b !== null ? one.iou : null,
      verdict: isKnown ? (isRight ? ('right' as const) : ('wrong' as const)) : null,
    }
  })
  const isSame = unchanged === differences.length
  return { differences, marks: { ...marks, change: isSame ? 0 : boxChange(a, b) }, unchanged }
}

function truthOf({ box: [x, y, width, height], class: label }: ProjectObject): LabelledBox {
  return { box: [x, y, x + width, y + height], label, score: 1 }
}
