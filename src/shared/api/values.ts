import { z } from 'zod'

/** Ids of rows of the project: whole numbers from 1. */
export const id = z.int().min(1)
export const ids = z.array(id).max(10_000)
export const count = z.int().min(0)
/** 0..1. */
export const fraction = z.number().min(0).max(1)
export const milliseconds = z.number()
/** Names and words that people type. */
export const shortText = z.string().min(1).max(500)
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

export const nothing = z.strictObject({})

export const errorRecord = z.object({ code: z.string(), message: z.string(), hint: z.string() })
export type ApiError = z.infer<typeof errorRecord>

const coordinate = z.number().min(-1e6).max(1e6)
/** `[x1, y1, x2, y2]`, pixels of the upright picture, origin top left. */
export const boxXyxy = z.tuple([coordinate, coordinate, coordinate, coordinate])
/** `[x, y, width, height]`, same frame: the form of annotations. */
export const boxXywh = z.tuple([coordinate, coordinate, coordinate, coordinate])

/** COCO's compressed run-length text; the frame is that of the picture. */
export const rle = z.object({ width: z.int().min(1), height: z.int().min(1), text: z.string() })
export type ApiRle = z.infer<typeof rle>

/** Flat lists x, y, x, y … in pixel edges, one for each part. */
export const polygons = z.array(z.array(coordinate).min(6).max(20_000)).max(1_000)

export const shape = z.object({ polygons: polygons.optional(), mask: rle.optional() })

/** JSON values by name, as annotations and manifests carry them. */
export const attributes = z.record(z.string(), z.json())

/** Values of a plug-in's settings; the plug-in's own schema checks them. */
export const settings = z.record(z.string().max(100), z.json())

/** JSON Schema (draft 2020-12) of a plug-in's settings: types, ranges, defaults and help of every field. */
export const jsonSchema = z.record(z.string(), z.json())

/** Keyset paging: `after` is a cursor of an earlier page of the same list. */
export const pageRequest = z.strictObject({
  limit: z.int().min(1).max(1_000).optional(),
  after: z.string().max(100).nullable().optional(),
})

/** `next` continues the list; null after its last row. */
export const pageOf = <R extends z.ZodType>(row: R) =>
  z.object({ rows: z.array(row), next: z.string().nullable() })

export const boundedCount = z.object({
  count,
  /** False: at least so many. */
  isExact: z.boolean(),
})

/** A job was started: follow it by the event `job`, or by `jobs.get`. */
export const startedJob = z.object({ jobId: id })

/** A picture that can be fetched: `mediaUrl(imageId, kind, version)`. Image 0: a picture of no image of the project. */
export const pictureRef = z.object({ imageId: count, kind: z.string(), version: z.string() })
