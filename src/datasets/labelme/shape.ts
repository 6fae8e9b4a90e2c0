import type { Attributes, BoxXywh, ImportedObject, JsonValue } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { maskSizeMismatch } from '../../shared/image-errors'
import { rleArea } from '../../shared/vision/rle'
import type { FrameSize } from '../../shared/vision/rle-text'
import { base64ToBytes } from '../reading/base64'
import { cropToRle, isInside } from '../reading/mask-crops'
import { decodeMaskPng, maskOf } from '../reading/mask-png'
import { boundsOf, ellipseOutline, isUsableFrame, outlinedObject } from '../reading/outlines'
import { asObject, flagsOf } from './document'

type Geometry = Pick<ImportedObject, 'box' | 'shape' | 'area'>

export interface LabelmeShape {
  readonly label: string
  readonly geometry: Geometry
  readonly attributes: Attributes
}

/**
 * Reads one shape. `frame` is null where the size of the picture is not known.
 * @throws AppError that says why this shape cannot be an object: E_BBOX_MALFORMED, E_BBOX_NOT_FINITE, E_POLYGON_MALFORMED,
 * E_ANN_CATEGORY_UNKNOWN, E_MASK_SIZE_MISMATCH, E_IMAGE_…
 */
export function readShape(value: JsonValue, frame: FrameSize | null, file: string): LabelmeShape {
  const shape = asObject(value)
  if (shape === null) throw fault('E_BBOX_MALFORMED', 'The shape is no object')
  const label = shape['label']
  if (typeof label !== 'string' || label === '') {
    throw fault('E_ANN_CATEGORY_UNKNOWN', `The label ${JSON.stringify(label ?? null)} is no text`)
  }
  return { label, geometry: geometryOf(shape, frame, file), attributes: attributesOf(shape) }
}

function geometryOf(
  shape: Readonly<Record<string, JsonValue>>,
  frame: FrameSize | null,
  file: string,
): Geometry {
  const type = shape['shape_type'] ?? 'polygon'
  const points = pointsOf(shape['points'], type === 'polygon')
  const count = points.length / 2
  if ((type === 'polygon' || type === 'rotation') && count >= 3) {
    return outlinedObject([points], frame)
  }
  // Newer tools write all four corners.
  if (type === 'rectangle' && (count === 2 || count === 4)) return bareBox(boundsOf([points]))
  if (type === 'circle' && count === 2) return circle(points, frame)
  if (type === 'mask' && count === 2) return maskGeometry(points, shape['mask'], frame, file)
  if (type === 'polygon') throw fault('E_POLYGON_MALFORMED', `The polygon has ${count} points`)
  throw fault(
    'E_BBOX_MALFORMED',
    `A shape of type ${JSON.stringify(type)} with ${count} points is no area`,
  )
}

function pointsOf(value: JsonValue | undefined, isPolygon: boolean): readonly number[] {
  const code = isPolygon ? 'E_POLYGON_MALFORMED' : 'E_BBOX_MALFORMED'
  if (!Array.isArray(value)) throw fault(code, 'The shape has no list of points')
  const points: number[] = []
  for (const point of value as readonly JsonValue[]) {
    const pair: readonly JsonValue[] = Array.isArray(point) ? point : []
    const [x, y] = pair
    if (pair.length !== 2 || typeof x !== 'number' || typeof y !== 'number') {
      throw fault(code, `Point ${points.length / 2} is no pair of numbers`)
    }
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      throw fault('E_BBOX_NOT_FINITE', `Point ${points.length / 2} is not finite`)
    }
    if (Math.max(Math.abs(x), Math.abs(y)) > largest) {
      throw fault(code, `Point ${points.length / 2} is further away than any picture is wide`)
    }
    points.push(x, y)
  }
  return points
}

/** Sizes and areas of coordinates up to here are finite. */
const largest = 1e9

function bareBox(box: BoxXywh): Geometry {
  return { box, area: box[2] * box[3] }
}

/** Centre and a point on the rim. The box is the circle's, the outline a polygon. */
function circle(points: readonly number[], frame: FrameSize | null): Geometry {
  const [x = 0, y = 0, rimX = 0, rimY = 0] = points
  const radius = Math.hypot(rimX - x, rimY - y)
  const box: BoxXywh = [x - radius, y - radius, 2 * radius, 2 * radius]
  return outlinedObject([ellipseOutline(x, y, radius, radius)], frame, box)
}

/** The first and the last pixel of a crop, and the crop as a PNG in base64. */
function maskGeometry(
  points: readonly number[],
  mask: JsonValue | undefined,
  frame: FrameSize | null,
  file: string,
): Geometry {
  const [left, top] = boundsOf([points])
  const [, , right, bottom] = boundsOf([points]).map((value, i) => value + (i === 2 ? left : top))
  const place = { left, top, width: right! - left + 1, height: bottom! - top + 1 }
  if (!isUsableFrame(frame) || !isInside(place, frame)) {
    const size = frame === null ? 'unknown size' : `${frame.width}x${frame.height}`
    throw fault(
      'E_MASK_SIZE_MISMATCH',
      `The mask from ${left}, ${top} to ${right}, ${bottom} is not inside its picture of ${size}`,
    )
  }
  const bytes = typeof mask === 'string' ? base64ToBytes(mask) : null
  if (bytes === null) throw fault('E_IMAGE_CORRUPT', 'The mask is no text in base64')
  const png = decodeMaskPng(bytes, file)
  if (png.width !== place.width || png.height !== place.height) {
    throw maskSizeMismatch(file, png, place)
  }
  const rle = cropToRle({ ...place, bits: maskOf(png).bits }, frame)
  return { box: [left, top, place.width, place.height], shape: { mask: rle }, area: rleArea(rle) }
}

/** Members of a shape that are kept aside, where they say something. */
function attributesOf(shape: Readonly<Record<string, JsonValue>>): Attributes {
  const { group_id: group, description } = shape
  return {
    ...(group !== undefined && group !== null ? { group_id: group } : {}),
    ...(typeof description === 'string' && description !== '' ? { description } : {}),
    ...flagsOf(shape['flags']),
  }
}

function fault(code: string, message: string): AppError {
  return new AppError(code, `${message}.`, 'Correct the shape in LabelMe.')
}
