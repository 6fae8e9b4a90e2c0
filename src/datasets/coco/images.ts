import type { ImportProblem, ImportRecord, JsonValue } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import type { FrameSize } from '../../shared/vision/rle-text'
import { type Place, problemRecord, skipBecause, skipRecord, warning } from '../reading/problems'
import { shown } from '../reading/show-value'
import { duplicateImageId } from './errors'
import { ExtraFields, imageCompanions, type JsonObject } from './fields'
import { sourceId, type SourceId } from './ids'
import type { PictureNames } from './picture-names'
import { splitOfName } from './split-name'

const fieldNames = {
  of: 'image',
  understood: new Set(['id', 'file_name', 'width', 'height', 'split', 'attributes']),
  companions: imageCompanions,
}

/** What annotations need to know of their image. */
export type ImageOfFile =
  | { readonly sourceId: string; readonly frame: FrameSize | null; readonly idIsInteger: boolean }
  /** The image was left out; its annotations go with it, for the same reason. */
  | { readonly skipped: string }

/** The images of one annotation file. */
export class ImagesOfFile {
  readonly #file: string
  readonly #names: PictureNames
  /** Stands before ids where several files are imported together, whose ids may be the same. */
  readonly #prefix: string
  readonly #split: string | null
  readonly #byKey = new Map<number | string, ImageOfFile>()
  readonly #fileNames: Set<string>
  readonly #extra = new ExtraFields(fieldNames)

  /** `fileNames` are those of all images of the import. */
  constructor(file: string, names: PictureNames, prefix: string, fileNames: Set<string>) {
    this.#file = file
    this.#names = names
    this.#prefix = prefix
    this.#split = splitOfName(file)
    this.#fileNames = fileNames
  }

  get(key: number | string): ImageOfFile | undefined {
    return this.#byKey.get(key)
  }

  /** @throws AppError E_DUPLICATE_IMAGE_ID */
  async add(record: JsonObject, place: Place): Promise<readonly ImportRecord[]> {
    const id = sourceId(record['id'])
    if (id === null) {
      const message = `An image has the id ${shown(record['id'])}.`
      return [problemRecord(skipRecord(place, 'E_ID_OUT_OF_RANGE', message))]
    }
    if (this.#byKey.has(id.key)) throw duplicateImageId(this.#file, id.text)
    try {
      return await this.#image(id, record, place)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      this.#byKey.set(id.key, { skipped: error.code })
      return [problemRecord(skipBecause('skip-record', place, error))]
    }
  }

  async #image(id: SourceId, record: JsonObject, place: Place): Promise<readonly ImportRecord[]> {
    const problems: ImportProblem[] = []
    const { file_name: fileName, split = null } = record
    if (typeof fileName !== 'string') throw noFileName(id.text, fileName)
    const file = await this.#names.find(fileName)
    if (this.#fileNames.has(file)) {
      const message = `More than one image is the file ${showPath(file)}.`
      problems.push(warning(place, 'W_DUPLICATE_FILE_NAME', message))
    }
    this.#fileNames.add(file)
    if (!id.isInteger) {
      const message = `An image has the id ${shown(record['id'])}, which is no whole number.`
      problems.push(warning(place, 'W_ID_NOT_INTEGER', message))
    }
    if (split !== null && typeof split !== 'string') {
      const message = `The split of image ${id.text} is ${shown(split)}, not text; it is left out.`
      problems.push(warning(place, 'W_FIELD_TYPE', message))
    }
    const width = side('width', record, place, problems)
    const height = side('height', record, place, problems)
    const attributes = this.#extra.attributes(record, place, problems)
    const sourceIdText = this.#prefix + id.text
    this.#byKey.set(id.key, {
      sourceId: sourceIdText,
      frame: width === null || height === null ? null : { width, height },
      idIsInteger: id.isInteger,
    })
    const image = {
      sourceId: sourceIdText,
      file,
      width,
      height,
      split: typeof split === 'string' ? split : this.#split,
      attributes,
    }
    return [...problems.map(problemRecord), { kind: 'image', image }]
  }
}

/** A width or height in pixels, or null with a warning; null without where the file has none. */
function side(
  field: 'width' | 'height',
  record: JsonObject,
  place: Place,
  problems: ImportProblem[],
): number | null {
  const value = record[field] ?? null
  if (value === null) return null
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  const message = `The ${field} of an image is ${shown(value)}, no number of pixels; it is left out.`
  problems.push(warning(place, 'W_FIELD_TYPE', message))
  return null
}

const noFileName = (id: string, value: JsonValue | undefined) =>
  new AppError(
    'E_PATH_INVALID',
    `The image ${id} has the file name ${shown(value)}.`,
    'Each image needs a file_name.',
  )
