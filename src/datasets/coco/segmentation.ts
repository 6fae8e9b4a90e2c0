import type { JsonValue, Shape } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import type { FrameSize } from '../../shared/vision/rle-text'
import { readRle } from '../reading/rle-field'
import { shown } from '../reading/show-value'

/** Beyond this the coordinates of the reference overflow. */
const largestCoordinate = (2 ** 31 - 2) / 5

/**
 * What `segmentation` says: polygons as drawn, or a mask. Undefined for a bare box: no field, null, or empty lists.
 * `frame` is the size of the picture, null if it is not known.
 * @throws AppError E_POLYGON_MALFORMED, E_RLE_MALFORMED, E_RLE_LENGTH, E_RLE_SIZE_MISMATCH
 */
export function readSegmentation(
  value: JsonValue | undefined,
  frame: FrameSize | null,
): Shape | undefined {
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value)) {
    const parts = value as readonly JsonValue[] // Array.isArray forgets the type of the elements
    const polygons = parts.filter((part) => !isEmptyList(part)).map(readPolygon)
    return polygons.length === 0 ? undefined : { polygons }
  }
  if (typeof value !== 'object') throw malformedPolygon(`it is ${shown(value)}`)
  return { mask: readRle(value, frame) }
}

function readPolygon(part: JsonValue): readonly number[] {
  if (!Array.isArray(part)) throw malformedPolygon(`a part of it is ${shown(part)}`)
  const numbers = part as readonly JsonValue[] // as above
  if (numbers.length % 2 === 1) throw malformedPolygon(`it has ${numbers.length} numbers`)
  if (numbers.length < 6) throw malformedPolygon(`it has ${numbers.length / 2} points`)
  return numbers.map((number, i) => {
    if (typeof number === 'number' && Math.abs(number) <= largestCoordinate) return number
    throw malformedPolygon(`its number ${i} is ${shown(number)}`)
  })
}

const isEmptyList = (part: JsonValue) => Array.isArray(part) && part.length === 0

const malformedPolygon = (reason: string) =>
  new AppError(
    'E_POLYGON_MALFORMED',
    `A segmentation cannot be read as polygons: ${reason}.`,
    'It is a list of lists x, y, x, y, … of three points or more, in pixels.',
  )
