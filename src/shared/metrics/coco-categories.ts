import { AppError } from '../errors'
import { accumulate, type CategoryScores } from './coco-accumulate'
import { type CocoGroups, groupRecords } from './coco-groups'
import { type CategoryMatches, matchCategory, type MatchingRules } from './coco-matching'
import { measureWith } from './coco-overlaps'
import type { CocoGroundTruth, CocoResult } from './coco-schema'

export interface CategoryOutcome {
  readonly categoryId: number
  readonly name?: string
  readonly matches: CategoryMatches
  /** The category's detections, as `matches` numbers them, by falling score. */
  readonly order: Uint32Array
  /** Positions of the same detections in the results file, in the same order. */
  readonly positions: Uint32Array
  readonly scores: CategoryScores
}

/**
 * Matches and accumulates each category of `truth`, by ascending id.
 * @throws AppError as `evaluateCoco`
 */
export function evaluateCategories(
  truth: CocoGroundTruth,
  results: readonly CocoResult[],
  iouType: 'bbox' | 'segm',
  rules: MatchingRules,
): { readonly categories: readonly CategoryOutcome[]; readonly warnings: readonly string[] } {
  refuseScores(results)
  const groups = groupRecords(truth, results)
  const measure = measureWith(iouType, truth, results)
  const placeOf = new Uint32Array(results.length)
  const names = new Map(truth.categories.map(({ id, name }) => [id, name]))
  const categories = Array.from(groups.categoryIds, (categoryId, category) => {
    const matches = matchCategory(category, groups, truth.annotations, measure, rules)
    const { order, positions } = orderOfCategory(groups, category, placeOf)
    const name = names.get(categoryId)
    const scores = accumulate(matches, order)
    return {
      categoryId,
      ...(name === undefined ? {} : { name }),
      matches,
      order,
      positions,
      scores,
    }
  })
  return { categories, warnings: groups.warnings }
}

function orderOfCategory(groups: CocoGroups, category: number, placeOf: Uint32Array) {
  const { order, start } = groups.detections
  const [from, to] = [start[category]!, start[category + 1]!]
  for (let at = from; at < to; at++) placeOf[order[at]!] = at - from
  const positions = groups.byScore.subarray(from, to)
  return { order: positions.map((position) => placeOf[position]!), positions }
}

export function refuseScores(results: readonly CocoResult[]): void {
  const at = results.findIndex(({ score }) => !Number.isFinite(score))
  if (at < 0) return
  throw new AppError(
    'E_SCORE_NOT_FINITE',
    `Result ${at} has the score ${results[at]?.score ?? '?'}`,
    'Scores must be finite numbers.',
  )
}
