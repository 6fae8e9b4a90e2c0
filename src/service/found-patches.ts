import { rleArea, rleFromText, type Rle } from '../shared/vision'
import type { ProjectPatch, RunItemDetail } from '../store'

/** What somebody has drawn, accepted or imported; not what a segmenter has proposed, nor what was rejected. */
export const isKnownPatch = ({ status }: ProjectPatch): boolean =>
  status === 'imported' || status === 'accepted'

/** A mask that a run has kept of a picture; null if there is none of this name. */
export function maskNamed({ masks, width, height }: RunItemDetail, name: string): Rle | null {
  const text = masks[name]
  if (text === undefined || width === null || height === null) return null
  return rleFromText(text, { width, height })
}

/** The pixels that the defense removed: completed, or as the segmenter found them. Null if there are none. */
export function removedMask(item: RunItemDetail): Rle | null {
  const mask = maskNamed(item, 'completed') ?? maskNamed(item, 'raw')
  return mask === null || rleArea(mask) === 0 ? null : mask
}
