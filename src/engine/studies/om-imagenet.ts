import omImagenet from '../../datasets/om-imagenet/importer'
import { readHdf5Latent } from '../../datasets/reading/hdf5'
import type { FileSource, ImportedImage, ImportProblem } from '../../shared/dataset'
import { AppError, toErrorRecord } from '../../shared/errors'
import {
  type ClassMap,
  LatentMeans,
  type LatentStudy,
  mapClasses,
  type OmPicture,
  type OmStudy,
  omStudy,
} from '../../shared/studies'
import { datasetClasses, type ModelSaid, noPictures, saidOf } from './dataset-classes'
import type { PictureModel } from './picture-model'
import { listDatasetImages, spread, type VisitOptions, visitPictures } from './study-pictures'

export interface OmOptions extends VisitOptions {
  readonly model: PictureModel
  /** Most pictures of each side, spread evenly. */
  readonly limit: number
  readonly chosenClasses: Readonly<Record<string, string>>
}

export interface OmImagenetStudy extends OmStudy {
  readonly dataset: 'om-imagenet'
  readonly model: ModelSaid
  readonly classes: Omit<ClassMap, 'modelClass'> & { readonly mapped: number }
  /** Null where no test pictures have latents. */
  readonly latents: LatentStudy | null
  readonly problems: readonly ImportProblem[]
  readonly readings: readonly string[]
}

const readings = [
  'natural pictures: files without latents; on-manifold pictures: files with latents',
  'pairs: pictures of the same split, class and row, where a class has as many rows on both sides',
]

/**
 * The same model on natural and on-manifold pictures. `natural` is a second root for the natural ones; without it they are
 * looked for below the first.
 * @throws AppError E_STUDY_NO_PICTURES, E_CLASS_UNKNOWN and where the importer refuses
 */
export async function studyOmImagenet(
  source: FileSource,
  natural: FileSource | null,
  options: OmOptions,
): Promise<OmImagenetStudy> {
  const first = await listDatasetImages(source, omImagenet, {}, options.signal)
  const second = natural
    ? await listDatasetImages(natural, omImagenet, {}, options.signal)
    : { images: first.images.filter((image) => !hasLatents(image)), problems: [] }
  const projected = natural ? first.images : first.images.filter(hasLatents)
  if (projected.length + second.images.length === 0) throw noPictures('OM-ImageNet', 'train, test')
  const classes = datasetClasses([...projected, ...second.images])
  const map = mapClasses(classes, options.model.classNames, options.chosenClasses)
  const isMapped = ({ label }: ImportedImage): boolean => map.modelClass.has(label?.index ?? -1)
  const ask = async (files: FileSource, images: readonly ImportedImage[]) => {
    // Pictures of classes that the model lacks are counted, not looked at.
    const known = spread(images.filter(isMapped), options.limit)
    const others = images.filter((image) => !isMapped(image)).map((image) => pictureOf(image, null))
    return [...others, ...(await answersFor(files, known, options))]
  }
  const onManifold = await ask(source, projected)
  const naturals = await ask(natural ?? source, second.images)
  return {
    dataset: 'om-imagenet',
    model: saidOf(options.model),
    classes: {
      mapped: map.modelClass.size,
      unmappedDataset: map.unmappedDataset,
      unmappedModel: map.unmappedModel,
    },
    ...omStudy(onManifold, naturals, classes, map),
    latents: await studyLatents(source, projected.filter(hasLatents), options),
    problems: [...first.problems, ...second.problems],
    readings,
  }
}

async function answersFor(
  source: FileSource,
  images: readonly ImportedImage[],
  options: OmOptions,
): Promise<OmPicture[]> {
  const pictures: OmPicture[] = []
  await visitPictures(
    source,
    images,
    async (own, pixels) => {
      const answers = await options.model.classify(pixels, options.signal)
      answers.forEach(({ predicted }, i) => pictures.push(pictureOf(own[i]!, predicted)))
    },
    options,
  )
  return pictures
}

/** Means of the training latents, tried on the others. All of the training latents come first. */
async function studyLatents(
  source: FileSource,
  images: readonly ImportedImage[],
  { signal, onFault }: VisitOptions,
): Promise<LatentStudy | null> {
  const means = new LatentMeans()
  const training = images.filter(({ split }) => split === 'train')
  const others = images.filter(({ split }) => split !== 'train')
  for (const image of others.length === 0 ? [] : [...training, ...others]) {
    signal.throwIfAborted()
    try {
      const { values } = await readHdf5Latent(source, image.file, rowOf(image))
      const classIndex = image.label?.index ?? -1
      if (image.split === 'train') means.learn(classIndex, values)
      else means.test(classIndex, values)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      onFault(image.file, toErrorRecord(error))
    }
  }
  return means.result()
}

function pictureOf(image: ImportedImage, predicted: number | null): OmPicture {
  const { split, label } = image
  return { split: split ?? '', classIndex: label?.index ?? -1, row: rowOf(image), predicted }
}

function rowOf({ pixels }: ImportedImage): number {
  return pixels?.kind === 'hdf5' ? pixels.index : 0
}

function hasLatents({ attributes }: ImportedImage): boolean {
  return attributes['latents'] !== undefined
}
