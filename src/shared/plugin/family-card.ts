import type { z } from 'zod'
import type { ModelCard } from '../model-card'
import { modelCardInvalid } from '../model-errors'

/** A model card whose `output` was checked by its family. */
export type FamilyCard<O extends z.ZodObject = z.ZodObject> = Omit<ModelCard, 'output'> & {
  readonly output: z.output<O>
}

/**
 * Checks the part of a card that is particular to its output family, and fills in the defaults.
 * @throws AppError E_MODEL_CARD_INVALID
 */
export function parseFamilyCard<O extends z.ZodObject>(
  family: { readonly id: string; readonly output: O },
  card: ModelCard,
): FamilyCard<O> {
  const result = family.output.safeParse(card.output)
  if (result.success) return { ...card, output: result.data }
  const issue = result.error.issues[0]
  const field = ['output', ...(issue?.path ?? [])].map(String).join('.')
  throw modelCardInvalid(
    `card of model "${card.id}"`,
    `${field}: ${issue?.message ?? 'invalid'} (family ${family.id})`,
    result.error,
  )
}
