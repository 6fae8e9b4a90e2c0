import type { ImportedObject, ImportProblem, JsonValue } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { type Mask, rleArea } from '../../shared/vision'
import { boxWarnings } from '../reading/box-checks'
import { checkBox, isNumbers } from '../reading/box-field'
import { finiteOf, isObject, type JsonObject, listOf, otherFields } from '../reading/json-fields'
import { type Place, skipBecause, skipRecord } from '../reading/problems'
import { maskFromBox } from './box-crop'
import { decodePackedMask } from './npy'

export interface Frame {
  readonly width: number
  readonly height: number
}

interface Answer {
  /** Null if it is left out. Its `categoryId` is the name of the class. */
  readonly object: ImportedObject | null
  readonly problems: readonly ImportProblem[]
}

/** One detection of labels.json; `frame` is the size of its picture. */
export function readDetection(
  value: JsonValue,
  classes: readonly string[],
  frame: Frame,
  place: Place,
): Answer {
  if (!isObject(value))
    return leftOut(skipRecord(place, 'W_FIELD_TYPE', 'A detection is no object.'))
  const label = value['label']
  const name = typeof label === 'number' ? classes[label] : label
  if (typeof name !== 'string') {
    const message = `The label ${JSON.stringify(label)} is none of the ${classes.length} classes.`
    return leftOut(skipRecord(place, 'E_ANN_CATEGORY_UNKNOWN', message))
  }
  const fractions = checkBox(value['bounding_box'], place)
  if (!fractions.ok) return leftOut(fractions.problem)
  const [x, y, w, h] = fractions.box
  const { width, height } = frame
  const pixels = checkBox([x * width, y * height, w * width, h * height], place)
  if (!pixels.ok) return leftOut(pixels.problem)
  const { box } = pixels
  let mask
  try {
    const small = readMask(value)
    mask = small && maskFromBox(small, box, frame)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return leftOut(skipBecause('skip-record', place, error))
  }
  const attributes = value['attributes']
  const score = finiteOf(value['confidence'])
  const crowd = (isObject(attributes) ? attributes['iscrowd'] : undefined) ?? value['iscrowd']
  const object: ImportedObject = {
    sourceId: null,
    categoryId: name,
    box,
    ...(mask && { shape: { mask } }),
    area: mask ? rleArea(mask) : box[2] * box[3],
    isCrowd: crowd === true || (typeof crowd === 'number' && crowd !== 0),
    ...(score !== undefined && { score }),
    attributes: {
      ...otherFields(value, [
        'label',
        'bounding_box',
        'confidence',
        'mask',
        'attributes',
        'iscrowd',
      ]),
      ...otherFields(attributes, ['iscrowd']),
    },
  }
  return { object, problems: boxWarnings(box, frame, place) }
}

function leftOut(problem: ImportProblem): Answer {
  return { object: null, problems: [problem] }
}

/** Packed as text, as text in MongoDB's clothes, or as rows of numbers. @throws AppError */
function readMask(value: JsonObject): Mask | null {
  const mask = value['mask'] ?? null
  if (mask === null) return null
  if (typeof mask === 'string') return decodePackedMask(mask)
  if (isObject(mask)) {
    const binary = mask['$binary'] ?? null
    const text = isObject(binary) ? binary['base64'] : binary
    if (typeof text === 'string') return decodePackedMask(text)
  }
  return maskOfRows(listOf(mask))
}

function maskOfRows(rows: readonly JsonValue[]): Mask {
  const lists = rows.map(listOf)
  const width = lists[0]?.length ?? 0
  const numbers = lists.flat().map((one) => (typeof one === 'boolean' ? Number(one) : one))
  if (width === 0 || !isNumbers(numbers) || lists.some((row) => row.length !== width)) {
    throw new AppError(
      'E_TENSOR_SHAPE',
      'A mask is neither packed text nor a list of rows of equal length.',
      'Export the data set from FiftyOne again.',
    )
  }
  const bits = Uint8Array.from(numbers, (number) => (number > 0 ? 1 : 0))
  return { width, height: rows.length, bits }
}
