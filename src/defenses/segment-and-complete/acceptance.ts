/**
 * The smallest overlap I, in pixels, at which a shape of `area` pixels is accepted at threshold t, for a mask of
 * `total` pixels. Overlaps are integers, so that the search itself never compares floating-point numbers.
 * A result above min(area, total) means: never.
 */
export type Acceptance = (area: number, total: number, threshold: number) => number

const TIE = 1e-9

/**
 * The definition: q = (2I - T) / area >= t, ties accepted.
 */
export const acceptByDefinition: Acceptance = (area, total, threshold) =>
  smallestOverlap(
    area,
    total,
    threshold,
    (overlap) => (2 * overlap - total) / area >= threshold - TIE,
  )

/**
 * The published code: single precision at three steps, ties rejected. For sides above 240 distances within about 0.005
 * of the bound are rejected too. Kept for comparison only.
 */
export const acceptLikePublishedCode: Acceptance = (area, total, threshold) =>
  smallestOverlap(area, total, threshold, (overlap) => {
    const distance = area + total - 2 * overlap
    const similarity = Math.fround(1.5 - Math.fround(distance / area))
    return Math.fround(similarity - Math.fround(threshold)) > 0.5
  })

/** Starts beside the real-valued solution of q = t and walks to the exact edge of the (monotone) predicate. */
function smallestOverlap(
  area: number,
  total: number,
  threshold: number,
  accepts: (overlap: number) => boolean,
): number {
  let overlap = Math.ceil((threshold * area + total) / 2)
  while (overlap > 0 && accepts(overlap - 1)) overlap--
  while (overlap <= area && !accepts(overlap)) overlap++
  return overlap
}
