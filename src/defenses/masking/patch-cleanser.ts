import { z } from 'zod'
import type { Certificate } from '../../shared/plugin'
import type { RgbImage } from '../../shared/vision'
import { coveringMasks, type HiddenRectangle, hideRectangles } from './covering-masks'
import {
  certifyDoubleMasking,
  doubleMasking,
  type DoubleMaskingAnswer,
  type MaskedLabels,
} from './double-masking'
import { assertPatch } from './patch-size'
import type { PatchSize } from './patch-places'

/** Settings of PatchCleanser. What it certifies holds for inference with the same settings and the same patch. */
export const patchCleanserParams = z.object({
  masksPerAxis: z
    .int()
    .min(2)
    .max(16)
    .default(6)
    .describe(
      'Places of masks per axis, k: k² masks, up to k²(k² + 1) / 2 calls for a certificate',
    ),
  colour: z
    .tuple([z.int().min(0).max(255), z.int().min(0).max(255), z.int().min(0).max(255)])
    .default([124, 116, 104])
    .describe('Red, green and blue of hidden pixels; best what the model sees as 0'),
})

export type PatchCleanserSettings = z.output<typeof patchCleanserParams>

/** The class of each picture, in order. The same picture gets the same class, whatever it is asked with. */
export type Classify = (images: readonly RgbImage[]) => Promise<readonly number[]>

/**
 * The class of a picture that one patch within `patch` may have been put on.
 * @throws AppError E_PATCH_SIZE
 */
export function classifyDefended(
  image: RgbImage,
  classify: Classify,
  patch: PatchSize,
  settings: PatchCleanserSettings,
): Promise<DoubleMaskingAnswer> {
  const masks = masksFor(image, patch, settings)
  return doubleMasking(masks.length, maskedLabels(image, masks, classify, settings))
}

/**
 * Whether the class of a clean picture stands against one patch within `patch`, anywhere, of any shape and content.
 * @throws AppError E_PATCH_SIZE
 */
export async function certifyClass(
  image: RgbImage,
  classify: Classify,
  classNames: readonly string[],
  patch: PatchSize,
  settings: PatchCleanserSettings,
): Promise<Certificate & { readonly classId: number | null; readonly calls: number }> {
  const masks = masksFor(image, patch, settings)
  const classifyMasked = maskedLabels(image, masks, classify, settings)
  const { label, calls } = await certifyDoubleMasking(masks.length, classifyMasked)
  const threat = `one patch of any shape within ${patch.width}x${patch.height} pixels, anywhere`
  return {
    method: 'patch-cleanser',
    statement:
      label === null
        ? `Not proven: ${threat} may change the class.`
        : `If this picture is clean, its class stays ${classNames[label] ?? label} whatever ${threat} does.`,
    threat,
    certified: label !== null,
    unit: 'pixels',
    assumptions: [
      'The picture is clean; nothing follows for a picture that may already be attacked.',
      'All changed pixels lie in one such rectangle of the decoded picture; saving it as JPEG afterwards changes more.',
      'The classifier gives the same answer whenever it is given the same picture.',
      `Inference is double masking for the same size of patch and the same settings (${settings.masksPerAxis} masks per axis).`,
    ],
    classId: label,
    calls,
  }
}

function masksFor(
  image: RgbImage,
  patch: PatchSize,
  { masksPerAxis }: PatchCleanserSettings,
): HiddenRectangle[] {
  assertPatch(patch)
  return coveringMasks(image, patch, masksPerAxis)
}

/** Masks are put on the picture itself, before any resizing, so that nothing of the hidden pixels can leak. */
function maskedLabels(
  image: RgbImage,
  masks: readonly HiddenRectangle[],
  classify: Classify,
  { colour }: PatchCleanserSettings,
): MaskedLabels {
  return (pairs) =>
    classify(
      pairs.map((pair) =>
        hideRectangles(
          image,
          pair.flatMap((index) => masks[index] ?? []),
          colour,
        ),
      ),
    )
}
