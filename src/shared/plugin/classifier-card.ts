import { z } from 'zod'
import type { ModelCard } from '../model-card'
import { modelCardInvalid } from '../model-errors'
import { parseFamilyCard } from './family-card'
import type { FamilyCard } from './family-card'

/**
 * How pictures were perturbed while a classifier learned. Any method's certificate holds for any classifier, but its
 * votes are poor unless they are about pictures of the kind that it knows.
 */
export const smoothingSchema = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('derandomized-smoothing'),
    ablation: z.literal('columns'),
    band: z.int().min(1).describe('Columns kept'),
    theta: z.number().gt(0).max(1).describe('A class with at least this softmax gets a vote'),
  }),
  z.strictObject({
    method: z.literal('randomized-ablation'),
    retained: z.int().min(1).describe('Pixels kept'),
  }),
  z.strictObject({
    method: z.literal('splitting-noise'),
    sigma: z
      .number()
      .positive()
      .describe('Of uniform noise as wide as a cell; levels follow from it'),
    levels: z.int().min(1).describe('Grey levels from cut to cut, and number of shifts'),
    template: z
      .array(z.int().min(0))
      .describe('Offset of each value of the picture, below levels: channel, row, column'),
  }),
  z.strictObject({
    method: z.literal('gaussian-smoothing'),
    sigma: z.number().positive().describe('Standard deviation of the noise where white is 1'),
  }),
])

/** `output` of a card with the task `classify`. */
export const classifierOutputSchema = z.looseObject({
  family: z.literal('classifier'),
  names: z.tuple([z.string().min(1)]).describe('Output with the logits, [n, classes]'),
  attribution: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Output with a score of every value of the picture, shaped like it: its gradient, say',
    ),
  smoothing: smoothingSchema.optional(),
})

export type Smoothing = z.infer<typeof smoothingSchema>
export type ClassifierCard = FamilyCard<typeof classifierOutputSchema>

/**
 * Checks what a certifier needs of a classifier: bands that fit the picture, a template of its size, the encoding.
 * @throws AppError E_MODEL_CARD_INVALID
 */
export function parseClassifierCard(card: ModelCard): ClassifierCard {
  const parsed = parseFamilyCard({ id: 'classifier', output: classifierOutputSchema }, card)
  const fault = smoothingFault(parsed)
  if (fault !== null) throw modelCardInvalid(`card of model "${card.id}"`, fault)
  return parsed
}

function smoothingFault({ input, output: { smoothing } }: ClassifierCard): string | null {
  const pixels = input.width * input.height
  const isAblated =
    smoothing?.method === 'derandomized-smoothing' || smoothing?.method === 'randomized-ablation'
  if (isAblated !== (input.encoding === 'pair')) {
    return `input.encoding: "${input.encoding}" does not go with ${smoothing?.method ?? 'no smoothing'}`
  }
  switch (smoothing?.method) {
    case 'derandomized-smoothing':
      return smoothing.band <= input.width
        ? null
        : `output.smoothing.band: ${smoothing.band} columns of ${input.width}`
    case 'randomized-ablation':
      return smoothing.retained <= pixels
        ? null
        : `output.smoothing.retained: ${smoothing.retained} pixels of ${pixels}`
    case 'splitting-noise': {
      const { template, levels } = smoothing
      if (template.length !== pixels * input.channels) {
        return `output.smoothing.template: ${template.length} values for ${pixels * input.channels}`
      }
      const beyond = template.find((offset) => offset >= levels)
      return beyond === undefined
        ? null
        : `output.smoothing.template: ${beyond} is not below ${levels} levels`
    }
    case 'gaussian-smoothing':
    case undefined:
      return null
  }
}
