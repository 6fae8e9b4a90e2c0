import { openModelStore } from '../engine/models/model-store'
import type { Locations, VisionTask } from '../engine/vision-job'
import { chosenDefense } from './chosen-defense'
import { digestsOf, modelsOfSettings, requireTask } from './settings-models'

/** What of a command line decides what is detected. */
export interface DetectionFlags {
  readonly detector: string
  readonly defense?: string
  readonly set?: readonly string[]
  readonly scoreThreshold?: number
  readonly annotated?: string
  readonly seed: number
}

/**
 * The detector and defense of a command line, with the cards of all models that they need.
 * @throws AppError E_MODEL_…, E_DEFENSE_UNKNOWN, E_SETTING_UNKNOWN, E_SETTING_INVALID
 */
export async function chosenDetection(locations: Locations, flags: DetectionFlags) {
  const store = await openModelStore(locations)
  const { card } = await store.resolve(flags.detector)
  requireTask(card, 'detect', '--detector')
  const defense =
    flags.defense === undefined ? undefined : chosenDefense(flags.defense, flags.set ?? [])
  const usedModels = defense
    ? await modelsOfSettings(store, defense.plugin.params, defense.params)
    : {}
  /** What reports say of the run. */
  const manifest = {
    detector: { id: card.id, sha256: card.sha256 },
    defense: defense
      ? { id: defense.plugin.id, params: defense.params, models: digestsOf(usedModels) }
      : null,
    scoreThreshold: flags.scoreThreshold ?? card.scoreThreshold,
    seed: flags.seed,
  }
  const task: VisionTask = {
    kind: 'detect',
    detector: flags.detector,
    compare: flags.annotated !== undefined,
    ...(flags.scoreThreshold === undefined ? {} : { scoreThreshold: flags.scoreThreshold }),
    ...(defense ? { defense: { id: defense.plugin.id, params: defense.params } } : {}),
  }
  return { card, defense, usedModels, manifest, task }
}
