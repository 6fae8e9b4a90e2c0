import { type Rle, rleArea } from '../vision/rle'
import { intersectionArea } from '../vision/rle-merge'
import { AppError } from '../errors'

/** How well a mask that was found covers the patch that is there. Shares are 0..1. */
export interface MaskQuality {
  /** Pixels of the frame, of the patch, of the mask found, and of both. */
  readonly pixels: number
  readonly patch: number
  readonly found: number
  readonly shared: number
  /** Null where there is neither a patch nor a mask. */
  readonly iou: number | null
  /** Share of the patch that is covered; null without a patch. */
  readonly coverage: number | null
  /** Share of the picture outside the patch that is blanked for nothing; null if all is patch. */
  readonly outside: number | null
}

/** A share in two ways: mean of the images, and of all pixels together. Null where no image has it. */
export interface Share {
  readonly mean: number | null
  readonly pooled: number | null
}

export interface MaskSummary {
  readonly images: number
  readonly withPatch: number
  /** Over the images with a patch. */
  readonly iou: Share
  readonly coverage: Share
  /** Images with a patch of which at least nine tenths are covered. */
  readonly coveredImages: number
  /** Over all images. */
  readonly outside: Share
  /** Images without a patch where something was blanked all the same. */
  readonly falseAlarms: number
  readonly withoutPatch: number
}

/** @throws AppError E_MASK_SIZE_MISMATCH */
export function maskQuality(truth: Rle, found: Rle): MaskQuality {
  if (truth.width !== found.width || truth.height !== found.height) {
    throw new AppError(
      'E_MASK_SIZE_MISMATCH',
      `the mask found has ${found.width}x${found.height}, the true one ${truth.width}x${truth.height} pixels`,
      'Compare masks of the same picture.',
    )
  }
  const pixels = truth.width * truth.height
  const patch = rleArea(truth)
  const area = rleArea(found)
  const shared = intersectionArea(truth, found)
  return { pixels, patch, found: area, shared, ...sharesOf(pixels, patch, area, shared) }
}

export function summarizeMasks(masks: readonly MaskQuality[]): MaskSummary {
  const withPatch = masks.filter(({ patch }) => patch > 0)
  const clean = masks.filter(({ patch }) => patch === 0)
  const patched = together(withPatch)
  return {
    images: masks.length,
    withPatch: withPatch.length,
    iou: { mean: meanOf(withPatch, 'iou'), pooled: patched.iou },
    coverage: { mean: meanOf(withPatch, 'coverage'), pooled: patched.coverage },
    coveredImages: withPatch.filter(({ coverage }) => (coverage ?? 0) >= 0.9).length,
    outside: { mean: meanOf(masks, 'outside'), pooled: together(masks).outside },
    falseAlarms: clean.filter(({ found }) => found > 0).length,
    withoutPatch: clean.length,
  }
}

function together(masks: readonly MaskQuality[]) {
  const sum = (key: 'pixels' | 'patch' | 'found' | 'shared'): number =>
    masks.reduce((total, mask) => total + mask[key], 0)
  return sharesOf(sum('pixels'), sum('patch'), sum('found'), sum('shared'))
}

function sharesOf(pixels: number, patch: number, found: number, shared: number) {
  const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)
  return {
    iou: ratio(shared, patch + found - shared),
    coverage: ratio(shared, patch),
    outside: ratio(found - shared, pixels - patch),
  }
}

function meanOf(masks: readonly MaskQuality[], key: 'iou' | 'coverage' | 'outside'): number | null {
  const known = masks.flatMap((mask) => mask[key] ?? [])
  return known.length === 0 ? null : known.reduce((a, b) => a + b) / known.length
}
