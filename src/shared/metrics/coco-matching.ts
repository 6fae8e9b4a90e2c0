import type { CocoGroups } from './coco-groups'
import { matchGreedily, TruthOrder } from './coco-image-matching'
import type { MeasureGroup } from './coco-overlaps'
import { areaRanges, maxDetections } from './coco-parameters'
import type { CocoAnnotation } from './coco-schema'

/**
 * What matching leaves of one category. Detections are numbered by their place within the category (`groups.detections`).
 * Bit t of entry `area * count + i` belongs to threshold t.
 */
export interface CategoryMatches {
  readonly count: number
  /** Overlaps from which a detection finds its object; at most 16, one for each bit. */
  readonly thresholds: Float64Array
  readonly matched: Uint16Array
  readonly ignored: Uint16Array
  /** Place of a detection in its image by falling score; those from `maxDetections` on take no part. */
  readonly rank: Uint32Array
  /** Ground truths that count, by area range. */
  readonly positives: Uint32Array
}

/** Which detection took which ground truth, without limits of area. Ids are those of the file; 0 = none. */
export interface ImageMatches {
  readonly imageId: number
  readonly categoryId: number
  /** Positions in the results file, from 1, by falling score. */
  readonly detectionIds: readonly number[]
  /** Ground truths that are left out of the score (crowds) come last. */
  readonly truthIds: readonly number[]
  readonly truthIgnored: readonly boolean[]
  /** By index of the IoU threshold, then by detection. */
  readonly matchedTo: readonly (readonly number[])[]
  readonly ignored: readonly (readonly boolean[])[]
}

/** One image's part of a category: positions in the files, and where the detections lie within the category. */
interface Group {
  readonly detections: Uint32Array
  readonly truths: Uint32Array
  readonly offset: number
}

export interface MatchingRules {
  readonly thresholds: Float64Array
  /** Objects that neither count nor make a detection wrong, beside crowds. */
  readonly isLeftOut?: ((annotation: CocoAnnotation) => boolean) | undefined
  /** Called once for each image with records, by ascending id. */
  readonly show?: ((matches: ImageMatches) => void) | undefined
}

/** Matches one category in all images. */
export function matchCategory(
  category: number,
  groups: CocoGroups,
  annotations: readonly CocoAnnotation[],
  measure: MeasureGroup,
  rules: MatchingRules,
): CategoryMatches {
  const { show } = rules
  const { detections, truths, imageIds, categoryIds } = groups
  const first = detections.start[category]!
  const detectionsEnd = detections.start[category + 1]!
  const truthsEnd = truths.start[category + 1]!
  const count = detectionsEnd - first
  const matches: CategoryMatches = {
    count,
    thresholds: rules.thresholds,
    matched: new Uint16Array(areaRanges.length * count),
    ignored: new Uint16Array(areaRanges.length * count),
    rank: new Uint32Array(count),
    positives: new Uint32Array(areaRanges.length),
  }
  let d = first
  let g = truths.start[category]!
  while (d < detectionsEnd || g < truthsEnd) {
    const image = Math.min(
      d < detectionsEnd ? detections.image[detections.order[d]!]! : imageIds.length,
      g < truthsEnd ? truths.image[truths.order[g]!]! : imageIds.length,
    )
    const [fromD, fromG] = [d, g]
    for (; d < detectionsEnd && detections.image[detections.order[d]!] === image; d++) {
      matches.rank[d - first] = d - fromD
    }
    while (g < truthsEnd && truths.image[truths.order[g]!] === image) g++
    const group: Group = {
      detections: detections.order.subarray(fromD, Math.min(d, fromD + maxDetections)),
      truths: truths.order.subarray(fromG, g),
      offset: fromD - first,
    }
    const shown = matchImage(group, annotations, measure, matches, rules)
    if (shown) show?.({ imageId: imageIds[image]!, categoryId: categoryIds[category]!, ...shown })
  }
  return matches
}

