import type {
  Attributes,
  ContentCategory,
  ContentImage,
  ContentObject,
  JsonValue,
} from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { polygonsToRle } from '../../shared/vision/polygon'
import type { Rle } from '../../shared/vision/rle'
import { rleToText } from '../../shared/vision/rle-text'
import { annotationCompanions, imageCompanions } from './fields'

// Records in the order of fields that COCO itself uses. What COCO has no field for goes to `attributes`, as several tools do,
// with sorted keys: same content, same bytes.

export function categoryOf({ id, name, supercategory }: ContentCategory) {
  return { id, name, ...(supercategory !== undefined && { supercategory }) }
}

export function imageOf({ id, file, width, height, split, attributes }: ContentImage) {
  return {
    id,
    file_name: file,
    width,
    height,
    ...(split !== null && { split }),
    ...fieldsOfAttributes(attributes, imageCompanions),
  }
}

/** @throws AppError E_BBOX_NOT_FINITE, E_SCORE_NOT_FINITE */
export function annotationOf(object: ContentObject, image: ContentImage) {
  const { id, categoryId, box, area, isCrowd, score, attributes } = object
  if (![...box, area].every(Number.isFinite)) {
    const numbers = [...box, area].join(', ')
    throw notFinite('E_BBOX_NOT_FINITE', image, id, `the box and area ${numbers}`)
  }
  if (score !== undefined && !Number.isFinite(score)) {
    throw notFinite('E_SCORE_NOT_FINITE', image, id, `the score ${score}`)
  }
  return {
    id,
    image_id: image.id,
    category_id: categoryId,
    segmentation: segmentationOf(object, image),
    area,
    bbox: box,
    iscrowd: isCrowd ? 1 : 0,
    ...(score !== undefined && { score }),
    ...fieldsOfAttributes(attributes, annotationCompanions),
  }
}

/** Whether polygons are left out because the mask beside them is not what they enclose. */
export function losesPolygons({ shape, isCrowd }: ContentObject, image: ContentImage): boolean {
  const { mask, polygons = [] } = shape ?? {}
  if (mask === undefined || polygons.length === 0) return false
  return isCrowd || !encloses(polygons, mask, image)
}

/** Polygons as drawn, a mask as text, the mask of a crowd as runs; an empty list for a bare box. */
function segmentationOf(object: ContentObject, image: ContentImage) {
  const { mask, polygons = [] } = object.shape ?? {}
  if (mask === undefined) return polygons
  if (polygons.length > 0 && !object.isCrowd && encloses(polygons, mask, image)) return polygons
  const counts = object.isCrowd ? Array.from(mask.counts) : rleToText(mask)
  return { size: [mask.height, mask.width], counts }
}

function encloses(polygons: readonly (readonly number[])[], mask: Rle, image: ContentImage) {
  return rleToText(polygonsToRle(polygons, image)) === rleToText(mask)
}

/** Attributes that are fields of the format stay such; the others are gathered. */
function fieldsOfAttributes(attributes: Attributes, companions: readonly string[]) {
  const entries = Object.entries(attributes)
  const fields = entries.filter(([key]) => companions.includes(key))
  const others = entries.filter(([key]) => !companions.includes(key))
  return {
    ...(sorted(Object.fromEntries(fields)) as Record<string, JsonValue>), // an object stays one
    ...(others.length > 0 && { attributes: sorted(Object.fromEntries(others)) }),
  }
}

/** The same value with all keys in order. */
function sorted(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).map(([key, member]) => [key, sorted(member)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function notFinite(code: string, image: ContentImage, id: number, what: string): AppError {
  return new AppError(
    code,
    `${showPath(image.file)}: object ${id} has ${what}, which is not finite.`,
    'Correct or remove this object; JSON has no such numbers.',
  )
}
