import { z } from 'zod'
import { AppError } from '../errors'

// The parts of COCO files that evaluation reads; everything else in them is passed over.

const box = z.array(z.number()).refine((numbers) => numbers.length === 4 || numbers.length === 0, {
  message: 'a box is x, y, width, height',
})
const size = z.tuple([z.number(), z.number()])
const segmentation = z.union([
  z.array(z.array(z.number())),
  z.object({ size, counts: z.union([z.string(), z.array(z.number())]) }),
])

const groundTruthSchema = z.object({
  images: z.array(
    z.object({
      id: z.number(),
      file_name: z.string().optional(),
      width: z.number().optional(),
      height: z.number().optional(),
    }),
  ),
  categories: z.array(z.object({ id: z.number(), name: z.string().optional() })),
  annotations: z.array(
    z.object({
      id: z.number(),
      image_id: z.number(),
      category_id: z.number(),
      bbox: box.optional(),
      area: z.number().optional(),
      iscrowd: z.union([z.number(), z.boolean()]).nullish(),
      segmentation: segmentation.nullish(),
    }),
  ),
})

const resultsSchema = z.array(
  z.object({
    image_id: z.number(),
    category_id: z.number(),
    score: z.number(),
    bbox: box.optional(),
    segmentation: segmentation.nullish(),
  }),
)

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

/** A COCO detection file, ids as in the file, boxes `x, y, width, height` in pixels. */
export type CocoGroundTruth = DeepReadonly<z.infer<typeof groundTruthSchema>>
export type CocoAnnotation = CocoGroundTruth['annotations'][number]
export type CocoSegmentation = NonNullable<CocoAnnotation['segmentation']>
/** One record of a COCO results file. */
export type CocoResult = DeepReadonly<z.infer<typeof resultsSchema>[number]>

/**
 * Checks a parsed COCO detection file.
 * @throws AppError E_COCO_NO_IMAGES, E_BBOX_MALFORMED, E_POLYGON_MALFORMED, E_COCO_MALFORMED
 */
export function parseCocoGroundTruth(document: unknown): CocoGroundTruth {
  if (typeof document !== 'object' || document === null || !('images' in document)) {
    throw new AppError(
      'E_COCO_NO_IMAGES',
      'The ground truth has no list "images"',
      'Give a COCO detection file; a results file (a list of detections) belongs to the other option.',
    )
  }
  const parsed = groundTruthSchema.safeParse(document)
  if (parsed.success) return parsed.data
  throw malformed('ground truth', parsed.error)
}

/**
 * Checks a parsed COCO results file. A whole COCO document with scores, as the exporter `coco` writes it, is accepted too.
 * @throws AppError E_BBOX_MALFORMED, E_POLYGON_MALFORMED, E_COCO_MALFORMED
 */
export function parseCocoResults(document: unknown): readonly CocoResult[] {
  const isDocument = typeof document === 'object' && document !== null && 'annotations' in document
  const parsed = resultsSchema.safeParse(isDocument ? document.annotations : document)
  if (parsed.success) return parsed.data
  throw malformed('results', parsed.error)
}

function malformed(what: string, error: z.ZodError): AppError {
  const [issue] = error.issues
  const path = issue?.path ?? []
  const code = path.includes('bbox')
    ? 'E_BBOX_MALFORMED'
    : path.includes('segmentation')
      ? 'E_POLYGON_MALFORMED'
      : 'E_COCO_MALFORMED'
  const place = path.length > 0 ? path.join('.') : 'the document'
  return new AppError(
    code,
    `The ${what} cannot be read: ${place}: ${issue?.message ?? 'unexpected content'}`,
    'See https://cocodataset.org/#format-data and #format-results for what each record holds.',
  )
}
