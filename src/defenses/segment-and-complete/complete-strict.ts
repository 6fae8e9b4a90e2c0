import type { Mask } from '../../shared/vision/mask'
import { emptyMask } from '../../shared/vision/mask'
import { acceptByDefinition, acceptLikePublishedCode } from './acceptance'
import { Cover } from './cover'
import { type Ladder, publishedLadder, thresholds } from './ladder'
import { insideFrame, type Placement, searchRectangles, type Sides } from './rectangle-search'
import { maskBounds } from '../../shared/vision/morphology'
import { summedArea } from './summed-area'

export interface StrictCompletion {
  readonly mask: Mask
  /** Index of the rung that accepted, -1 when none did. */
  readonly rung: number
  /** Largest q of any square; null when the mask is empty or no square fits. */
  readonly qMax: number | null
}

export interface StrictOptions {
  /** Sides of the squares in pixels. Order and repetitions change nothing; those larger than the frame are skipped. */
  readonly sizes: readonly number[]
  readonly ladder?: Ladder
}

/**
 * Shape completion exactly as defined (Liu et al., CVPR 2022): the union of all squares Q with
 * q(Q) = (2 |m and Q| - |m|) / s^2 >= t_k, for the first rung k that gives any. Ties are accepted.
 *
 * Guarantee: if the true patch is one square of a listed side inside the frame, and the mask differs from it in at most
 * (1 - t_k) s^2 pixels for the accepted rung k, every pixel of the patch is covered.
 */
export function completeStrictly(mask: Mask, options: StrictOptions): StrictCompletion {
  return complete(mask, options, acceptByDefinition, insideFrame(mask))
}

/**
 * What the published code returns, bit for bit, for comparison only: squares at the first row or column are never
 * candidates, the union is painted one pixel up and to the left of what was compared, and ties are rejected in single
 * precision. It does not satisfy its own guarantee.
 */
export function completeLikePublishedCode(mask: Mask, options: StrictOptions): StrictCompletion {
  return complete(mask, options, acceptLikePublishedCode, ({ height, width }) => ({
    firstRow: 1,
    lastRow: mask.height - height,
    firstColumn: 1,
    lastColumn: mask.width - width,
    paintOffset: -1,
  }))
}

function complete(
  mask: Mask,
  options: StrictOptions,
  accepts: typeof acceptByDefinition,
  placementOf: (size: Sides) => Placement,
): StrictCompletion {
  const rungs = thresholds(options.ladder ?? publishedLadder)
  const bounds = maskBounds(mask)
  if (!bounds) return { mask: emptyMask(mask.width, mask.height), rung: -1, qMax: null }
  const cover = new Cover(mask.width, mask.height)
  const squares = [...new Set(options.sizes)].map((side) => ({ height: side, width: side }))
  const set = summedArea(mask, bounds)
  const { rung, qMax } = searchRectangles(set, squares, placementOf, rungs, accepts, cover, false)
  return {
    mask: rung < 0 ? emptyMask(mask.width, mask.height) : cover.toMask(),
    rung,
    qMax: qMax === -Infinity ? null : qMax,
  }
}
