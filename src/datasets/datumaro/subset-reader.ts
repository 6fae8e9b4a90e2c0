import type {
  FileSource,
  ImportedImage,
  ImportProblem,
  ImportRecord,
  JsonValue,
} from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { folderOf } from '../reading/first-bytes'
import {
  finiteOf,
  idOf,
  isObject,
  type JsonObject,
  listOf,
  otherFields,
  textOf,
} from '../reading/json-fields'
import { streamJson } from '../reading/json-stream'
import { isUsableFrame } from '../reading/outlines'
import { lastPart, type PictureIndex, withoutEnding } from '../reading/pictures'
import { type Place, problemRecord, skipBecause, skipRecord, warning } from '../reading/problems'
import { readObjects } from './objects'
import { splitOfSubset } from './subset-name'

interface Label {
  readonly name: string
  readonly supercategory?: string
}

/** Reads the subsets of one import. */
export class SubsetReader {
  readonly #files: FileSource
  readonly #pictures: PictureIndex
  readonly #images = new Set<string>()
  /** Key of each class that was yielded: two subsets may number their classes differently. */
  readonly #categories = new Set<string>()

  constructor(files: FileSource, pictures: PictureIndex) {
    this.#files = files
    this.#pictures = pictures
  }

  async *read(file: string): AsyncGenerator<ImportRecord> {
    const labels = await this.#labelsOf(file)
    const keys = categoryKeys(labels)
    for (const [index, label] of labels.entries()) yield* this.#category(keys[index] ?? '', label)
    const problems: ImportProblem[] = []
    const entries = streamJson(this.#files.stream(file), file, (found) => problems.push(found))
    for await (const { path, index, value, offset } of entries) {
      yield* problems.splice(0).map(problemRecord)
      if (path[0] !== 'items' || path.length !== 1) continue
      yield* this.#item(value, labels, keys, { file, record: index, offset })
    }
    yield* problems.map(problemRecord)
  }

  /** They may stand behind the items, so they are looked for first. */
  async #labelsOf(file: string): Promise<readonly Label[]> {
    for await (const { path, value } of streamJson(this.#files.stream(file), file)) {
      if (path[0] !== 'categories' || path[1] !== 'label') continue
      return listOf(isObject(value) ? value['labels'] : undefined).map((label) => {
        const name = isObject(label) ? textOf(label['name']) : textOf(label)
        const parent = isObject(label) ? textOf(label['parent']) : undefined
        return { name: name ?? '', ...(parent && { supercategory: parent }) }
      })
    }
    return []
  }

  *#category(sourceId: string, { name, supercategory }: Label): Generator<ImportRecord> {
    if (this.#categories.has(sourceId)) return
    this.#categories.add(sourceId)
    const category = { sourceId, name, ...(supercategory !== undefined && { supercategory }) }
    yield { kind: 'category', category }
  }

  *#item(
    item: JsonValue,
    labels: readonly Label[],
    keys: readonly string[],
    place: Place,
  ): Generator<ImportRecord> {
    if (!isObject(item)) {
      yield problemRecord(skipRecord(place, 'W_FIELD_TYPE', 'An item is no object.'))
      return
    }
    let image: ImportedImage
    try {
      image = this.#image(item, place)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      yield problemRecord(skipBecause('skip-record', place, error))
      return
    }
    if (this.#images.has(image.sourceId)) {
      const message = `The item ${JSON.stringify(image.sourceId)} occurs twice; the first one counts.`
      yield problemRecord(skipRecord(place, 'E_DUPLICATE_IMAGE_ID', message))
      return
    }
    this.#images.add(image.sourceId)
    const annotations = listOf(item['annotations'])
    const label = imageLabel(annotations, labels)
    yield { kind: 'image', image: { ...image, ...(label && { label }) } }
    const frame = frameOf(item)
    if (frame === 'unusable') {
      const message = 'The size of the picture is none that can be used; it was not taken.'
      yield problemRecord(warning(place, 'W_FIELD_TYPE', message))
    }
    const { objects, problems } = readObjects(
      annotations,
      keys,
      frame === 'unusable' ? null : frame,
      place,
    )
    yield* problems.map(problemRecord)
    for (const object of objects) yield { kind: 'object', imageId: image.sourceId, object }
  }

  #image(item: JsonObject, place: Place): ImportedImage {
    const subset = withoutEnding(lastPart(place.file))
    const id = idOf(item['id']) ?? ''
    const media = mediaOf(item)
    const path = textOf(media['path']) ?? ''
    const wanted = path === '' ? id : path
    const folder = folderOf(folderOf(place.file))
    // Pictures are below images/, in the subset's folder or not.
    const found = [`images/${subset}/${wanted}`, `images/${wanted}`, wanted]
      .map((name) => this.#pictures.find(folder === '' ? name : `${folder}/${name}`))
      .find((name) => name !== null)
    const file = found ?? this.#pictures.find(wanted) ?? this.#files.resolve(wanted)
    const frame = frameOf(item)
    const { width, height } =
      frame === null || frame === 'unusable' ? { width: null, height: null } : frame
    const split = splitOfSubset(subset)
    const sourceId = split === null ? id : `${split}/${id}`
    return { sourceId, file, width, height, split, attributes: otherFields(item['attr'], []) }
  }
}

/** Names, with the index behind them where two classes of one subset have the same name. */
function categoryKeys(labels: readonly Label[]): readonly string[] {
  const names = labels.map(({ name }) => name)
  return names.map((name, i) => (names.indexOf(name) < i ? `${name}#${i}` : name))
}

/** `image` in older versions, `media` in newer ones. */
function mediaOf(item: JsonObject): JsonObject {
  const media = item['image'] ?? item['media']
  return isObject(media) ? media : {}
}

function frameOf(item: JsonObject) {
  const size = mediaOf(item)['size'] ?? null
  if (size === null) return null
  const [height, width] = listOf(size)
  const frame = { width: finiteOf(width) ?? 0, height: finiteOf(height) ?? 0 }
  return isUsableFrame(frame) ? frame : 'unusable'
}

/** The first annotation that speaks of the whole picture. */
function imageLabel(annotations: readonly JsonValue[], labels: readonly Label[]) {
  for (const annotation of annotations) {
    if (!isObject(annotation) || annotation['type'] !== 'label') continue
    const index = annotation['label_id']
    const name = typeof index === 'number' ? labels[index]?.name : undefined
    if (typeof index === 'number' && name !== undefined) return { index, name }
  }
  return null
}
