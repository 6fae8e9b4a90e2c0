import type { Mask } from '../../shared/vision'
import type { Segmentation } from './resize-logits'
import { toLogit } from './segmenter'

/** How strongly a segmenter speaks for the parts of its mask. */
export interface Evidence {
  /** By pixel of the mask: 0, 1 or 3. */
  readonly weights: Uint8Array
  /** The sum of weights that a part needs to count as a patch. */
  readonly least: number
}

export interface EvidenceSettings {
  readonly threshold: number
  /** Probability above which a pixel counts. */
  readonly certainty: number
  /** Below 1 a share of the frame, else pixels. */
  readonly minEvidence: number
}

const BEYOND_DOUBT = 0.96
const WEIGHT_BEYOND_DOUBT = 3

/**
 * Evidence for the parts of `rawMask(segmentation, threshold)`: pixels above the certainty count once, those above 0.96
 * three times. A printed patch answers moderately over its whole area, a small patch strongly over a small one, and a
 * false alarm does neither: wanting one sum finds more of both than wanting any number of pixels above one bound.
 */
export function gatherEvidence(segmentation: Segmentation, settings: EvidenceSettings): Evidence {
  const { width, height, logits } = segmentation
  const counts = toLogit(Math.max(settings.certainty, settings.threshold))
  const isBeyondDoubt = Math.max(counts, toLogit(BEYOND_DOUBT))
  const weights = new Uint8Array(width * height)
  for (let i = 0; i < weights.length; i++) {
    const logit = logits[i]!
    weights[i] = logit > isBeyondDoubt ? WEIGHT_BEYOND_DOUBT : logit > counts ? 1 : 0
  }
  const { minEvidence } = settings
  return { weights, least: minEvidence < 1 ? minEvidence * width * height : minEvidence }
}

/** Whether the pixels of a mask, or of a part of one, hold enough evidence for a patch. */
export function isEnough({ bits }: Mask, { weights, least }: Evidence): boolean {
  let sum = 0
  for (let i = 0; i < bits.length; i++) sum += bits[i]! * weights[i]!
  return sum >= least
}
