import { detectors } from '../../detectors'
import { AppError } from '../../shared/errors'
import type { ModelHost } from '../../shared/plugin'
import { openClassifier } from './classifier'
import { openDetectorAsClassifier } from './detector-as-classifier'
import type { RgbImage } from '../../shared/vision/image'

/** What a model says of one picture. */
export interface PictureAnswer {
  /** Index into `classNames`; null if the model sees nothing. */
  readonly predicted: number | null
  /** Of the same length for every picture. */
  readonly features: Float32Array
}

/** Any model that can be asked for the class of a picture: a classifier, or a detector by its best box. */
export interface PictureModel {
  readonly id: string
  readonly sha256: string
  readonly classNames: readonly string[]
  /** How the class is found, and what the features are, in words. */
  readonly answer: string
  readonly features: string
  /** One answer for each picture, in order. Pictures of any size; they are not modified. */
  classify(images: readonly RgbImage[], signal: AbortSignal): Promise<readonly PictureAnswer[]>
}

/** @throws AppError E_MODEL_TASK and what loading a model throws */
export async function openPictureModel(id: string, models: ModelHost): Promise<PictureModel> {
  const model = await models.load(id)
  const { card } = model
  if (card.task === 'classify') return openClassifier(model)
  if (card.task === 'detect' && detectors.has(card.output.family)) {
    return openDetectorAsClassifier(id, card, models)
  }
  throw new AppError(
    'E_MODEL_TASK',
    `the model ${card.id} has the task ${card.task}; a study needs classify or detect`,
    'Choose a model that "patchwarden models list" shows as classify or detect.',
  )
}
