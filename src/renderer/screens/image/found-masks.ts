import type { ApiRle, ImageResult } from '../../../shared/api'
import { findComponents } from '../../../shared/vision/components'
import { rleFromText } from '../../../shared/vision/rle-text'
import { decodeRle } from '../../../shared/vision/rle'
import type { Mask } from '../../../shared/vision/mask'

/** A mask of the trace, decoded; null where the run keeps none of this name. */
export function traceMask(result: ImageResult | null, name: string): Mask | null {
  const mask = result?.masks.find((one) => one.name === name)
  return mask ? maskOf(mask.rle) : null
}

export function maskOf({ width, height, text }: ApiRle): Mask {
  return decodeRle(rleFromText(text, { width, height }))
}

/** How many patches a mask shows: its connected parts. */
export function partCount(mask: Mask | null): number | null {
  return mask === null ? null : findComponents(mask).count
}
