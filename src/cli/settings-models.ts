import type { z } from 'zod'
import type { ModelStore } from '../engine/model-store'

/**
 * The models that a plug-in's settings name (fields marked `.meta({ model: task })`), by field, with their digests:
 * results depend on them, and one that is missing is told before any picture is opened.
 */
export async function modelsOfSettings(
  store: ModelStore,
  schema: z.ZodObject,
  values: Readonly<Record<string, unknown>>,
): Promise<Record<string, { id: string; sha256: string }>> {
  const models: Record<string, { id: string; sha256: string }> = {}
  for (const [key, field] of Object.entries(schema.shape)) {
    const value = values[key]
    // shape holds schemas; meta() is what the plug-in wrote
    if ((field as z.ZodType).meta()?.['model'] === undefined || typeof value !== 'string') continue
    const { card } = await store.resolve(value)
    models[key] = { id: card.id, sha256: card.sha256 }
  }
  return models
}
