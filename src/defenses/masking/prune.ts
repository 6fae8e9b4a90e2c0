import { type BoxXyxy, boxIoa, type Detection } from '../../shared/vision'
import type { ObjectSeekerSettings } from './objectseeker-settings'

/**
 * The boxes of masked pictures that the boxes of the whole picture do not explain: a box goes when one of `base` (of its
 * class, if classes count) covers `pruneIoa` of it or more.
 */
export function prune(
  masked: readonly Detection[],
  base: readonly Detection[],
  { pruneIoa, classAware }: Pick<ObjectSeekerSettings, 'pruneIoa' | 'classAware'>,
): Detection[] {
  return masked.filter(
    ({ box, classId }) =>
      !base.some(
        (known) => (!classAware || known.classId === classId) && boxIoa(box, known.box) >= pruneIoa,
      ),
  )
}

/** The part of a box inside a frame of `width` x `height`; null when no area is left. */
export function clipToFrame(box: BoxXyxy, width: number, height: number): BoxXyxy | null {
  const x1 = Math.max(0, box[0])
  const y1 = Math.max(0, box[1])
  const x2 = Math.min(width, box[2])
  const y2 = Math.min(height, box[3])
  return x2 > x1 && y2 > y1 ? [x1, y1, x2, y2] : null
}
