import type { z } from 'zod'
import type { ModelStore } from '../engine/models/model-store'
import { AppError } from '../shared/errors'
import type { ModelCard } from '../shared/model-card'

/**
 * The cards of the models that a plug-in's settings name (fields marked `.meta({ model: task })`), by field: results
 * depend on them, and one that is missing or does something else is told before any picture is opened.
 * @throws AppError E_MODEL_TASK and what resolving a model throws
 */
export async function modelsOfSettings(
  store: ModelStore,
  schema: z.ZodObject,
  values: Readonly<Record<string, unknown>>,
): Promise<Record<string, ModelCard>> {
  const cards: Record<string, ModelCard> = {}
  for (const [key, field] of Object.entries(schema.shape)) {
    const value = values[key]
    // shape holds schemas; meta() is what the plug-in wrote
    const task = (field as z.ZodType).meta()?.['model']
    if (typeof task !== 'string' || typeof value !== 'string') continue
    const { card } = await store.resolve(value)
    requireTask(card, task, `the setting ${key}`)
    cards[key] = card
  }
  return cards
}

/** @throws AppError E_MODEL_TASK */
export function requireTask(card: ModelCard, task: string, place: string): void {
  if (card.task === task) return
  throw new AppError(
    'E_MODEL_TASK',
    `the model ${card.id} does ${card.task}, ${place} needs one for ${task}`,
    `Choose a model that "patchwarden models list" shows as ${task}.`,
  )
}

/** What reports say of models. */
export function digestsOf(
  cards: Readonly<Record<string, ModelCard>>,
): Record<string, { id: string; sha256: string }> {
  return Object.fromEntries(
    Object.entries(cards).map(([key, { id, sha256 }]) => [key, { id, sha256 }]),
  )
}
