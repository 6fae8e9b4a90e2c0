import type { ImportProblem, ImportRecord, JsonValue, Shape } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { rleArea, rleBox } from '../../shared/vision/rle'
import { boundsOf, outlinedObject } from '../reading/outlines'
import { type Place, problemRecord, skipBecause, warning } from '../reading/problems'
import { readBox } from '../reading/box-field'
import { shown } from '../reading/show-value'
import { BoxHabits } from './box-habits'
import type { CategoriesOfFile } from './categories'
import { annotationCompanions, ExtraFields, type JsonObject } from './fields'
import { sourceId, type SourceId } from './ids'
import type { ImageOfFile, ImagesOfFile } from './images'
import { readSegmentation } from './segmentation'

const understood = 'id image_id category_id bbox area iscrowd segmentation score attributes'
const fieldNames = {
  of: 'annotation',
  understood: new Set(understood.split(' ')),
  companions: annotationCompanions,
}

type PresentImage = Exclude<ImageOfFile, { skipped: string }>

/** The annotations of one file, read after its images and categories. */
export class AnnotationsOfFile {
  readonly #file: string
  readonly #images: ImagesOfFile
  readonly #categories: CategoriesOfFile
  readonly #ids = new Set<number | string>()
  readonly #habits = new BoxHabits()
  readonly #extra = new ExtraFields(fieldNames)

  constructor(file: string, images: ImagesOfFile, categories: CategoriesOfFile) {
    this.#file = file
    this.#images = images
    this.#categories = categories
  }

  /** An object and what is odd about it, or why it is left out. */
  read(record: JsonObject, place: Place): readonly ImportRecord[] {
    try {
      return this.#object(record, place)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return [problemRecord(skipBecause('skip-record', place, error))]
    }
  }

  finish(): readonly ImportRecord[] {
    return this.#habits.finish(this.#file).map(problemRecord)
  }

  #object(record: JsonObject, place: Place): readonly ImportRecord[] {
    const problems: ImportProblem[] = []
    const warn = (code: string, message: string) => problems.push(warning(place, code, message))
    const id = this.#id(record['id'], warn)
    const image = this.#image(record['image_id'], warn)
    const categoryId = this.#category(record['category_id'])
    const shape = readSegmentation(record['segmentation'], image.frame)
    const bbox = record['bbox']
    const box = bbox === undefined && shape !== undefined ? boxOfShape(shape) : readBox(bbox)
    const given = readArea(record['area'], warn)
    const score = readScore(record['score'], warn)
    const object = {
      sourceId: id?.text ?? null,
      categoryId,
      box,
      ...(shape !== undefined && { shape }),
      area: given ?? areaOf(shape, box, image),
      isCrowd: readCrowd(record['iscrowd'], warn),
      ...(score !== null && { score }),
      attributes: this.#extra.attributes(record, place, problems),
    }
    problems.push(...this.#habits.check(box, image.frame, place))
    const made: ImportRecord = { kind: 'object', imageId: image.sourceId, object }
    return problems.length === 0 ? [made] : [...problems.map(problemRecord), made]
  }

  /** Null where the file gives none. */
  #id(value: JsonValue | undefined, warn: Warn): SourceId | null {
    if (value === undefined || value === null) return null
    const id = sourceId(value)
    if (id === null) {
      if (typeof value === 'number') throw notExact('An annotation', value)
      warn('W_FIELD_TYPE', `The id of an annotation is ${shown(value)}; it is left out.`)
      return null
    }
    if (!id.isInteger) {
      warn(
        'W_ID_NOT_INTEGER',
        `An annotation has the id ${shown(value)}, which is no whole number.`,
      )
    }
    if (id.key === 0) {
      warn(
        'W_ANN_ID_ZERO',
        'An annotation has the id 0, which evaluation takes for none; it is renumbered.',
      )
    }
    if (this.#ids.has(id.key)) {
      warn('W_DUPLICATE_ANN_ID', `More than one annotation has the id ${id.text}; all are kept.`)
    }
    this.#ids.add(id.key)
    return id
  }

  #image(value: JsonValue | undefined, warn: Warn): PresentImage {
    const id = sourceId(value)
    const image = id === null ? undefined : this.#images.get(id.key)
    if (id === null || image === undefined) {
      throw new AppError(
        'E_ANN_IMAGE_UNKNOWN',
        `An annotation belongs to the image ${shown(value)}, which the file does not list.`,
        'Correct its image_id, or add the image to images.',
      )
    }
    if ('skipped' in image) {
      const message = `An annotation belongs to the image ${id.text}, which is left out.`
      throw new AppError(image.skipped, message, 'Correct the image first.')
    }
    if (id.isInteger !== image.idIsInteger) {
      warn(
        'W_ID_NOT_INTEGER',
        `An annotation names its image ${shown(value)}, in another form than the image's id.`,
      )
    }
    return image
  }

  #category(value: JsonValue | undefined): string {
    const id = sourceId(value)
    const category = id === null ? undefined : this.#categories.get(id.key)
    if (category !== undefined) return category
    throw new AppError(
      'E_ANN_CATEGORY_UNKNOWN',
      `An annotation has the category ${shown(value)}, which the file does not list.`,
      'Correct its category_id, or add the category to categories.',
    )
  }
}

type Warn = (code: string, message: string) => void

/** Null where it is to be measured. */
function readArea(value: JsonValue | undefined, warn: Warn): number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  warn('W_FIELD_TYPE', `The area of an annotation is ${shown(value)}; it is measured instead.`)
  return null
}

function readScore(value: JsonValue | undefined, warn: Warn): number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && Number.isFinite(value)) return value
  warn('W_FIELD_TYPE', `The score of an annotation is ${shown(value)}; it is left out.`)
  return null
}

/** Any number but 0 marks a crowd, as in the reference. */
function readCrowd(value: JsonValue | undefined, warn: Warn): boolean {
  if (value === undefined || value === null || value === 0) return false
  if (value === 1 || typeof value === 'boolean') return value === 1 || value
  warn('W_FIELD_TYPE', `The field iscrowd is ${shown(value)}, neither 0 nor 1.`)
  return typeof value === 'number' && !Number.isNaN(value)
}

function areaOf(
  shape: Shape | undefined,
  box: readonly [number, number, number, number],
  { frame }: PresentImage,
): number {
  if (shape?.mask !== undefined) return rleArea(shape.mask)
  if (shape?.polygons !== undefined) return outlinedObject(shape.polygons, frame, box).area
  return box[2] * box[3]
}

function boxOfShape({ mask, polygons = [] }: Shape) {
  return mask === undefined ? boundsOf(polygons) : rleBox(mask)
}

const notExact = (what: string, id: number) =>
  new AppError(
    'E_ID_OUT_OF_RANGE',
    `${what} has the id ${String(id)}, which is not exact as a number.`,
    'Use ids between -2^53 and 2^53, or text.',
  )
