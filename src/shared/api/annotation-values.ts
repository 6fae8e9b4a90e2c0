import { z } from 'zod'
import { patchStatus } from './filter'
import { attributes, boxXywh, id, shape } from './values'

/** Ground truth: an object in the picture. */
export const object = z.object({
  id,
  imageId: id,
  class: z.string(),
  box: boxXywh,
  shape: shape.nullable(),
  area: z.number(),
  isCrowd: z.boolean(),
  attributes,
})
export type ApiObject = z.infer<typeof object>

/** How a patch was drawn, where that says more than its mask; circles and rectangles keep their handles by it. */
export const drawnAs = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rectangle') }),
  z.strictObject({ kind: z.literal('circle') }),
  z.strictObject({ kind: z.literal('polygon') }),
  z.strictObject({ kind: z.literal('brush') }),
  /** A completed shape: the side in pixels and the rung that it came from. */
  z.strictObject({
    kind: z.literal('completed'),
    side: z.number().min(0).max(100_000).optional(),
    rung: z.int().min(0).max(99).optional(),
    q: z.number().min(-1e6).max(1e6).optional(),
  }),
])

export const patch = z.object({
  id,
  imageId: id,
  box: boxXywh,
  shape: shape.nullable(),
  name: z.string().nullable(),
  target: z.string().nullable(),
  author: z.enum(['imported', 'drawn', 'segmenter']),
  /** Model that proposed it. */
  segmenter: z.string().nullable(),
  status: patchStatus,
  drawnAs: drawnAs.nullable(),
  attributes,
})
export type ApiPatch = z.infer<typeof patch>
