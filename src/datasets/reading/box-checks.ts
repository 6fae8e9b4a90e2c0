import type { BoxXywh, ImportProblem } from '../../shared/dataset'
import type { FrameSize } from '../../shared/vision/rle-text'
import { type Place, warning } from './problems'

/**
 * What is odd about a box that is kept as it is: no extent, or parts outside the picture by more than `tolerance` pixels.
 * `frame` is null where the size of the picture is not known.
 */
export function boxWarnings(
  [x, y, width, height]: BoxXywh,
  frame: FrameSize | null,
  place: Place,
  tolerance = 1e-6,
): readonly ImportProblem[] {
  const text = `[${[x, y, width, height].join(', ')}]`
  const found: ImportProblem[] = []
  if (width === 0 || height === 0) {
    found.push(warning(place, 'W_BBOX_EMPTY', `The box ${text} has no extent.`))
  }
  const beyond =
    frame === null ? 0 : Math.max(-x, -y, x + width - frame.width, y + height - frame.height)
  if (frame !== null && beyond > tolerance) {
    const size = `${frame.width}x${frame.height}`
    found.push(
      warning(place, 'W_BBOX_OUTSIDE_IMAGE', `The box ${text} leaves its picture of ${size}.`),
    )
  }
  return found
}
