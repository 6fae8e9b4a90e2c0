import type { ImportProblem } from '../../shared/dataset'
import { showPath } from '../../shared/image-errors'
import { rleArea, type Rle } from '../../shared/vision/rle'
import { warning } from '../reading/problems'

/** The mask of one photograph, as its file has it. */
export interface MaskContent {
  readonly width: number
  readonly height: number
  /** One for each patch that the file tells apart, else one for all. Each of this size. As runs: pixels take more. */
  readonly instances: readonly Rle[]
  readonly problems: readonly ImportProblem[]
}

/** What is odd about a mask whatever its form: nothing set, or more than half of the picture. */
export function coverageProblems(
  file: string,
  instances: readonly Rle[],
): readonly ImportProblem[] {
  const area = instances.reduce((sum, mask) => sum + rleArea(mask), 0)
  const pixels = (instances[0]?.width ?? 0) * (instances[0]?.height ?? 0)
  const shown = showPath(file)
  if (area === 0) {
    return [warning({ file }, 'W_MASK_EMPTY', `The mask ${shown} is empty: no pixel is set.`)]
  }
  if (2 * area <= pixels) return []
  const percent = Math.round((100 * area) / pixels)
  const message = `The mask ${shown} covers ${percent} % of its picture; it may be inverted.`
  return [warning({ file }, 'W_MASK_COVERS_MOST', message)]
}
