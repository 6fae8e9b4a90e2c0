import { type Frame, type HiddenMargins, hiddenMargins, type KnownObject } from './hidden-margins'
import type { MaskedDetections } from './masked-detections'
import type { ObjectSeekerSettings } from './objectseeker-settings'
import {
  isSafe,
  largestSafeSide,
  type PatchPlace,
  patchPlaces,
  type PatchSize,
} from './patch-places'

/** What is proven of one object of a clean picture. */
export interface ObjectCertificate {
  readonly margins: HiddenMargins
  /** Whether no patch of the size that was asked about hides the object. */
  readonly certified: Readonly<Record<PatchPlace, boolean>>
  /** Side in pixels of the largest square patch that does not hide it; 0 if none. */
  readonly largestSide: Readonly<Record<PatchPlace, number>>
}

/**
 * One certificate for each object, in order, for a patch of `patch` pixels. `answers` are those of `detectMasked` on the
 * clean picture, with the same settings.
 */
export function certifyObjects(
  objects: readonly KnownObject[],
  answers: readonly MaskedDetections[],
  frame: Frame,
  settings: Pick<ObjectSeekerSettings, 'pruneIoa' | 'classAware'>,
  patch: PatchSize,
  overlap = 0,
): ObjectCertificate[] {
  return objects.map((object) => {
    const margins = hiddenMargins(object, answers, frame, settings, overlap)
    return {
      margins,
      certified: byPlace((place) => isSafe(margins, object.box, frame, patch, place)),
      largestSide: byPlace((place) => largestSafeSide(margins, object.box, frame, place)),
    }
  })
}

function byPlace<T>(answer: (place: PatchPlace) => T): Record<PatchPlace, T> {
  const [far, near, over, anywhere] = patchPlaces
  return {
    far: answer(far),
    near: answer(near),
    over: answer(over),
    anywhere: answer(anywhere),
  }
}
