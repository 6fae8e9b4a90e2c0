import type { JsonValue, Shape } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import type { Rle } from '../../shared/vision/rle'
import { type FrameSize, rleFromCounts, rleFromText } from '../../shared/vision/rle-text'
import { fieldsOf } from './fields'
import { shown } from './ids'

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

function readRle(value: JsonValue, frame: FrameSize | null): Rle {
  const { size, counts } = fieldsOf(value)
  const own = readSize(size)
  if (frame !== null && (own.width !== frame.width || own.height !== frame.height)) {
    throw new AppError(
      'E_RLE_SIZE_MISMATCH',
      `A mask has ${own.height} rows and ${own.width} columns, and its picture ${frame.height} and ${frame.width}.`,
      'The size of a mask is [height, width] of its picture.',
    )
  }
  if (typeof counts === 'string') return rleFromText(counts, own)
  if (!Array.isArray(counts)) throw malformedRle(`its counts are ${shown(counts)}`)
  const runs = counts as readonly JsonValue[] // as above
  const odd = runs.findIndex((run) => typeof run !== 'number')
  if (odd >= 0) throw malformedRle(`its run ${odd} is ${shown(runs[odd])}`)
  return rleFromCounts(runs as readonly number[], own) // checked by the line above
}

function readSize(size: JsonValue | undefined): FrameSize {
  const [height, width, more] = Array.isArray(size) ? (size as readonly JsonValue[]) : []
  if (typeof height === 'number' && typeof width === 'number' && more === undefined) {
    return { height, width }
  }
  throw malformedRle(`its size is ${shown(size)}`)
}

const isEmptyList = (part: JsonValue) => Array.isArray(part) && part.length === 0

const malformedPolygon = (reason: string) =>
  new AppError(
    'E_POLYGON_MALFORMED',
    `A segmentation cannot be read as polygons: ${reason}.`,
    'It is a list of lists x, y, x, y, … of three points or more, in pixels.',
  )

const malformedRle = (reason: string) =>
  new AppError(
    'E_RLE_MALFORMED',
    `A run-length mask cannot be read: ${reason}.`,
    'It has a size [height, width] and counts, a list of runs or their text.',
  )
