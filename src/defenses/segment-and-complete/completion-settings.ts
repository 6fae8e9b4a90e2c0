import { z } from 'zod'
import { AppError } from '../../shared/errors'
import type { CompletedComponent } from '../../shared/plugin/components-note'
import { maskArea, type Mask } from '../../shared/vision'
import { completeParts, shapeSets, type CompletedPart, type ShapeSet } from './complete-product'
import { completeLikePublishedCode, completeStrictly } from './complete-strict'
import type { Evidence } from './evidence'
import type { Ladder } from './ladder'

export const completionModes = ['product', 'exact', 'compatible'] as const

/** The settings of shape completion, for the defense and for the command that completes a mask alone. */
export const completionFields = {
  mode: z
    .enum(completionModes)
    .default('product')
    .describe(
      'product; exact: the definition of the paper; compatible: what the published code returns',
    ),
  shapes: z
    .enum(shapeSets)
    .default('outlines')
    .describe(
      'Shapes to complete with in product mode; outlines: turned rectangles, or the convex hull of what fills no rectangle',
    ),
  sizes: z
    .array(z.number().positive())
    .min(1)
    .max(64)
    .default([0.5, 0.4, 0.32, 0.25, 0.2, 0.16, 0.12, 0.09])
    .describe('Sides or diameters: up to 1 a share of the short side, above in pixels'),
  aspects: z
    .array(z.number().min(1).max(8))
    .min(1)
    .max(8)
    .default([1, 1.5])
    .describe('Longer over shorter side of rectangles'),
  alpha: z.number().gt(0).max(1).default(0.9).describe('First threshold of the ladder'),
  beta: z.number().gt(0).max(1).default(0.7).describe('Factor from rung to rung of the ladder'),
  maxRung: z
    .int()
    .min(0)
    .max(63)
    .default(5)
    .describe('Last rung of the ladder in product mode; exact and compatible go to the 15th'),
  components: z.boolean().default(true).describe('Complete each connected part of the mask alone'),
  closingRadius: z
    .int()
    .min(0)
    .max(64)
    .default(7)
    .describe('Gaps up to about twice this many working pixels are closed'),
  minArea: z
    .number()
    .min(0)
    .default(0.001)
    .describe(
      'Smaller parts are dropped: below 1 a share of the frame (at least 16), else in pixels',
    ),
  keepRaw: z.boolean().default(true).describe('Never remove less than the segmenter found'),
  grow: z
    .number()
    .min(0)
    .max(64)
    .default(0)
    .describe('Working pixels added around turned rectangles'),
  minFill: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'Parts that fill less of their turned rectangle (outlines: or of their convex hull) stay as they were found',
    ),
}

export const completionSchema = z.object(completionFields)
export type CompletionSettings = z.infer<typeof completionSchema>

export interface CompletionOutcome {
  readonly mask: Mask
  /** Parts that were completed one by one; none where the mode completes all found pixels together. */
  readonly components: readonly CompletedComponent[]
  /** What to show beside the mask. */
  readonly notes: {
    readonly mode: string
    readonly rung: number
    readonly qMax: number | null
    readonly parts: number
    readonly removedFraction: number
  }
}

/** Shapes that take their size from what was found. */
const fittedShapes: ReadonlySet<ShapeSet> = new Set(['outlines', 'turned-rectangles'])
const SMALLEST_PART = 16
const PUBLISHED_RUNGS = 15

export interface CompletionContext {
  readonly warn: (message: string) => void
  /** Length of the ladder; the mode's own by default. */
  readonly rungs?: number
  /** Pixels of the mask per pixel that the segmenter saw: the closing radius and the growth are meant in the latter. */
  readonly scale?: number
  /** What the segmenter says for the mask; product mode drops parts with too little of it. */
  readonly evidence?: Evidence
}

/**
 * Completes a mask with sizes that fit its frame.
 * @throws AppError E_COMPLETION_SIZES when no size fits the frame and the shapes need one
 */
export function completeFor(
  mask: Mask,
  settings: CompletionSettings,
  context: CompletionContext,
): CompletionOutcome {
  const {
    warn,
    scale = 1,
    rungs = settings.mode === 'product' ? settings.maxRung + 1 : PUBLISHED_RUNGS,
  } = context
  const sizes = sizesInPixels(settings.sizes, mask)
  const fitting = sizes.filter((size) => size <= Math.min(mask.width, mask.height))
  const needsSizes = settings.mode !== 'product' || !fittedShapes.has(settings.shapes)
  if (needsSizes && fitting.length < sizes.length) {
    const frame = `${mask.width}x${mask.height}`
    if (fitting.length === 0) throw noSizeFits(sizes, frame)
    const skipped = sizes.filter((size) => !fitting.includes(size))
    warn(`sizes ${skipped.join(', ')} are larger than the frame ${frame} and were skipped`)
  }
  const ladder: Ladder = { alpha: settings.alpha, beta: settings.beta, rungs }
  const scaled = {
    ...settings,
    closingRadius: Math.round(settings.closingRadius * scale),
    grow: settings.grow * scale,
  }
  const found = run(mask, context.evidence, scaled, sizes, ladder)
  return {
    mask: found.mask,
    components: found.components,
    notes: {
      mode: settings.mode,
      rung: found.rung,
      qMax: found.qMax,
      parts: found.parts,
      removedFraction: maskArea(found.mask) / (mask.width * mask.height),
    },
  }
}

function run(
  mask: Mask,
  evidence: Evidence | undefined,
  settings: CompletionSettings,
  sizes: readonly number[],
  ladder: Ladder,
) {
  if (settings.mode === 'product') {
    const minArea =
      settings.minArea < 1
        ? Math.max(SMALLEST_PART, settings.minArea * mask.width * mask.height)
        : settings.minArea
    const found = completeParts(mask, { ...settings, sizes, ladder, minArea }, evidence)
    return { ...found, parts: found.parts.length, components: found.parts.map(componentOf) }
  }
  const complete = settings.mode === 'exact' ? completeStrictly : completeLikePublishedCode
  const found = complete(mask, { sizes, ladder })
  return { ...found, parts: found.rung < 0 ? 0 : 1, components: [] }
}

function componentOf({ box, rung, qMax }: CompletedPart): CompletedComponent {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = box
  return { box: [x1, y1, x2, y2], rung, q: Number.isFinite(qMax) ? qMax : null }
}

/** Sizes up to 1 are shares of the frame's short side. */
export function sizesInPixels(
  sizes: readonly number[],
  frame: { readonly width: number; readonly height: number },
): readonly number[] {
  const short = Math.min(frame.width, frame.height)
  return sizes.map((size) => Math.max(1, Math.round(size <= 1 ? size * short : size)))
}

function noSizeFits(sizes: readonly number[], frame: string): AppError {
  return new AppError(
    'E_COMPLETION_SIZES',
    `no size of ${sizes.join(', ')} pixels fits a frame of ${frame}`,
    'Give smaller sizes, or shares of the short side such as 0.25,0.125.',
  )
}
