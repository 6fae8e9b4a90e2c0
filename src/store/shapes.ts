import { z } from 'zod'
import type { BoxXywh, PixelReference, Shape } from '../shared/dataset'
import { rleFromText, rleToText } from '../shared/vision/rle-text'
import { parseWith } from './json'

/** The columns that hold a box and what marks an object's pixels. */
export interface ShapeColumns {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly polygons: string | null
  readonly mask: string | null
  readonly mask_width: number | null
  readonly mask_height: number | null
}

export const SHAPE_COLUMNS = 'x, y, width, height, polygons, mask, mask_width, mask_height'

const polygonsSchema = z.array(z.array(z.number()))

export function shapeColumns([x, y, width, height]: BoxXywh, shape?: Shape): ShapeColumns {
  const mask = shape?.mask
  return {
    x,
    y,
    width,
    height,
    polygons: shape?.polygons ? JSON.stringify(shape.polygons) : null,
    mask: mask ? rleToText(mask) : null,
    mask_width: mask?.width ?? null,
    mask_height: mask?.height ?? null,
  }
}

/** In the order of `SHAPE_COLUMNS`. */
export function shapeValues(columns: ShapeColumns): (string | number | null)[] {
  const { x, y, width, height, polygons, mask, mask_width, mask_height } = columns
  return [x, y, width, height, polygons, mask, mask_width, mask_height]
}

export function boxOf({ x, y, width, height }: ShapeColumns): BoxXywh {
  return [x, y, width, height]
}

/** What marks the pixels; undefined if only the box does. */
export function shapeOf(columns: ShapeColumns): Shape | undefined {
  const { polygons, mask, mask_width: width, mask_height: height } = columns
  if (polygons === null && mask === null) return undefined
  return {
    ...(polygons === null ? {} : { polygons: parseWith(polygonsSchema, polygons) }),
    ...(mask === null || width === null || height === null
      ? {}
      : { mask: rleFromText(mask, { width, height }) }),
  }
}

const pixelsSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tile'),
    x: z.number(),
    y: z.number(),
    width: z.number(),
    height: z.number(),
  }),
  z.object({ kind: z.literal('hdf5'), dataset: z.string(), index: z.number() }),
])

export function pixelsFrom(text: string | null): PixelReference | undefined {
  return text === null ? undefined : parseWith(pixelsSchema, text)
}
