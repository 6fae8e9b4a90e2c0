import type { LoadedModel, RunContext } from '../../shared/plugin'
import type { Mask, RgbImage } from '../../shared/vision'
import { completeFor, type CompletionOutcome, type CompletionSettings } from './completion-settings'
import { type EvidenceSettings, gatherEvidence } from './evidence'
import type { Segmentation } from './resize-logits'
import { rawMask, segment, workingScale } from './segmenter'

export interface PatchSettings extends EvidenceSettings, CompletionSettings {
  readonly workingSize: number
}

export interface RawPatches {
  readonly segmentation: Segmentation
  /** Pixels above the threshold. */
  readonly raw: Mask
}

/**
 * The pixels that a segmenter takes for patches (Segment and Complete, section 3.1).
 * @throws AppError E_MODEL_ codes
 */
export async function findRawPatches(
  image: RgbImage,
  segmenter: LoadedModel,
  settings: Pick<PatchSettings, 'workingSize' | 'threshold'>,
  run: RunContext,
): Promise<RawPatches> {
  const segmentation = await segment(image, segmenter, settings.workingSize, run)
  const raw = await run.stage('threshold', () =>
    rawMask(segmentation, settings.threshold, segmenter.card.id),
  )
  run.trace.masks.set('raw', raw)
  return { segmentation, raw }
}

/**
 * The patches of a picture, completed to whole shapes (Segment and Complete, section 3.2).
 * @throws AppError E_MODEL_ and E_COMPLETION_ codes
 */
export async function findPatches(
  image: RgbImage,
  segmenter: LoadedModel,
  settings: PatchSettings,
  run: RunContext,
): Promise<RawPatches & { readonly completion: CompletionOutcome }> {
  const found = await findRawPatches(image, segmenter, settings, run)
  const completion = await run.stage('complete', () =>
    completeFor(found.raw, settings, {
      warn: run.warn,
      scale: workingScale(image, settings.workingSize),
      evidence: gatherEvidence(found.segmentation, settings),
    }),
  )
  run.trace.masks.set('completed', completion.mask)
  for (const [name, value] of Object.entries(completion.notes)) run.trace.notes.set(name, value)
  return { ...found, completion }
}
