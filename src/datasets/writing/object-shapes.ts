import type { BoxXywh, ContentImage, ContentObject } from '../../shared/dataset'
import { maskToPolygons } from '../../shared/vision/outline'
import { polygonsToRle } from '../../shared/vision/polygon'
import { type Rle, rleArea, rleBox } from '../../shared/vision/rle'
import { rleToCrop } from '../reading/mask-crops'
import { boundsOf } from '../reading/outlines'

/** The pixels of an object that has a shape: its mask, or its polygons filled. Null for a bare box. */
export function maskOfObject({ shape }: ContentObject, frame: ContentImage): Rle | null {
  if (shape?.mask !== undefined) return shape.mask
  const polygons = shape?.polygons ?? []
  return polygons.length === 0 ? null : polygonsToRle(polygons, frame)
}

/** The polygon of an object that was drawn as just one; null for several, masks and boxes. */
export function onlyPolygon({ shape }: ContentObject): readonly number[] | null {
  const polygons = shape?.polygons ?? []
  return polygons.length === 1 ? (polygons[0] ?? null) : null
}

/** One ring, as formats without parts and holes want it. */
export interface Ring {
  readonly points: readonly number[]
  /** Holes of the mask were closed. */
  readonly closesHoles: boolean
  /** Several parts were joined by seams that have no width. */
  readonly joinsParts: boolean
}

/**
 * An object as one ring: its polygon as drawn, the outline of its mask, or the corners of its box. Null where nothing is
 * set in the mask.
 */
export function ringOfObject(object: ContentObject, image: ContentImage): Ring | null {
  const only = onlyPolygon(object)
  if (only !== null) return { points: only, closesHoles: false, joinsParts: false }
  const mask = maskOfObject(object, image)
  if (mask === null) {
    return { points: cornersOf(object.box), closesHoles: false, joinsParts: false }
  }
  const drawn = object.shape?.polygons ?? []
  const isKept = drawn.length > 1 && !overlap(drawn, image)
  // Islands in holes lie under the closed holes, so outlines are taken of what their filling gives.
  const filled = isKept ? mask : polygonsToRle(outlinesOf(mask), image)
  const [first, ...others] = isKept ? drawn : outlinesOf(filled)
  if (first === undefined) return null
  const closesHoles = rleArea(filled) !== rleArea(mask)
  return { points: joined(first, others), closesHoles, joinsParts: others.length > 0 }
}

export function cornersOf([x, y, width, height]: BoxXywh): number[] {
  return [x, y, x + width, y, x + width, y + height, x, y + height]
}

/** Outer outlines of the mask, in pixels of the picture. */
function outlinesOf(mask: Rle): readonly (readonly number[])[] {
  const { left, top, width, height, bits } = rleToCrop(mask)
  if (width === 0) return []
  const outlines = maskToPolygons({ width, height, bits })
  return outlines.map((points) => points.map((value, i) => value + (i % 2 === 0 ? left : top)))
}

/** Joined rings alternate where they overlap, so only separate ones may be joined as drawn. */
function overlap(polygons: readonly (readonly number[])[], image: ContentImage): boolean {
  const single = polygons.map((points) => rleArea(polygonsToRle([points], image)))
  const sum = single.reduce((total, area) => total + area, 0)
  return sum !== rleArea(polygonsToRle(polygons, image))
}

/** Goes from the first corner to each further ring, around it and back: the way there and back encloses nothing. */
function joined(
  first: readonly number[],
  others: readonly (readonly number[])[],
): readonly number[] {
  if (others.length === 0) return first
  const start = first.slice(0, 2)
  return [...first, ...start, ...others.flatMap((ring) => [...ring, ...ring.slice(0, 2), ...start])]
}

/**
 * The box of whole pixels in which a mask is written: the object's own where it can hold the mask, else the tight one, so
 * that boxes beside masks survive where they can. Null for a mask in which nothing is set and that has no such box.
 */
function maskBoxOf({ box }: ContentObject, mask: Rle): BoxXywh | null {
  const tight = rleBox(mask)
  const [x, y, width, height] = box
  const isWhole = box.every((value) => Number.isSafeInteger(value))
  const isInFrame = x >= 0 && y >= 0 && x + width <= mask.width && y + height <= mask.height
  const holdsMask =
    tight[2] === 0 ||
    (x <= tight[0] &&
      y <= tight[1] &&
      x + width >= tight[0] + tight[2] &&
      y + height >= tight[1] + tight[3])
  if (isWhole && isInFrame && width > 0 && height > 0 && holdsMask) return box
  return tight[2] === 0 ? null : tight
}

/**
 * How formats write an object that have boxes, single polygons and masks in a box of whole pixels: as it was drawn if that
 * is one polygon, else its mask, else its box.
 */
export type WrittenShape =
  | { readonly kind: 'box'; readonly box: BoxXywh }
  | { readonly kind: 'polygon'; readonly box: BoxXywh; readonly points: readonly number[] }
  | { readonly kind: 'mask'; readonly box: BoxXywh; readonly mask: Rle }

/** `box` of the answer is the one that readers will find. An empty mask without a box to stand in becomes its bare box. */
export function writtenShape(object: ContentObject, image: ContentImage): WrittenShape {
  const points = onlyPolygon(object)
  if (points !== null) return { kind: 'polygon', box: boundsOf([points]), points }
  const mask = maskOfObject(object, image)
  const box = mask === null ? null : maskBoxOf(object, mask)
  if (mask === null || box === null) return { kind: 'box', box: object.box }
  return { kind: 'mask', box, mask }
}

export function sameBox(a: BoxXywh, b: BoxXywh, tolerance = 1e-6): boolean {
  return a.every((value, i) => Math.abs(value - b[i]!) <= tolerance)
}
