import type {
  FileSource,
  ImportedImage,
  ImportProblem,
  ImportRecord,
  JsonValue,
} from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { folderOf } from '../reading/first-bytes'
import { finiteOf, idOf, isObject, type JsonObject, listOf, textOf } from '../reading/json-fields'
import { parseJson } from '../reading/json'
import { streamJson } from '../reading/json-stream'
import { isUsableFrame } from '../reading/outlines'
import type { PictureIndex } from '../reading/pictures'
import { type Place, problemRecord, skipBecause, skipRecord } from '../reading/problems'
import { pictureFile, pictureReference } from './picture-reference'
import { type FoundObject, readResults, sizeOf } from './results'

type Take = 'annotations' | 'predictions' | 'both'

/** Beside the tasks; ours, so that classes without objects and their order are kept. */
export const classesFile = 'classes.json'

export function classesBeside(file: string): string {
  const folder = folderOf(file)
  return folder === '' ? classesFile : `${folder}/${classesFile}`
}

/** Reads the tasks of one import. */
export class TaskReader {
  readonly #files: FileSource
  readonly #pictures: PictureIndex
  readonly #take: Take
  readonly #images = new Set<string>()
  readonly #categories = new Set<string>()

  constructor(files: FileSource, pictures: PictureIndex, take: Take) {
    this.#files = files
    this.#pictures = pictures
    this.#take = take
  }

  async *read(file: string): AsyncGenerator<ImportRecord> {
    yield* await this.#classesBeside(file)
    const problems: ImportProblem[] = []
    const entries = streamJson(this.#files.stream(file), file, (found) => problems.push(found))
    for await (const { path, index, value, offset } of entries) {
      yield* problems.splice(0).map(problemRecord)
      if (path.length === 0) yield* this.#task(value, { file, record: index, offset })
    }
    yield* problems.map(problemRecord)
  }

  async #classesBeside(file: string): Promise<readonly ImportRecord[]> {
    const name = classesBeside(file)
    if (!(await this.#files.has(name))) return []
    const classes = listOf(parseJson(await this.#files.read(name), name))
    return classes.flatMap((one) => {
      const label = isObject(one) ? textOf(one['name']) : textOf(one)
      const parent = isObject(one) ? textOf(one['supercategory']) : undefined
      return label === undefined ? [] : [...this.#category(label, parent)]
    })
  }

  *#task(task: JsonValue, place: Place): Generator<ImportRecord> {
    const data = isObject(task) ? task['data'] : undefined
    if (!isObject(task) || !isObject(data)) {
      yield problemRecord(skipRecord(place, 'W_FIELD_TYPE', 'A task has no object "data".'))
      return
    }
    const parts = partsOf(task, this.#take)
    let image: ImportedImage
    try {
      image = this.#image(task, data, parts, place)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      yield problemRecord(skipBecause('skip-record', place, error))
      return
    }
    if (this.#images.has(image.sourceId)) {
      const message = `The task ${JSON.stringify(image.sourceId)} occurs twice; the first one counts.`
      yield problemRecord(skipRecord(place, 'E_DUPLICATE_IMAGE_ID', message))
      return
    }
    this.#images.add(image.sourceId)
    yield { kind: 'image', image }
    for (const { results, isPrediction, modelVersion, score } of parts) {
      for (const { object, problem } of readResults(results, place)) {
        if (problem) yield problemRecord(problem)
        if (object === null) continue
        const more = isPrediction ? { score: object.score ?? score ?? 1 } : { score: undefined }
        yield* this.#object(image.sourceId, { ...object, ...more }, modelVersion)
      }
    }
  }

  *#object(
    imageId: string,
    found: FoundObject,
    modelVersion: string | undefined,
  ): Generator<ImportRecord> {
    const { score, ...object } = found
    yield* this.#category(object.categoryId)
    const attributes = modelVersion === undefined ? {} : { model_version: modelVersion }
    const scored = { ...object, ...(score !== undefined && { score }), attributes }
    yield { kind: 'object', imageId, object: scored }
  }

  #image(task: JsonObject, data: JsonObject, parts: readonly Part[], place: Place): ImportedImage {
    const reference = pictureReference(data)
    const file = pictureFile(reference, folderOf(place.file), this.#files, this.#pictures)
    const sourceId = idOf(task['id']) ?? `${place.file}#${place.record ?? 0}`
    const stated = { width: finiteOf(data['width']) ?? 0, height: finiteOf(data['height']) ?? 0 }
    const frame = isUsableFrame(stated) ? stated : sizeOf(parts.flatMap(({ results }) => results))
    const label = labelOf(parts)
    return {
      sourceId,
      file,
      width: frame?.width ?? null,
      height: frame?.height ?? null,
      split: textOf(data['split']) ?? null,
      ...(label !== null && { label: { index: null, name: label } }),
      attributes: {},
    }
  }

  *#category(name: string, supercategory?: string): Generator<ImportRecord> {
    if (this.#categories.has(name)) return
    this.#categories.add(name)
    const category = { sourceId: name, name, ...(supercategory !== undefined && { supercategory }) }
    yield { kind: 'category', category }
  }
}

interface Part {
  readonly results: readonly JsonValue[]
  readonly isPrediction: boolean
  readonly modelVersion?: string
  readonly score?: number
}

/** The newest annotation that was not cancelled, and all predictions. */
function partsOf(task: JsonObject, take: Take): readonly Part[] {
  const newest = take === 'predictions' ? null : newestAnnotation(task)
  const predictions = take === 'annotations' ? [] : listOf(task['predictions']).filter(isObject)
  return [
    ...(newest ? [{ results: listOf(newest['result']), isPrediction: false }] : []),
    ...predictions.map((prediction) => {
      const { result, model_version: version, score } = prediction
      return {
        results: listOf(result),
        isPrediction: true,
        ...(typeof version === 'string' && version !== '' && { modelVersion: version }),
        ...(typeof score === 'number' && Number.isFinite(score) && { score }),
      }
    }),
  ]
}

function newestAnnotation(task: JsonObject): JsonObject | null {
  // Before 1.0 annotations were named completions.
  const annotations = listOf(task['annotations'] ?? task['completions']).filter(isObject)
  const kept = annotations.filter((annotation) => annotation['was_cancelled'] !== true)
  // Times are ISO 8601 in UTC, so their texts sort as they do; of equal ones the last is taken.
  const timeOf = (annotation: JsonObject) =>
    textOf(annotation['updated_at']) ?? textOf(annotation['created_at']) ?? ''
  return kept.reduce<JsonObject | null>((newest, annotation) => {
    return newest && timeOf(newest) > timeOf(annotation) ? newest : annotation
  }, null)
}

/** The choice made for the whole picture, if there is exactly one. */
function labelOf(parts: readonly Part[]): string | null {
  const results = parts.filter(({ isPrediction }) => !isPrediction).flatMap((part) => part.results)
  const choices = results.flatMap((result) => {
    if (!isObject(result) || result['type'] !== 'choices') return []
    return listOf(isObject(result['value']) ? result['value']['choices'] : undefined)
  })
  return choices.length === 1 ? (textOf(choices[0]) ?? null) : null
}
