import type { JsonValue } from '../../../shared/dataset'
import { AppError } from '../../../shared/errors'
import { rleFromCounts, rleFromText, type FrameSize } from '../../../shared/vision/rle-text'
import type { Rle } from '../../../shared/vision/rle'
import { isObject } from '../json-fields'
import { shortJson } from './json-fields'

/**
 * A `segmentation` with runs: `{"size": [height, width], "counts": text or list}`. Undefined for anything else.
 * @param frame size of the picture, if known: a mask of another size is refused
 * @throws AppError E_RLE_SIZE_MISMATCH, E_RLE_MALFORMED, E_RLE_LENGTH
 */
export function readRleField(
  value: JsonValue | undefined,
  frame: FrameSize | null,
): Rle | undefined {
  if (!isObject(value) || value['counts'] === undefined) return undefined
  const { size, counts } = value
  const sides: readonly JsonValue[] = Array.isArray(size) ? size : []
  const [height, width] = sides
  if (typeof height !== 'number' || typeof width !== 'number') {
    throw wrongSize(`is ${shortJson(size)}`)
  }
  if (frame && (frame.height !== height || frame.width !== width)) {
    const swapped = frame.height === width && frame.width === height
    throw wrongSize(
      `is ${height}x${width} and the picture has ${frame.height} rows and ${frame.width} columns` +
        (swapped ? '; height and width are exchanged' : ''),
    )
  }
  if (typeof counts === 'string') return rleFromText(counts, { height, width })
  if (Array.isArray(counts) && counts.every((count) => typeof count === 'number')) {
    return rleFromCounts(counts, { height, width })
  }
  throw new AppError(
    'E_RLE_MALFORMED',
    `The runs of a mask are ${shortJson(counts)}, neither text nor a list of numbers`,
    'Write the mask again, for example with pycocotools.mask.encode.',
  )
}

function wrongSize(what: string): AppError {
  return new AppError(
    'E_RLE_SIZE_MISMATCH',
    `The size of a run-length mask ${what}`,
    'The size is [height, width] of the picture that the mask belongs to.',
  )
}
