import { type Components, findComponents } from '../../shared/vision/components'
import { emptyMask, type Mask, maskArea } from '../../shared/vision/mask'
import { closeMask, maskBounds } from '../../shared/vision/morphology'
import { acceptByDefinition } from './acceptance'
import { Cover } from './cover'
import { searchDiscs } from './disc-search'
import { type Evidence, isEnough } from './evidence'
import { type Ladder, thresholds } from './ladder'
import { fitOutline } from './outline-fit'
import { insideFrame, searchRectangles, type SearchResult, type Sides } from './rectangle-search'
import { summedArea, summedAreaOfComponent } from './summed-area'

/** What a found patch is completed to; outlines are turned rectangles, or convex hulls where only these fit. */
export const shapeSets = [
  'outlines',
  'turned-rectangles',
  'squares',
  'rectangles',
  'circles',
] as const
export type ShapeSet = (typeof shapeSets)[number]

export interface ProductOptions {
  readonly shapes: ShapeSet
  /** Sides of squares, shorter sides of rectangles, diameters of circles; in pixels. */
  readonly sizes: readonly number[]
  /** Longer side over shorter side of the rectangles; each stands upright and lies down. */
  readonly aspects: readonly number[]
  readonly ladder: Ladder
  /** Complete each connected part alone. */
  readonly components: boolean
  /** Parts closer than about twice this many pixels are one. */
  readonly closingRadius: number
  /** Parts with fewer pixels than this are dropped. */
  readonly minArea: number
  /** The answer holds every found pixel of the parts that were not dropped. */
  readonly keepRaw: boolean
  /** Pixels added on every side of turned rectangles. */
  readonly grow: number
  /** Parts that fill less of their turned rectangle (outlines: or of their convex hull) than this stay as they were found. */
  readonly minFill: number
}

/** One connected part of the raw mask, and how it was completed. */
export interface CompletedPart extends SearchResult {
  /** Found pixels. */
  readonly area: number
  /** `[x1, y1, x2, y2]` in pixel edges. */
  readonly box: readonly number[]
}

export interface ProductCompletion {
  readonly mask: Mask
  /** The loosest rung used by any part, -1 when no part was completed. */
  readonly rung: number
  readonly qMax: number | null
  readonly parts: readonly CompletedPart[]
  /**
   * Parts left out because they were smaller than `minArea` or had too little evidence; a mask for which that holds as a
   * whole counts as one.
   */
  readonly dropped: number
}

/**
 * Shape completion for daily use: each connected part of the mask is completed alone, so two patches of one size do
 * not hide each other; the ladder stops early, so that stray pixels do not become holes; found pixels stay found.
 * With one part, squares and the full ladder it gives the definition's mask (see `completeStrictly`); the guarantee
 * then holds for each part.
 *
 * `evidence` decides which parts count where it is known: a patch is seen clearly somewhere, a false alarm often is
 * faint everywhere, and yet the faint rim of a true patch belongs to it.
 */
export function completeParts(
  mask: Mask,
  options: ProductOptions,
  evidence?: Evidence,
): ProductCompletion {
  const bounds = maskBounds(mask)
  const rungs = thresholds(options.ladder)
  // Less in all than one part needs: nothing is worth taking apart.
  const isTooLittle = (): boolean =>
    maskArea(mask) < options.minArea || (!!evidence && !isEnough(mask, evidence))
  if (!bounds || isTooLittle()) {
    return {
      mask: emptyMask(mask.width, mask.height),
      rung: -1,
      qMax: null,
      parts: [],
      dropped: bounds ? 1 : 0,
    }
  }
  const joined = options.components
    ? closeMask(mask, options.closingRadius)
    : filledBox(mask, bounds)
  const components = findComponents(joined)
  const result = emptyMask(mask.width, mask.height)
  const cover = new Cover(mask.width, mask.height)
  const parts: CompletedPart[] = []
  let dropped = 0
  for (let index = 0; index < components.count; index++) {
    const area = sumOver(mask.bits, mask, components, index)
    const isFaint = evidence && sumOver(evidence.weights, mask, components, index) < evidence.least
    if (area < options.minArea || isFaint) {
      dropped++
      continue
    }
    const found = completePart(mask, components, index, rungs, options, cover, result.bits)
    const box = [...components.boxes.subarray(4 * index, 4 * index + 4)]
    parts.push({ ...found, area, box })
    if (options.keepRaw) keepFoundPixels(mask, components, index, result.bits)
  }
  cover.paintInto(result.bits)
  const qMax = Math.max(-Infinity, ...parts.map((part) => part.qMax))
  return {
    mask: result,
    rung: Math.max(-1, ...parts.map((part) => part.rung)),
    qMax: qMax === -Infinity ? null : qMax,
    parts,
    dropped,
  }
}

function completePart(
  mask: Mask,
  components: Components,
  index: number,
  rungs: Float64Array,
  options: ProductOptions,
  cover: Cover,
  bits: Uint8Array,
): SearchResult {
  if (options.shapes === 'outlines' || options.shapes === 'turned-rectangles') {
    const orHull = options.shapes === 'outlines'
    return fitOutline(mask, components, index, rungs, { ...options, orHull }, bits)
  }
  const set = options.components
    ? summedAreaOfComponent(mask, components, index)
    : summedArea(
        mask,
        components.boxes.subarray(0, 4) as unknown as [number, number, number, number],
      ) // four numbers
  if (options.shapes === 'circles') {
    return searchDiscs(set, options.sizes, mask, rungs, acceptByDefinition, cover)
  }
  const sizes = options.shapes === 'squares' ? squares(options.sizes) : rectangles(options)
  return searchRectangles(set, sizes, insideFrame(mask), rungs, acceptByDefinition, cover, true)
}

function squares(sizes: readonly number[]): Sides[] {
  return sizes.map((side) => ({ height: side, width: side }))
}

function rectangles({ sizes, aspects }: ProductOptions): Sides[] {
  return sizes.flatMap((side) =>
    aspects.flatMap((aspect) => {
      const longer = Math.round(side * aspect)
      const upright = { height: longer, width: side }
      return longer === side ? [upright] : [upright, { height: side, width: longer }]
    }),
  )
}

/** One part that holds everything: the definition completes all found pixels together. */
function filledBox(mask: Mask, [x1, y1, x2, y2]: readonly [number, number, number, number]): Mask {
  const box = emptyMask(mask.width, mask.height)
  for (let y = y1; y < y2; y++) box.bits.fill(1, y * mask.width + x1, y * mask.width + x2)
  return box
}

/** The sum of `values`, one per pixel, over a component of the mask. */
function sumOver(
  values: Uint8Array,
  { width }: Mask,
  components: Components,
  index: number,
): number {
  const { firstRun, runRows, runStarts, runEnds } = components
  let sum = 0
  for (let run = firstRun[index]!; run < firstRun[index + 1]!; run++) {
    const row = runRows[run]! * width
    for (let at = row + runStarts[run]!; at < row + runEnds[run]!; at++) sum += values[at]!
  }
  return sum
}

function keepFoundPixels(
  { bits, width }: Mask,
  components: Components,
  index: number,
  out: Uint8Array,
): void {
  const { firstRun, runRows, runStarts, runEnds } = components
  for (let run = firstRun[index]!; run < firstRun[index + 1]!; run++) {
    const row = runRows[run]! * width
    for (let at = row + runStarts[run]!; at < row + runEnds[run]!; at++) out[at]! |= bits[at]!
  }
}
