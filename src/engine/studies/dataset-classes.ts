import type { ImportedImage } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import type { NamedClass } from '../../shared/studies'
import type { PictureModel } from './picture-model'

/** What a study says of the model that it asked. */
export type ModelSaid = Pick<PictureModel, 'id' | 'sha256' | 'answer' | 'features'>

export function saidOf(model: PictureModel): ModelSaid
export function saidOf(model: PictureModel | null): ModelSaid | null
export function saidOf(model: PictureModel | null): ModelSaid | null {
  if (!model) return null
  const { id, sha256, answer, features } = model
  return { id, sha256, answer, features }
}

/** The classes that pictures have, by number, each with the name that comes first. */
export function datasetClasses(images: readonly ImportedImage[]): readonly NamedClass[] {
  const names = new Map<number, string>()
  for (const { label } of images) {
    if (typeof label?.index === 'number' && !names.has(label.index)) {
      names.set(label.index, label.name)
    }
  }
  return [...names].sort(([a], [b]) => a - b).map(([index, name]) => ({ index, name }))
}

export function noPictures(dataset: string, split: string): AppError {
  return new AppError(
    'E_STUDY_NO_PICTURES',
    `there are no pictures of ${dataset} (${split}) with a class to study`,
    'Name the folder that holds the data set as it was published.',
  )
}
