import type { BoxXywh, FileSource, ImportedObject, ImportRecord } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import type { FrameSize } from '../../shared/vision/rle-text'
import { boxWarnings } from '../reading/box-checks'
import { outlinedObject } from '../reading/outlines'
import { problemRecord, skipBecause, skipFile, skipRecord, warning } from '../reading/problems'
import { codesText } from '../reading/utf8'
import type { CategoryList } from './category-list'
import { parseLabels, type YoloLabel } from './label-line'

interface LabelFile {
  readonly files: FileSource
  readonly label: string
  readonly picture: string
  readonly size: FrameSize
  readonly predictions: boolean
  readonly categories: CategoryList
}

/** Decimals are written short, so edges up to this far outside the picture, in pixels, say nothing. */
const rounding = 0.5

export async function* readLabelFile(source: LabelFile): AsyncGenerator<ImportRecord> {
  const { files, label: file, predictions } = source
  let bytes: Uint8Array
  try {
    bytes = await files.read(file)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    yield problemRecord(skipBecause('skip-file', { file }, error))
    return
  }
  const labels = parseLabels(plainText(bytes), predictions)
  if (labels === null) {
    const message =
      'A coordinate is above 2: the labels are in pixels, not in fractions of the picture.'
    yield problemRecord(skipFile({ file }, 'E_LABEL_NOT_NORMALISED', message))
    return
  }
  for (const found of labels) {
    if ('kind' in found) yield* labelRecords(source, found)
    else yield problemRecord(skipRecord({ file, line: found.line }, found.code, found.message))
  }
}

/** Label files hold digits and blanks: one byte is one character, and others are no numbers. */
function plainText(bytes: Uint8Array): string {
  return codesText(bytes).replace(/^\xef\xbb\xbf/, '')
}

function* labelRecords(source: LabelFile, label: YoloLabel): Generator<ImportRecord> {
  const { label: file, picture, size, predictions, categories } = source
  const place = { file, line: label.line }
  const categoryId = yield* categories.use(label.classIndex)
  if (categoryId === null) {
    const message = `Class ${label.classIndex} is not one of the ${categories.names ?? 0} classes that are named.`
    yield problemRecord(skipRecord(place, 'E_ANN_CATEGORY_UNKNOWN', message))
    return
  }
  if (label.hasFractionalClass) {
    const message = `The class is not written as a whole number; it is taken for ${label.classIndex}.`
    yield problemRecord(warning(place, 'W_CLASS_NOT_INTEGER', message))
  }
  const object = inPixels(label, size)
  for (const found of boxWarnings(object.box, size, place, rounding)) yield problemRecord(found)
  const score = label.score
  if (score !== undefined && !predictions) {
    const message = `The line has the score ${score}: it is a detection and no label. Read runs with predictions=true.`
    yield problemRecord(warning(place, 'W_LABEL_HAS_SCORE', message))
  }
  const isDetection = score !== undefined && predictions
  yield {
    kind: 'object',
    imageId: picture,
    object: {
      sourceId: null,
      categoryId,
      ...object,
      isCrowd: false,
      ...(isDetection ? { score } : {}),
      attributes: score === undefined || predictions ? {} : { score },
    },
  }
}

function inPixels(
  { kind, values }: YoloLabel,
  frame: FrameSize,
): Pick<ImportedObject, 'box' | 'shape' | 'area'> {
  if (kind === 'polygon') {
    const points = values.map((value, i) => value * (i % 2 === 0 ? frame.width : frame.height))
    return outlinedObject([points], frame)
  }
  const [centreX = 0, centreY = 0, boxWidth = 0, boxHeight = 0] = values
  const [width, height] = [boxWidth * frame.width, boxHeight * frame.height]
  const box: BoxXywh = [
    centreX * frame.width - width / 2,
    centreY * frame.height - height / 2,
    width,
    height,
  ]
  return { box, area: width * height }
}