type Shown = Omit<ImageMatches, 'imageId' | 'categoryId'>

function matchImage(
  group: Group,
  annotations: readonly CocoAnnotation[],
  measure: MeasureGroup,
  matches: CategoryMatches,
  { thresholds, isLeftOut, show }: MatchingRules,
): Shown | undefined {
  const { overlaps, detectionAreas, truthAreas } = measure(group.detections, group.truths)
  const count = group.detections.length
  const isShown = show !== undefined
  const allThresholds = 2 ** thresholds.length - 1
  for (let area = 0; area < areaRanges.length; area++) {
    const { min, max } = areaRanges[area]!
    // Until it is matched, a detection outside the range is ignored at every threshold.
    const ignored = ignoredOf(matches, area, group)
    for (let i = 0; i < count; i++) {
      if (detectionAreas[i]! < min || detectionAreas[i]! > max) ignored[i] = allThresholds
    }
  }
  if (group.truths.length === 0 && !isShown) return undefined

  const truths = new TruthOrder(group.truths, annotations, truthAreas, isLeftOut)
  const highest = highestOverlaps(overlaps, count, group.truths.length)
  const partners = new Int32Array(count)
  const matchedTo: number[][] = []
  // Range "all" comes last, so that the order of the ground truths which is shown is its own.
  for (let area = areaRanges.length - 1; area >= 0; area--) {
    matches.positives[area]! += truths.arrange(areaRanges[area]!)
    for (let t = 0; t < thresholds.length; t++) {
      const found = matchGreedily(thresholds[t]!, overlaps, highest, truths, partners)
      if (found > 0) recordPartners(matches, area, t, group, truths, partners)
      if (isShown && area === 0) {
        matchedTo.push(Array.from(partners, (g) => (g < 0 ? 0 : truths.ids[g]!)))
      }
    }
  }
  return isShown ? describe(matches, group, truths, matchedTo) : undefined
}

function recordPartners(
  matches: CategoryMatches,
  area: number,
  t: number,
  group: Group,
  truths: TruthOrder,
  partners: Int32Array,
): void {
  const ignored = ignoredOf(matches, area, group)
  const start = area * matches.count + group.offset
  const bit = 1 << t
  for (let i = 0; i < partners.length; i++) {
    const g = partners[i]!
    if (g < 0) continue
    // The reference knows a match by its id, so a ground truth with id 0 counts as none.
    const isMatched = truths.ids[g] !== 0
    if (isMatched) matches.matched[start + i]! |= bit
    if (truths.ignored[g] === 1) ignored[i]! |= bit
    else if (isMatched) ignored[i]! &= ~bit
  }
}

function describe(
  matches: CategoryMatches,
  group: Group,
  truths: TruthOrder,
  matchedTo: number[][],
): Shown {
  const ignored = Array.from(ignoredOf(matches, 0, group))
  return {
    detectionIds: Array.from(group.detections, (position) => position + 1),
    truthIds: Array.from(truths.order, (g) => truths.ids[g]!),
    truthIgnored: Array.from(truths.order, (g) => truths.ignored[g] === 1),
    matchedTo,
    ignored: Array.from(matches.thresholds, (_, t) =>
      ignored.map((bits) => ((bits >> t) & 1) === 1),
    ),
  }
}

function ignoredOf({ ignored, count }: CategoryMatches, area: number, group: Group): Uint16Array {
  const start = area * count + group.offset
  return ignored.subarray(start, start + group.detections.length)
}

/** Best overlap of each detection: below a threshold it needs no search. */
function highestOverlaps(overlaps: Float64Array, detections: number, truths: number): Float64Array {
  const highest = new Float64Array(detections)
  for (let i = 0; i < detections; i++) {
    for (let at = i * truths; at < (i + 1) * truths; at++) {
      if (overlaps[at]! > highest[i]!) highest[i] = overlaps[at]!
    }
  }
  return highest
}
