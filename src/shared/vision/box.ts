/**
 * `[x1, y1, x2, y2]` in pixels of the source image, floats, origin at the outer corner of the top-left pixel.
 * Width is `x2 - x1`; pixel (i, j) covers `[j, j + 1) x [i, i + 1)`. Boxes may leave the image.
 */
export type BoxXyxy = readonly [x1: number, y1: number, x2: number, y2: number]

/** One object found by a detector. `score` is in 0..1, `classId` indexes the detector's `classNames`. */
export interface Detection {
  readonly box: BoxXyxy
  readonly score: number
  readonly classId: number
}
