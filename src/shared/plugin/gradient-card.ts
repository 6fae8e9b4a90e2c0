import { z } from 'zod'
import type { ModelCard } from '../model-card'
import { parseFamilyCard } from './family-card'
import type { FamilyCard } from './family-card'
import type { Tensor } from './model-host'
import type { Outputs } from './output-family'
import { assertFinite, unexpectedOutputs } from './output-tensors'

/** A side of a target: fixed, or that of the picture: n pictures, h lines, w columns. */
const sideSchema = z.union([z.int().min(1), z.enum(['n', 'h', 'w'])])

export const gradientTargetSchema = z.strictObject({
  name: z.string().min(1).describe('Name of the input tensor, float32'),
  dims: z.array(sideSchema).min(1),
  meaning: z.string().min(1),
  default: z.number().optional().describe('Value of all entries where the caller gives none'),
})

/**
 * `output` of a card with the task `detect-gradient`: a graph that takes a picture and targets, and returns one number,
 * the loss, and its derivative by each value of the picture tensor.
 */
export const gradientOutputSchema = z.looseObject({
  family: z.string().min(1),
  loss: z.string().min(1).describe('Output with the loss, one number'),
  gradient: z.string().min(1).describe('Output of the shape of the picture tensor'),
  answer: z.string().min(1).optional().describe("Output with the underlying model's own answer"),
  formula: z.string().min(1),
  targets: z.array(gradientTargetSchema).default([]),
})

export type GradientTarget = z.infer<typeof gradientTargetSchema>
export type GradientCard = FamilyCard<typeof gradientOutputSchema>

/** Batch and size of the picture tensor in use. */
export interface PictureSize {
  readonly count: number
  readonly height: number
  readonly width: number
}

/** @throws AppError E_MODEL_CARD_INVALID */
export function parseGradientCard(card: ModelCard): GradientCard {
  return parseFamilyCard({ id: card.output.family, output: gradientOutputSchema }, card)
}

export function pictureDims(
  { input }: Pick<GradientCard, 'input'>,
  { count, height, width }: PictureSize,
): number[] {
  return input.layout === 'nchw' ? [count, 3, height, width] : [count, height, width, 3]
}

export function targetDims({ dims }: GradientTarget, size: PictureSize): number[] {
  const sides = { n: size.count, h: size.height, w: size.width }
  return dims.map((side) => (typeof side === 'number' ? side : sides[side]))
}

export interface LossAndGradient {
  readonly loss: number
  /** Derivative of the loss by each value of the picture tensor: same layout, per unit of the tensor's own scale. */
  readonly gradient: Float32Array
  /** What the underlying model answers to the picture, where the graph returns it. */
  readonly answer: Tensor | null
}

/**
 * Picks loss and gradient from what a run returned.
 * @throws AppError E_MODEL_OUTPUT_SHAPE, E_MODEL_OUTPUT_NOT_FINITE
 */
export function readLossAndGradient(
  card: GradientCard,
  size: PictureSize,
  outputs: Outputs,
): LossAndGradient {
  const { loss: lossName, gradient: gradientName, answer: answerName } = card.output
  const dims = pictureDims(card, size)
  const expected = `${lossName} [] and ${gradientName} [${dims.join(', ')}]`
  const [loss, gradient] = [outputs[lossName]?.data, outputs[gradientName]]
  const isWhole =
    loss instanceof Float32Array &&
    loss.length === 1 &&
    gradient?.data instanceof Float32Array &&
    gradient.dims.length === dims.length &&
    gradient.dims.every((side, i) => side === dims[i])
  if (!isWhole) throw unexpectedOutputs(card, expected, outputs)
  const { data } = gradient
  if (!(data instanceof Float32Array)) throw unexpectedOutputs(card, expected, outputs)
  assertFinite(loss, lossName, card.id)
  assertFinite(data, gradientName, card.id)
  const answer = answerName === undefined ? null : (outputs[answerName] ?? null)
  return { loss: loss[0]!, gradient: data, answer }
}
