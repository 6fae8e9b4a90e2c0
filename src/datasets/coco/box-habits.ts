import type { BoxXywh, ImportProblem } from '../../shared/dataset'
import type { FrameSize } from '../../shared/vision/rle-text'
import { boxWarnings } from '../reading/box-checks'
import { type Place, warning } from '../reading/problems'

/** Held back lines about boxes, at most; beyond, the habit is clear enough. */
const maxHeld = 1000
/** Boxes of whole decimals miss the edge by less; in pixels. */
const tolerance = 0.001
const none: readonly ImportProblem[] = []

/**
 * Warnings about boxes, and the suspicion that a whole file has corners x1, y1, x2, y2: every box leaves its picture as it
 * stands, and none would as corners. As long as that may be, its boxes are not reported one by one.
 */
export class BoxHabits {
  #held: ImportProblem[] = []
  #count = 0
  #mayBeCorners = true

  check(box: BoxXywh, frame: FrameSize | null, place: Place): readonly ImportProblem[] {
    const found = isOrdinary(box, frame) ? none : boxWarnings(box, frame, place, tolerance)
    if (!this.#mayBeCorners) return found
    this.#count++
    const outside = found.some(({ code }) => code === 'W_BBOX_OUTSIDE_IMAGE')
    this.#mayBeCorners = outside && frame !== null && fitsAsCorners(box, frame)
    if (!this.#mayBeCorners) return [...this.#take(), ...found]
    if (this.#held.length < maxHeld) this.#held.push(...found)
    return []
  }

  /** To be called after the last box of a file. */
  finish(file: string): readonly ImportProblem[] {
    if (!this.#mayBeCorners || this.#count < 2) return this.#take()
    this.#held = []
    const message =
      `All ${this.#count} boxes leave their pictures as x, y, width, height, and none would as corners ` +
      'x1, y1, x2, y2: they may be corners. They are imported as x, y, width, height.'
    return [warning({ file }, 'W_BBOX_LOOKS_XYXY', message)]
  }

  #take(): readonly ImportProblem[] {
    const held = this.#held
    this.#held = []
    return held
  }
}

/** Nearly all boxes are: these need no further look. */
function isOrdinary([x, y, width, height]: BoxXywh, frame: FrameSize | null): boolean {
  const hasExtent = width > 0 && height > 0
  if (frame === null || !hasExtent) return hasExtent
  return x >= 0 && y >= 0 && x + width <= frame.width && y + height <= frame.height
}

function fitsAsCorners([x1, y1, x2, y2]: BoxXywh, { width, height }: FrameSize): boolean {
  return x1 >= 0 && y1 >= 0 && x1 < x2 && y1 < y2 && x2 <= width && y2 <= height
}
