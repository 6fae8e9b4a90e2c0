import { z } from 'zod'

const positive = z.number().positive()
const side = z.int().min(1).max(65_536)
const triple = z.tuple([z.number(), z.number(), z.number()])

/**
 * How an `RgbImage` becomes the model's input tensor: resize, then `(v * range / 255 - mean) / std` per channel of the
 * model's own channel order, then the layout.
 */
export const modelInputSchema = z.strictObject({
  name: z.string().min(1).describe('Name of the input tensor'),
  layout: z.enum(['nchw', 'nhwc']).default('nchw'),
  type: z.enum(['float32', 'uint8']).default('float32'),
  width: side.describe('Width in pixels; the working width where the model is dynamic'),
  height: side,
  dynamic: z.boolean().default(false).describe('The model takes any width and height'),
  multipleOf: z
    .int()
    .min(1)
    .default(1)
    .describe('Dynamic sizes are rounded up to a multiple of this'),
  range: z.union([z.literal(1), z.literal(255)]).describe('White is 1 or 255 before mean and std'),
  mean: triple.default([0, 0, 0]).describe('In model channel order, on the scale of range'),
  std: z.tuple([positive, positive, positive]).default([1, 1, 1]),
  channelOrder: z.enum(['rgb', 'bgr']),
  resize: z.enum(['letterbox', 'stretch']),
  anchor: z
    .enum(['top-left', 'center'])
    .default('top-left')
    .describe('Where a letterboxed picture lies'),
  interpolation: z.enum(['linear', 'area']).default('linear'),
  pad: z
    .number()
    .min(0)
    .max(255)
    .default(0)
    .describe('Border value in bytes, before normalisation'),
  channels: z
    .union([z.literal(1), z.literal(3)])
    .default(3)
    .describe('1: a grey picture, and channelOrder says nothing'),
  encoding: z
    .enum(['plain', 'pair'])
    .default('plain')
    .describe('pair: x and 1 - x, twice the channels; ablated pixels are 0 in all of them'),
})

export const nmsSchema = z.strictObject({
  iou: z.number().min(0).max(1),
  perClass: z.boolean().default(true),
  method: z.enum(['hard', 'soft']).default('hard'),
})

/** Channels of the input tensor: those of the picture, twice where x and 1 - x are given. */
export function tensorChannels({
  channels,
  encoding,
}: Pick<ModelInput, 'channels' | 'encoding'>): number {
  return encoding === 'pair' ? 2 * channels : channels
}

/**
 * `model.json`: everything needed to feed a model and to read its answer. `output` has `family` (the id of an adapter in
 * `src/detectors`) and what that family needs; the adapter's own schema checks the rest.
 */
export const modelCardSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,79}$/, 'lower case letters, digits, dots and hyphens'),
  name: z.string().min(1).optional(),
  task: z.enum(['detect', 'segment-patch', 'classify', 'detect-gradient']),
  file: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  licence: z.string().min(1),
  origin: z.string().min(1),
  input: modelInputSchema,
  output: z.looseObject({ family: z.string().min(1) }),
  classes: z.array(z.string().min(1)).default([]),
  scoreThreshold: z.number().min(0).max(1).default(0.5),
  nms: nmsSchema.optional(),
  trainedOn: z.string().optional(),
  metrics: z.record(z.string(), z.unknown()).optional(),
  limits: z.string().optional(),
})

export type ModelInput = z.infer<typeof modelInputSchema>
export type NmsSettings = z.infer<typeof nmsSchema>
export type ModelCard = z.infer<typeof modelCardSchema>
