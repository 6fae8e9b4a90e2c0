import { defenses } from '../defenses'
import { openModelStore } from '../engine/models/model-store'
import type { Locations, VisionTask } from '../engine/vision-job'
import type { Attributes } from '../shared/dataset'
import { AppError } from '../shared/errors'
import { parseParams } from '../shared/plugin'
import type { Run } from '../store'
import { z } from 'zod'
import { digestsOf, modelsOfSettings, requireTask } from './settings-models'

/** What somebody chose to run, from a form or from the manifest of an earlier run. */
export interface DetectionChoice {
  readonly detector: string
  readonly defense: {
    readonly id: string
    readonly params: Readonly<Record<string, unknown>>
  } | null
  readonly scoreThreshold?: number | undefined
  readonly seed?: number | undefined
  readonly compare?: boolean | undefined
}

/**
 * The task of a choice with the cards of all models that it needs, checked before any picture is opened.
 * @throws AppError E_MODEL_…, E_DEFENSE_UNKNOWN, E_SETTING_UNKNOWN, E_SETTING_INVALID
 */
export async function detectionFor(locations: Locations, choice: DetectionChoice) {
  const store = await openModelStore(locations)
  requireId(choice.detector)
  const { card } = await store.resolve(choice.detector)
  requireTask(card, 'detect', 'the detector')
  const seed = choice.seed ?? 0
  const defense = choice.defense === null ? null : chosen(choice.defense)
  if (defense !== null) requireIds(defense.plugin.params, defense.params)
  const usedModels =
    defense === null ? {} : await modelsOfSettings(store, defense.plugin.params, defense.params)
  const scoreThreshold = choice.scoreThreshold ?? card.scoreThreshold
  // What the card says anyway is no choice: the same run, whether it was typed or left alone.
  const isOwn = scoreThreshold !== card.scoreThreshold
  const about = {
    detector: { id: card.id, sha256: card.sha256 },
    defense: defense && {
      id: defense.plugin.id,
      params: defense.params,
      models: digestsOf(usedModels),
    },
    scoreThreshold,
    seed,
  }
  const task: Extract<VisionTask, { kind: 'detect' }> = {
    kind: 'detect',
    detector: card.id,
    compare: choice.compare ?? false,
    ...(isOwn ? { scoreThreshold } : {}),
    ...(defense === null ? {} : { defense: { id: defense.plugin.id, params: defense.params } }),
  }
  return {
    ...{ card, defense, seed, task },
    cards: [card, usedModels],
    about: JSON.parse(JSON.stringify(about)) as Attributes, // settings are plain values
  }
}

function chosen({ id, params }: NonNullable<DetectionChoice['defense']>) {
  const plugin = defenses.get(id)
  if (!plugin) {
    throw new AppError(
      'E_DEFENSE_UNKNOWN',
      `there is no defense "${id}"`,
      `Choose one of ${[...defenses.keys()].join(', ')}.`,
    )
  }
  const values: Record<string, unknown> = parseParams(id, plugin.params, params)
  return { plugin, params: values }
}

/** The same for the settings of a plug-in that name models. @throws AppError E_MODEL_UNKNOWN */
function requireIds(schema: z.ZodObject, values: Readonly<Record<string, unknown>>): void {
  for (const [key, field] of Object.entries(schema.shape)) {
    const value = values[key]
    // shape holds schemas; meta() is what the plug-in wrote
    const isModel = (field as z.ZodType).meta()?.['model'] !== undefined
    if (isModel && typeof value === 'string') requireId(value)
  }
}

/** The command line may name a file; whoever comes through the service names what the project has. */
export function requireId(model: string): void {
  if (!/\.onnx$/i.test(model) && !/[\\/]/.test(model)) return
  throw new AppError(
    'E_MODEL_UNKNOWN',
    `"${model}" is no id of a model of this project.`,
    'Add the file to the project first (Models, Add), then choose it.',
  )
}

const manifestSchema = z.object({
  detector: z.object({ id: z.string(), sha256: z.string() }),
  defense: z.object({ id: z.string(), params: z.record(z.string(), z.json()) }).nullable(),
  scoreThreshold: z.number().optional(),
  seed: z.number().optional(),
  maxPixels: z.number().optional(),
  members: z.string().optional(),
})
export type DetectionManifest = z.infer<typeof manifestSchema>

/** How a run came about; null for runs that were not computed here by a detector. */
export function manifestOf(run: Run): DetectionManifest | null {
  if (run.kind !== 'detect' || 'imported' in run.manifest) return null
  const checked = manifestSchema.safeParse(run.manifest)
  return checked.success ? checked.data : null
}
