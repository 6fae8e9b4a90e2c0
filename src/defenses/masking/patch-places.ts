import { clipToFrame } from './prune'
import type { BoxXyxy } from '../../shared/vision'
import type { Frame, HiddenMargins } from './hidden-margins'

/** A patch of any shape inside a rectangle of this size, in whole pixels of the picture. */
export interface PatchSize {
  readonly width: number
  readonly height: number
}

/**
 * Where the patch is in relation to the object. `over`: it touches it; `far`: it stays outside the box grown by a tenth of
 * the frame on each side; `near`: neither; `anywhere`: all of these.
 */
export const patchPlaces = ['far', 'near', 'over', 'anywhere'] as const
export type PatchPlace = (typeof patchPlaces)[number]

/** Top left corners of patches, whole pixels: rows `top <= y < bottom`, columns `left <= x < right`. May be empty. */
interface Corners {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/**
 * True if no patch of this size at such a place can hide the object. Patches may reach over the edges of the picture. An
 * object that no masked picture shows is never safe, not even where there is no such place.
 */
export function isSafe(
  margins: HiddenMargins,
  object: BoxXyxy,
  frame: Frame,
  patch: PatchSize,
  place: PatchPlace,
): boolean {
  const box = clipToFrame(object, frame.width, frame.height)
  if (!margins.isSeen || box === null) return false
  const open = vulnerableCorners(margins, patch)
  if (isEmpty(open)) return true
  switch (place) {
    case 'anywhere':
      return false
    case 'over':
      return isEmpty(common(open, cornersOver(box, patch)))
    case 'far':
      return contains(cornersWithin(box, frame, patch), open)
    case 'near': {
      const within = common(open, cornersWithin(box, frame, patch))
      return isEmpty(within) || contains(cornersOver(box, patch), within)
    }
  }
}

/** The corners for which no mask hides the whole patch: one rectangle. */
export function vulnerableCorners(margins: HiddenMargins, patch: PatchSize): Corners {
  return {
    top: margins.top - patch.height + 1,
    bottom: margins.bottom,
    left: margins.left - patch.width + 1,
    right: margins.right,
  }
}

/** Corners of patches that touch the box, cut to whole pixels as the published evaluation cuts it. */
function cornersOver(box: BoxXyxy, patch: PatchSize): Corners {
  const [x1, y1, x2, y2] = box.map(Math.trunc)
  return {
    top: y1! - patch.height,
    bottom: y2! + 1,
    left: x1! - patch.width,
    right: x2! + 1,
  }
}

/** Corners of patches that touch the box grown by a tenth of the frame. */
function cornersWithin(box: BoxXyxy, frame: Frame, patch: PatchSize): Corners {
  const over = cornersOver(box, patch)
  return {
    top: Math.ceil(over.top - frame.height / 10),
    bottom: Math.ceil(over.bottom + frame.height / 10),
    left: Math.ceil(over.left - frame.width / 10),
    right: Math.ceil(over.right + frame.width / 10),
  }
}

function common(a: Corners, b: Corners): Corners {
  return {
    top: Math.max(a.top, b.top),
    bottom: Math.min(a.bottom, b.bottom),
    left: Math.max(a.left, b.left),
    right: Math.min(a.right, b.right),
  }
}

function isEmpty({ top, bottom, left, right }: Corners): boolean {
  return top >= bottom || left >= right
}

/** Both are not empty. */
function contains(outer: Corners, inner: Corners): boolean {
  return (
    outer.top <= inner.top &&
    outer.bottom >= inner.bottom &&
    outer.left <= inner.left &&
    outer.right >= inner.right
  )
}

/**
 * The side of the square of `share` of the frame's area (0..1), rounded down as published figures round it. The 1e-9 is
 * for shares such as 0.0049 of 100 x 100, whose root would come out just below 7.
 */
export function squarePatch(frame: Frame, share: number): PatchSize {
  const side = Math.floor(Math.sqrt(frame.width * frame.height * share) + 1e-9)
  return { width: side, height: side }
}

/** Side in pixels of the largest square patch that is safe; 0 if none is. Safety can only be lost as patches grow. */
export function largestSafeSide(
  margins: HiddenMargins,
  object: BoxXyxy,
  frame: Frame,
  place: PatchPlace,
): number {
  let safe = 0
  let unsafe = Math.max(frame.width, frame.height) + 1
  while (unsafe - safe > 1) {
    const side = (safe + unsafe) >> 1
    if (isSafe(margins, object, frame, { width: side, height: side }, place)) safe = side
    else unsafe = side
  }
  return safe
}
