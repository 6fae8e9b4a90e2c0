import type { JsonValue } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import type { Rle } from '../../shared/vision/rle'
import { type FrameSize, rleFromCounts, rleFromText } from '../../shared/vision/rle-text'
import { isNumbers } from './box-field'
import { isObject } from './json-fields'
import { isUsableFrame } from './outlines'
import { shown } from './show-value'

/**
 * A mask of run lengths as COCO has it: `{"size": [height, width], "counts": text or list}`. `frame` is the size of the
 * picture, null if it is not known.
 * @throws AppError E_RLE_SIZE_MISMATCH, E_RLE_MALFORMED, E_RLE_LENGTH
 */
export function readRle(value: JsonValue | undefined, frame: FrameSize | null): Rle {
  const { size, counts } = isObject(value) ? value : { size: undefined, counts: undefined }
  if (!isNumbers(size) || size.length !== 2) throw malformed(`its size is ${shown(size)}`)
  const own = { height: size[0]!, width: size[1]! }
  const isOther = frame !== null && (own.height !== frame.height || own.width !== frame.width)
  if (isOther || !isUsableFrame(own)) throw wrongSize(own, frame)
  if (typeof counts === 'string') return rleFromText(counts, own)
  if (isNumbers(counts)) return rleFromCounts(counts, own)
  throw malformed(`its counts are ${shown(counts)}`)
}

/** As `readRle`; undefined for what is no mask of run lengths, such as polygons. */
export function readRleIfThere(
  value: JsonValue | undefined,
  frame: FrameSize | null,
): Rle | undefined {
  return isObject(value) && value['counts'] !== undefined ? readRle(value, frame) : undefined
}

function wrongSize(own: FrameSize, frame: FrameSize | null): AppError {
  const picture =
    frame === null ? '' : `, and its picture ${frame.height} rows and ${frame.width} columns`
  const isTurned = frame !== null && frame.height === own.width && frame.width === own.height
  return new AppError(
    'E_RLE_SIZE_MISMATCH',
    `A mask has ${own.height} rows and ${own.width} columns${picture}${isTurned ? ': they are exchanged' : ''}.`,
    'The size of a mask is [height, width] of its picture.',
  )
}

const malformed = (reason: string) =>
  new AppError(
    'E_RLE_MALFORMED',
    `A run-length mask cannot be read: ${reason}.`,
    'It has a size [height, width] and counts, a list of runs or their text.',
  )
