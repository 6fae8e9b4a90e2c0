import { z } from 'zod'
import type { Certificate } from '../../shared/plugin'
import { coveringMasks, type HiddenRectangle } from './covering-masks'
import {
  certifyDoubleMasking,
  doubleMasking,
  type DoubleMaskingAnswer,
  type MaskedLabels,
} from './double-masking'
import type { Frame } from './hidden-margins'
import { assertPatch } from './patch-size'
import type { PatchSize } from './patch-places'

const params = z.object({
  masksPerAxis: z
    .int()
    .min(2)
    .max(16)
    .default(6)
    .describe(
      'Places of masks per axis, k: k² masks, up to k²(k² + 1) / 2 model runs for a certificate',
    ),
  grey: z
    .int()
    .min(0)
    .max(255)
    .default(124)
    .describe('Grey of hidden pixels; models that are given x and 1 - x see none at all'),
})

export type PatchCleanserSettings = z.output<typeof params>

/** What people choose by, and its settings. What is certified holds for inference with the same settings and patch. */
export const patchCleanser = Object.freeze({
  id: 'patch-cleanser',
  name: 'PatchCleanser',
  summary:
    'Proves that the class of a clean picture stays under any one patch of a size, for any classifier behind double masking.',
  reference: 'Xiang, Mahloujifar, Mittal, PatchCleanser, USENIX Security 2022 (arXiv 2108.09135)',
  params,
})

/**
 * Classes of a picture, one for each list of rectangles that are hidden in it. An answer must follow from the pixels that
 * are left, whatever it is asked with.
 */
export type ClassifyHidden = (
  hidden: readonly (readonly HiddenRectangle[])[],
) => Promise<readonly number[]>

/**
 * The class of a picture that one patch within `patch` may have been put on.
 * @throws AppError E_PATCH_SIZE
 */
export function classifyDefended(
  frame: Frame,
  classify: ClassifyHidden,
  patch: PatchSize,
  settings: PatchCleanserSettings,
): Promise<DoubleMaskingAnswer> {
  const masks = masksFor(frame, patch, settings)
  return doubleMasking(masks.length, maskedLabels(masks, classify))
}

/** Pictures that are classified for a certificate, where none ends it. @throws AppError E_PATCH_SIZE */
export function certificateCalls(
  frame: Frame,
  patch: PatchSize,
  settings: PatchCleanserSettings,
): number {
  const { length } = masksFor(frame, patch, settings)
  return (length * (length + 1)) / 2
}

export interface ClassCertificate extends Certificate {
  /** What double masking answers to the clean picture; null where a mask hides all of it. */
  readonly classId: number | null
  /** Pictures that were classified. */
  readonly calls: number
}

/**
 * Whether the class of a clean picture stands against one patch within `patch`, anywhere, of any shape and content.
 * @throws AppError E_PATCH_SIZE
 */
export async function certifyClass(
  frame: Frame,
  classify: ClassifyHidden,
  classNames: readonly string[],
  patch: PatchSize,
  settings: PatchCleanserSettings,
  about: 'picture' | 'crop' = 'picture',
): Promise<ClassCertificate> {
  const masks = masksFor(frame, patch, settings)
  // Hidden as a whole, all pictures are alike: that they get one class says nothing of this one.
  const isBlank = masks.some(({ width, height }) => width * height === frame.width * frame.height)
  const found = isBlank
    ? { label: null, answer: null, calls: 0 }
    : await certifyDoubleMasking(masks.length, maskedLabels(masks, classify))
  const { label, answer, calls } = found
  const size = `${patch.width}x${patch.height}`
  const limit = about === 'crop' ? "; the box's position is not certified" : ''
  return {
    method: patchCleanser.id,
    statement:
      label !== null
        ? `If this ${about} is clean, PatchCleanser answers ${classNames[label] ?? label} whatever one patch within ${size} pixels does, wherever it is${limit}.`
        : isBlank
          ? `Not proven: masks that hide a patch of ${size} pixels hide all of this ${about}${limit}.`
          : `Not proven: one patch within ${size} pixels may change the class of this ${about}${limit}.`,
    threat: `one patch of any shape and content within ${size} pixels, anywhere in the ${about}`,
    certified: label !== null,
    unit: 'pixels of the picture, side of the patch',
    assumptions: [
      `The ${about} is clean; nothing follows for one that may already be attacked.`,
      'All changed pixels lie in one such rectangle of the decoded picture; saving it as JPEG afterwards changes more.',
      'The classifier gives the same answer whenever it is given the same picture.',
      `The answer in use is that of double masking for the same size of patch and the same settings (${settings.masksPerAxis} masks per axis), not that of the bare classifier.`,
      'It is not a statement that the class is right.',
      ...(about === 'crop'
        ? ['The box is taken as it is: an attack may move or suppress it.']
        : []),
    ],
    classId: answer,
    calls,
  }
}

function masksFor(
  frame: Frame,
  patch: PatchSize,
  { masksPerAxis }: PatchCleanserSettings,
): HiddenRectangle[] {
  assertPatch(patch)
  return coveringMasks(frame, patch, masksPerAxis)
}

const maskedLabels =
  (masks: readonly HiddenRectangle[], classify: ClassifyHidden): MaskedLabels =>
  (pairs) =>
    classify(pairs.map(([i, j]) => [masks[i], masks[j]].filter((mask) => mask !== undefined)))
