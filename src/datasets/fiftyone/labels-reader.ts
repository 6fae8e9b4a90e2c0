import { idOf } from '../reading/json-fields'
import type { FileSource, ImportProblem, ImportRecord, JsonValue } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { pictureSize } from '../../shared/vision/picture-size'
import { folderOf, isSplitName } from '../reading/first-bytes'
import { streamJson } from '../reading/json-stream'
import { isUsableFrame } from '../reading/outlines'
import { lastPart, type PictureIndex } from '../reading/pictures'
import { type Place, problemRecord, skipBecause, skipRecord } from '../reading/problems'
import { type Frame, readDetection } from './detection'

/** Reads the labels.json files of one import. */
export class LabelsReader {
  readonly #files: FileSource
  readonly #pictures: PictureIndex
  readonly #taken = new Set<string>()
  readonly #categories = new Set<string>()

  constructor(files: FileSource, pictures: PictureIndex) {
    this.#files = files
    this.#pictures = pictures
  }

  async *read(file: string): AsyncGenerator<ImportRecord> {
    const classes = await this.#classesOf(file)
    for (const name of classes) yield* this.#category(name)
    const problems: ImportProblem[] = []
    const entries = streamJson(this.#files.stream(file), file, (found) => problems.push(found))
    for await (const { path, index, value, offset } of entries) {
      yield* problems.splice(0).map(problemRecord)
      const [key, name] = path
      if (key !== 'labels' || name === undefined) continue
      yield* this.#image(name, value, classes, { file, record: index, offset })
    }
    yield* problems.map(problemRecord)
  }

  /** Pictures in the data folder beside `file` that it does not name. */
  *unlisted(file: string): Generator<ImportRecord> {
    const folder = dataFolder(file)
    for (const picture of this.#pictures.all()) {
      if (this.#taken.has(picture) || !picture.startsWith(`${folder}/`)) continue
      yield this.#imageRecord(picture, splitOf(file), null, { unlabelled: true })
    }
  }

  /** They may stand behind the labels, so they are looked for first. */
  async #classesOf(file: string): Promise<readonly string[]> {
    const classes: string[] = []
    for await (const { path, value } of streamJson(this.#files.stream(file), file)) {
      // In the usual order nothing but the start of the file is read twice.
      if (path[0] === 'labels' && classes.length > 0) break
      if (path[0] === 'classes') classes.push(idOf(value) ?? '')
    }
    return classes
  }

  async *#image(
    name: string,
    value: JsonValue,
    classes: readonly string[],
    place: Place,
  ): AsyncGenerator<ImportRecord> {
    let picture: string
    let frame: Frame | null
    try {
      const inData = `${dataFolder(place.file)}/${name}`
      picture =
        this.#pictures.find(inData) ?? this.#pictures.find(name) ?? this.#files.resolve(name)
      if (this.#taken.has(picture)) {
        const message = `The image ${JSON.stringify(name)} occurs twice; the first one counts.`
        yield problemRecord(skipRecord(place, 'E_JSON_DUPLICATE_KEY', message))
        return
      }
      frame = await this.#measure(picture)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      yield problemRecord(skipBecause('skip-record', place, error))
      return
    }
    const split = splitOf(place.file)
    yield this.#imageRecord(picture, split, frame, value === null ? { unlabelled: true } : {})
    if (value === null) return
    const detections = Array.isArray(value) ? (value as readonly JsonValue[]) : null // readonly lists
    if (detections === null) {
      const message = `The labels of ${JSON.stringify(name)} are no list.`
      yield problemRecord(skipRecord(place, 'W_FIELD_TYPE', message))
    } else if (frame === null && detections.length > 0) {
      const message = `Boxes are fractions, and the size of the picture ${JSON.stringify(name)} is not known: there is no such picture here. Its ${detections.length} objects were left out.`
      yield problemRecord(skipRecord(place, 'W_IMAGE_FILE_MISSING', message))
    } else if (frame !== null) {
      for (const detection of detections)
        yield* this.#object(picture, detection, classes, frame, place)
    }
  }

  *#object(
    imageId: string,
    detection: JsonValue,
    classes: readonly string[],
    frame: Frame,
    place: Place,
  ): Generator<ImportRecord> {
    const { object, problems } = readDetection(detection, classes, frame, place)
    yield* problems.map(problemRecord)
    if (object === null) return
    yield* this.#category(object.categoryId)
    yield { kind: 'object', imageId, object }
  }

  #imageRecord(
    file: string,
    split: string | null,
    frame: Frame | null,
    attributes: { readonly unlabelled?: true },
  ): ImportRecord {
    this.#taken.add(file)
    const { width, height } = frame ?? { width: null, height: null }
    return { kind: 'image', image: { sourceId: file, file, width, height, split, attributes } }
  }

  *#category(name: string): Generator<ImportRecord> {
    if (this.#categories.has(name)) return
    this.#categories.add(name)
    yield { kind: 'category', category: { sourceId: name, name } }
  }

  /** Null if there is no such picture, or one that is too large to be opened. */
  async #measure(file: string): Promise<Frame | null> {
    if (!(await this.#files.has(file))) return null
    const size = await pictureSize((offset, length) => this.#files.readAt(file, offset, length))
    return isUsableFrame(size) ? { width: size.width, height: size.height } : null
  }
}

function dataFolder(file: string): string {
  const folder = folderOf(file)
  return folder === '' ? 'data' : `${folder}/data`
}

/** FiftyOne exports each split to a folder of its own. */
function splitOf(file: string): string | null {
  const folder = lastPart(folderOf(file))
  return isSplitName(folder) ? folder : null
}
