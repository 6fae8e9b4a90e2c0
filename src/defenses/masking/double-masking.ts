/** Two covering masks by index, hidden together; twice the same one for a single mask. */
export type MaskPair = readonly [first: number, second: number]

/**
 * Classes of the picture with these pairs of masks hidden, in order. An answer must follow from the pixels that are left,
 * and be the same for [i, j] and [j, i].
 */
export type MaskedLabels = (pairs: readonly MaskPair[]) => Promise<readonly number[]>

/** How the answer came about; more calls are made when masks disagree. */
export interface DoubleMaskingAnswer {
  readonly label: number
  readonly reason: 'agreement' | 'disagreer' | 'majority'
  /** Pictures that were classified. */
  readonly calls: number
}

/**
 * PatchCleanser's inference over `masks` covering masks, 1 or more. When all single masks agree, that label. Otherwise the
 * first mask with a label other than the majority's that keeps it under every second mask, and the majority's if there is
 * none. Of labels that are equally frequent the smallest is the majority: the certificate does not depend on it.
 */
export async function doubleMasking(
  masks: number,
  classify: MaskedLabels,
): Promise<DoubleMaskingAnswer> {
  const indices = Array.from({ length: masks }, (_, i) => i)
  const single = await classify(indices.map((i): MaskPair => [i, i]))
  const majority = mostFrequent(single)
  let calls = masks
  if (single.every((label) => label === majority)) {
    return { label: majority, reason: 'agreement', calls }
  }
  for (const [i, label] of single.entries()) {
    if (label === majority) continue
    const others = indices.filter((j) => j !== i)
    const second = await classify(others.map((j): MaskPair => [i, j]))
    calls += others.length
    if (second.every((answer) => answer === label)) return { label, reason: 'disagreer', calls }
  }
  return { label: majority, reason: 'majority', calls }
}

function mostFrequent(labels: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  const ranked = [...counts].sort(([a, countA], [b, countB]) => countB - countA || a - b)
  const best = ranked[0]
  if (best === undefined) throw new RangeError('double masking needs at least one mask')
  return best[0]
}

export interface DoubleMaskingCertificate {
  /** The label under every pair of masks; null when two pairs differ: nothing is certified. */
  readonly label: number | null
  /** What `doubleMasking` answers to the picture, certified or not. */
  readonly answer: number
  /** Pictures that were classified. */
  readonly calls: number
}

/** So many pairs are asked about at once: the answers may end the rest. */
const PAIRS_AT_ONCE = 64

/**
 * On the clean picture: when every pair of covering masks gives one label, `doubleMasking` gives it whatever one patch
 * within the size of the masks does. Some mask i hides the patch, so i has that label; a mask of another label meets i in
 * the second round and is discarded; and where the majority has another label, i disagrees with it and keeps its own.
 * Single masks first, then pairs row by row, until a second label is seen: masks * (masks + 1) / 2 calls where none is.
 */
export async function certifyDoubleMasking(
  masks: number,
  classify: MaskedLabels,
): Promise<DoubleMaskingCertificate> {
  const inference = await doubleMasking(masks, classify)
  const { label: answer, reason } = inference
  let { calls } = inference
  if (reason !== 'agreement') return { label: null, answer, calls }
  const pairs = pairsOf(masks)
  for (let from = 0; from < pairs.length; from += PAIRS_AT_ONCE) {
    const some = pairs.slice(from, from + PAIRS_AT_ONCE)
    const labels = await classify(some)
    calls += some.length
    if (labels.some((label) => label !== answer)) return { label: null, answer, calls }
  }
  return { label: answer, answer, calls }
}

const pairsOf = (masks: number): MaskPair[] =>
  Array.from({ length: masks }, (_, i) =>
    Array.from({ length: masks - 1 - i }, (_, k): MaskPair => [i, i + 1 + k]),
  ).flat()
