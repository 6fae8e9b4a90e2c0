import d3s from '../../datasets/d3s/importer'
import { backgrounds } from '../../datasets/d3s/record'
import type { FileSource, ImportedImage, ImportProblem } from '../../shared/dataset'
import {
  type ClassMap,
  type D3sAccuracy,
  d3sAccuracy,
  type D3sPicture,
  mapClasses,
  pictureStatistics,
  type ProbePicture,
  type ProbeSettings,
  type ProbeStudy,
  probeStudy,
  statisticsName,
} from '../../shared/studies'
import type { RgbImage } from '../../shared/vision/image'
import { datasetClasses, type ModelSaid, noPictures, saidOf } from './dataset-classes'
import type { PictureAnswer, PictureModel } from './picture-model'
import { listDatasetImages, spread, type VisitOptions, visitPictures } from './study-pictures'

export interface D3sOptions extends VisitOptions {
  /** Null: probes on plain statistics alone. */
  readonly model: PictureModel | null
  /** Most pictures of val, and of train for the probes (0: no probes); spread evenly over the lists. */
  readonly limit: number
  readonly probePictures: number
  readonly probe: ProbeSettings
  readonly withRejected: boolean
  readonly geometry: 'tile' | 'published'
  /** Data set name to model name, for classes that are called otherwise. */
  readonly chosenClasses: Readonly<Record<string, string>>
}

export interface D3sStudy {
  readonly dataset: 'd3s'
  readonly model: ModelSaid | null
  readonly classes: Omit<ClassMap, 'modelClass'> & { readonly mapped: number }
  readonly accuracy: D3sAccuracy | null
  readonly probes: ProbeStudy | null
  readonly problems: readonly ImportProblem[]
  readonly readings: readonly string[]
}

const readings = [
  'usual background: the one in which the training split shows a class most often (all of them where several are equal)',
  'probes: softmax regressions with the penalty I(foreground; background) of their predictions on each batch, which moves the foreground probe only',
]

/**
 * Accuracy by background and shift, and what linear probes find of foreground and background in the features.
 * @throws AppError E_STUDY_NO_PICTURES, E_CLASS_UNKNOWN and where the importer refuses
 */
export async function studyD3s(source: FileSource, options: D3sOptions): Promise<D3sStudy> {
  const { model, geometry, signal } = options
  const { images, problems } = await listDatasetImages(
    source,
    d3s,
    { verified: false, geometry },
    signal,
  )
  const labelled = images.filter(({ label }) => typeof label?.index === 'number')
  const training = labelled.filter(({ split }) => split === 'train')
  const validation = spread(
    labelled.filter(({ split }) => split !== 'train'),
    options.limit,
  )
  if (validation.length === 0) throw noPictures('D3S', 'val')
  const classes = datasetClasses(labelled)
  const map = mapClasses(classes, model?.classNames ?? [], options.chosenClasses)
  const look = lookWith(model, options)

  const shown = await look(source, validation)
  const pictures = shown.map(({ image, answer }) => ({ ...described(image), ...answer }))
  const probed = spread(training, options.probePictures)
  const learnt = options.probePictures === 0 ? [] : await look(source, probed)
  const heldOut = options.withRejected
    ? shown
    : shown.filter(({ image }) => image.attributes['verified'] !== false)
  const featureName = model?.features ?? statisticsName
  return {
    dataset: 'd3s',
    model: saidOf(model),
    classes: {
      mapped: map.modelClass.size,
      unmappedDataset: model ? map.unmappedDataset : [],
      unmappedModel: map.unmappedModel,
    },
    accuracy: model
      ? d3sAccuracy(
          pictures,
          training.map(described),
          classes,
          map,
          backgrounds,
          options.withRejected,
        )
      : null,
    probes: probeStudy(
      learnt.flatMap(probePicture),
      heldOut.flatMap(probePicture),
      featureName,
      options.probe,
    ),
    problems,
    readings,
  }
}

interface Looked {
  readonly image: ImportedImage
  readonly answer: PictureAnswer
}

function lookWith(model: PictureModel | null, options: VisitOptions) {
  return async (source: FileSource, images: readonly ImportedImage[]): Promise<Looked[]> => {
    const looked: Looked[] = []
    const ask = (pixels: readonly RgbImage[]): Promise<readonly PictureAnswer[]> =>
      model
        ? model.classify(pixels, options.signal)
        : Promise.resolve(
            pixels.map((image) => ({ predicted: null, features: pictureStatistics(image) })),
          )
    await visitPictures(
      source,
      images,
      async (own, pixels) => {
        const answers = await ask(pixels)
        answers.forEach((answer, i) => looked.push({ image: own[i]!, answer }))
      },
      options,
    )
    return looked
  }
}

function described({ label, attributes }: ImportedImage): Omit<D3sPicture, 'predicted'> {
  const { background, shift, verified } = attributes
  return {
    classIndex: label?.index ?? -1,
    background: typeof background === 'string' ? background : null,
    shift: typeof shift === 'string' ? shift : 'unknown',
    verified: typeof verified === 'boolean' ? verified : null,
  }
}

function probePicture({ image, answer }: Looked): ProbePicture[] {
  const { classIndex, background } = described(image)
  return background === null ? [] : [{ features: answer.features, classIndex, background }]
}
