import { detectors } from '../detectors'
import { AppError } from '../shared/errors'
import type { Detector, ModelHost } from '../shared/plugin'

/**
 * Opens a detector by its model: the card's output family names the adapter.
 * @throws AppError E_MODEL_TASK, E_MODEL_CARD_INVALID and what loading a model throws
 */
export async function openDetector(
  model: string,
  models: ModelHost,
  scoreThreshold?: number,
): Promise<Detector> {
  const { card } = await models.load(model)
  if (card.task !== 'detect') {
    throw new AppError(
      'E_MODEL_TASK',
      `the model ${card.id} has the task ${card.task}, a detector needs detect`,
      'Choose a model that "patchwarden models list" shows as detect.',
    )
  }
  const family = detectors.get(card.output.family)
  if (!family) {
    throw new AppError(
      'E_MODEL_CARD_INVALID',
      `the card of ${card.id} names the output family "${card.output.family}", which does not exist`,
      `Families are ${[...detectors.keys()].join(', ')}.`,
    )
  }
  return family.open({ model, ...(scoreThreshold === undefined ? {} : { scoreThreshold }) }, models)
}
