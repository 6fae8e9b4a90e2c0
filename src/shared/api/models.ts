import { z } from 'zod'
import { detection } from './image'
import { read, write } from './define'
import {
  attributes,
  count,
  errorRecord,
  id,
  nothing,
  pictureRef,
  shortText,
  startedJob,
} from './values'

export const modelListing = z.object({
  id: z.string(),
  name: z.string(),
  /** shipped and project: on this machine; catalog: can be pulled. */
  source: z.enum(['shipped', 'project', 'catalog']),
  available: z.boolean(),
  downloadable: z.boolean(),
  task: z.string().nullable(),
  family: z.string().nullable(),
  input: z
    .object({ width: count, height: count, dynamic: z.boolean(), channels: count })
    .nullable(),
  classes: z.array(z.string()),
  licence: z.string().nullable(),
  origin: z.string().nullable(),
  sizeBytes: count.nullable(),
  sha256: z.string().nullable(),
  metrics: attributes,
  /** Runs that were made with it. */
  runs: count,
  /** What is wrong with it. */
  error: errorRecord.nullable(),
  /** The whole card, to read. */
  card: attributes.nullable(),
})

const overrides = z.record(z.string().max(100), z.json())

export const modelProcedures = {
  'models.list': read(
    'Models on this machine, and those of the catalogue.',
    nothing,
    z.object({ models: z.array(modelListing) }),
  ),
  'models.inspect': write(
    'Looks at a granted .onnx file: is it safe, what is it taken for, what is not clear. Stores nothing.',
    z.strictObject({ grant: z.string().max(100) }),
    z.object({
      fileName: z.string(),
      sha256: z.string(),
      sizeBytes: count,
      parameters: count.nullable(),
      inputs: z.array(z.object({ name: z.string(), type: z.string(), dims: z.string() })),
      outputs: z.array(z.object({ name: z.string(), type: z.string(), dims: z.string() })),
      probe: z.object({
        ok: z.boolean(),
        ms: z.number().nullable(),
        error: errorRecord.nullable(),
      }),
      /** Null where nothing tells for sure how to read it. */
      card: attributes.nullable(),
      cardFrom: z.enum(['beside', 'catalog', 'proposal']).nullable(),
      proposals: z.array(
        z.object({ family: z.string(), reasons: z.array(z.string()), card: attributes }),
      ),
      questions: z.array(z.object({ field: z.string(), question: z.string() })),
    }),
  ),
  'models.try': write(
    'Runs the file with a proposed card on a picture of the project, to see whether the boxes look right. Stores nothing.',
    z.strictObject({
      grant: z.string().max(100),
      family: shortText.optional(),
      overrides: overrides.optional(),
      /** A drawn scene where there is none. */
      imageId: id.nullable(),
    }),
    z.object({
      card: attributes,
      detections: z.array(detection),
      picture: pictureRef,
      width: count,
      height: count,
      ms: z.number(),
    }),
  ),
  'models.add': write(
    'Stores the model with its card in the project.',
    z.strictObject({
      grant: z.string().max(100),
      id: z
        .string()
        .regex(/^[a-z0-9][a-z0-9._-]{0,79}$/)
        .optional(),
      family: shortText.optional(),
      overrides: overrides.optional(),
    }),
    z.object({ model: modelListing }),
  ),
  'models.pull': write(
    'Downloads a model of the catalogue and checks its SHA-256; a job.',
    z.strictObject({ id: shortText }),
    startedJob,
  ),
  'models.verify': write(
    'Compares every model on this machine with its digest and card.',
    nothing,
    z.object({
      models: z.array(z.object({ id: z.string(), ok: z.boolean(), error: errorRecord.nullable() })),
    }),
  ),
  'models.remove': write(
    'Deletes a model of the project; runs made with it stay readable.',
    z.strictObject({ id: shortText }),
    nothing,
  ),
}
