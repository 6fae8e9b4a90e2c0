import { boxArea, boxIoa, type BoxXyxy } from '../../shared/vision'
import type { MaskedDetections } from './masked-detections'
import type { ObjectSeekerSettings } from './objectseeker-settings'
import { clipToFrame } from './prune'

/** A size or place in whole pixels. */
export interface Frame {
  readonly width: number
  readonly height: number
}

export interface KnownObject {
  /** In pixels of the picture; what lies outside of it does not count. */
  readonly box: BoxXyxy
  readonly classId: number
}

/**
 * How far masks may reach into the frame while the object is still seen: the masks of one side are nested, so the one that
 * hides most stands for all. A patch is harmless inside rows `< top`, rows `>= bottom`, columns `< left` or columns
 * `>= right`, because a mask hides all of it and the object is seen nevertheless.
 */
export interface HiddenMargins {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
  /** False if no masked picture shows the object well enough; the margins are empty then. */
  readonly isSeen: boolean
}

/** Above the rounding of a ratio of areas, far below any that matters: what is nearly a tie is not proven. */
const ROUNDING = 1e-9

/**
 * The margins of one object, from what the detector saw on the masked pictures of the clean image. `overlap` is the share
 * of the object, 0 or more, that the answer of the defended detector is to cover beyond (the paper's is 0).
 */
export function hiddenMargins(
  object: KnownObject,
  answers: readonly MaskedDetections[],
  frame: Frame,
  settings: Pick<ObjectSeekerSettings, 'pruneIoa' | 'classAware'>,
  overlap = 0,
): HiddenMargins {
  const margins = { top: 0, bottom: frame.height, left: 0, right: frame.width, isSeen: false }
  const known = clipToFrame(object.box, frame.width, frame.height)
  if (known === null) return margins
  for (const { mask, detections } of answers) {
    const { side, line } = mask
    const gains = side === 'top' || side === 'left' ? line > margins[side] : line < margins[side]
    if (!gains) continue
    const shows = detections.some(
      ({ box, classId }) =>
        (!settings.classAware || classId === object.classId) &&
        provesObject(box, known, settings.pruneIoa, overlap),
    )
    if (!shows) continue
    margins[side] = line
    margins.isSeen = true
  }
  return margins
}

/**
 * True if any answer of the defended detector covers more than `overlap` of `object`, given that a masked picture that
 * hides the patch shows `box`. Either the answer has a box around `box`, or it has one that covers `pruneIoa` of `box`, of
 * which at most the part of `box` outside `object` is lost: (T |b| - |b outside g|) / |g| > C in the paper's letters.
 */
export function provesObject(
  box: BoxXyxy,
  object: BoxXyxy,
  pruneIoa: number,
  overlap: number,
): boolean {
  const area = boxArea(box)
  if (area === 0) return false
  const least = pruneIoa - (1 - boxIoa(box, object))
  return least > overlap * (boxArea(object) / area) + ROUNDING
}
