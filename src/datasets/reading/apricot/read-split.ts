import type {
  FileSource,
  ImportedCategory,
  ImportedImage,
  ImportedObject,
  ImportedPatch,
  ImportProblem,
  JsonValue,
} from '../../../shared/dataset'
import { AppError } from '../../../shared/errors'
import { fileUnreadable, showPath } from '../../../shared/image-errors'
import { parseJson } from '../json'
import type { PictureIndex } from '../pictures'
import { skipBecause, skipRecord } from '../problems'
import type { ApricotSplit } from './annotation-files'
import { readAnnotation } from './annotation'
import { isObject, type JsonObject } from '../json-fields'
import { shown } from '../show-value'
import { wholeId } from './json-fields'
import { readPatchTable, type PatchEntry } from './patch-table'

/** A picture with all that is known of it. */
export interface ApricotImage {
  readonly image: ImportedImage
  /** As in the annotations, without folders. */
  readonly baseName: string
  readonly objects: ImportedObject[]
  readonly patches: ImportedPatch[]
}

export interface SplitContent {
  readonly split: string | null
  /** COCO's classes. The patch is none of them. */
  readonly categories: readonly ImportedCategory[]
  readonly images: readonly ApricotImage[]
  readonly problems: readonly ImportProblem[]
}

/** The free id that APRICOT gave to patches. It must never be taken for the twelfth class of a list of 80. */
const patchCategory = 12
const maxJsonBytes = 200e6

/**
 * Reads the annotations of one split and puts files together by annotation id.
 * @param usedIds ids of images of other splits: an id that occurs again gets the split in front
 * @throws AppError the codes of `parseJson`, E_COCO_NO_IMAGES, E_DUPLICATE_IMAGE_ID, E_DUPLICATE_CATEGORY_ID
 */
export async function readSplit(
  files: FileSource,
  split: ApricotSplit,
  pictures: PictureIndex,
  usedIds: Set<string>,
): Promise<SplitContent> {
  const reading = new SplitReading(files, split, pictures, usedIds)
  for (const file of split.files) {
    const size = await files.size(file)
    if (size > maxJsonBytes) throw fileUnreadable(file, `${size} bytes are no APRICOT annotations`)
    const document = parseJson(await files.read(file), file, reading.report)
    reading.add(document, file)
  }
  return reading.content()
}

class SplitReading {
  readonly report = (problem: ImportProblem): void => {
    this.#problems.push(problem)
  }
  readonly #files: FileSource
  readonly #split: ApricotSplit
  readonly #pictures: PictureIndex
  readonly #usedIds: Set<string>
  readonly #problems: ImportProblem[] = []
  readonly #categories = new Map<string, ImportedCategory>()
  readonly #patchCategories = new Set([patchCategory])
  readonly #images = new Map<number, ApricotImage>()
  /** What annotations with an id say, as text: the same one may stand in two files. */
  readonly #annotations = new Map<number, string[]>()

  constructor(
    files: FileSource,
    split: ApricotSplit,
    pictures: PictureIndex,
    usedIds: Set<string>,
  ) {
    this.#files = files
    this.#split = split
    this.#pictures = pictures
    this.#usedIds = usedIds
  }

  add(document: JsonValue, file: string): void {
    if (!isObject(document) || !Array.isArray(document['images'])) throw noImages(file)
    this.#addCategories(document['categories'], file)
    const names = new Map([...this.#categories].map(([id, { name }]) => [id, name]))
    const table = readPatchTable(document, names, file, this.report)
    this.#addImages(document['images'], file)
    this.#addAnnotations(document['annotations'], table, file)
  }

  content(): SplitContent {
    return {
      split: this.#split.split,
      categories: [...this.#categories.values()],
      images: [...this.#images.values()],
      problems: this.#problems,
    }
  }

  #addCategories(list: JsonValue | undefined, file: string): void {
    if (!Array.isArray(list)) return
    for (const entry of list.filter(isObject)) {
      const id = wholeId(entry['id'])
      const { name, supercategory } = entry
      if (id === null || typeof name !== 'string') continue
      if (isPatchCategory(id, name)) {
        this.#patchCategories.add(id)
        continue
      }
      const known = this.#categories.get(`${id}`)
      if (known && known.name !== name) throw twoNames(file, id, known.name, name)
      this.#categories.set(`${id}`, {
        sourceId: `${id}`,
        name,
        ...(typeof supercategory === 'string' ? { supercategory } : {}),
      })
    }
  }

  #addImages(list: readonly JsonValue[], file: string): void {
    const inThisFile = new Set<number>()
    for (const [record, entry] of list.entries()) {
      const place = { file, record }
      const id = isObject(entry) ? wholeId(entry['id']) : null
      if (!isObject(entry) || id === null) {
        const given = isObject(entry) ? entry['id'] : entry
        const message = `The id of an image is ${shown(given)}, no whole number.`
        this.report(skipRecord(place, 'E_ID_OUT_OF_RANGE', message))
        continue
      }
      if (inThisFile.has(id)) throw sameImageId(file, id)
      inThisFile.add(id)
      if (this.#images.has(id)) continue
      try {
        this.#images.set(id, this.#image(id, entry))
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        this.report(skipBecause('skip-record', place, error))
      }
    }
  }

  #image(id: number, entry: JsonObject): ApricotImage {
    const { folder, split } = this.#split
    const given = entry['file_name']
    if (typeof given !== 'string' || given === '') throw noFileName(given)
    const images = [
      ...(folder === '' ? [] : [folder]),
      'Images',
      ...(split === null ? [] : [split]),
    ]
    const name = this.#files.resolve(given, images.join('/'))
    const found = this.#find(name, given)
    const sourceId = this.#usedIds.has(`${id}`) ? `${split ?? ''}/${id}` : `${id}`
    if (this.#usedIds.has(sourceId)) throw sameImageId(given, id)
    this.#usedIds.add(sourceId)
    const [width, height] = [sideOf(entry['width']), sideOf(entry['height'])]
    const image: ImportedImage = {
      sourceId,
      file: found ?? name,
      width: height === null ? null : width,
      height: width === null ? null : height,
      split,
      attributes: {},
    }
    return { image, baseName: given.replace(/^.*[/\\]/, ''), objects: [], patches: [] }
  }

  /** Where the picture is: in its place, or anywhere below the root, but not among those of another split. */
  #find(name: string, given: string): string | null {
    const { split } = this.#split
    const exact = this.#pictures.find(name)
    if (exact !== null || split === null) return exact ?? this.#pictures.find(given)
    const inSplit = this.#pictures.find(`${split}/${given}`)
    if (inSplit !== null) return inSplit
    const anywhere = this.#pictures.find(given)
    const parent = anywhere?.split('/').at(-2)?.toLowerCase()
    return parent === 'dev' || parent === 'test' || parent === 'train' ? null : anywhere
  }

  #addAnnotations(
    list: JsonValue | undefined,
    table: ReadonlyMap<string, PatchEntry>,
    file: string,
  ): void {
    if (!Array.isArray(list)) return
    const entries: readonly JsonValue[] = list
    const inThisFile = new Set<number>()
    for (const [record, entry] of entries.entries()) {
      const place = { file, record }
      if (!isObject(entry)) {
        this.report(skipRecord(place, 'E_BBOX_MALFORMED', `An annotation is ${shown(entry)}.`))
        continue
      }
      const id = wholeId(entry['id'])
      if (id !== null && this.#isKnown(id, entry)) {
        if (!inThisFile.has(id)) continue
      }
      const isRepeated = id !== null && inThisFile.has(id)
      if (id !== null) inThisFile.add(id)
      const isPatch = this.#isPatch(entry)
      const image = this.#images.get(wholeId(entry['image_id']) ?? -1)
      const read = readAnnotation(entry, {
        place,
        image: image?.image ?? null,
        isPatch,
        isRepeated,
        categories: this.#categories,
        patches: table,
        report: this.report,
      })
      if (read?.kind === 'object') image?.objects.push(read.object)
      else if (read?.kind === 'patch') image?.patches.push(read.patch)
    }
  }

  #isPatch(entry: JsonObject): boolean {
    return this.#patchCategories.has(wholeId(entry['category_id']) ?? NaN)
  }

  /** Whether another annotation says the same; remembers this one. */
  #isKnown(id: number, { image_id, category_id, bbox }: JsonObject): boolean {
    const saying = JSON.stringify([image_id, category_id, bbox])
    const others = this.#annotations.get(id)
    if (others?.includes(saying)) return true
    if (others) others.push(saying)
    else this.#annotations.set(id, [saying])
    return false
  }
}

function isPatchCategory(id: number, name: string): boolean {
  return id === patchCategory || /^adversarial[ _-]patch$/i.test(name)
}

function sideOf(value: JsonValue | undefined): number | null {
  const side = wholeId(value)
  return side !== null && side > 0 ? side : null
}

const noImages = (file: string) =>
  new AppError(
    'E_COCO_NO_IMAGES',
    `${showPath(file)} has no list named "images".`,
    'Choose the folder of APRICOT, or one of its annotation files.',
  )

const noFileName = (given: JsonValue | undefined) =>
  new AppError(
    'E_PATH_INVALID',
    `The file_name of an image is ${shown(given)}.`,
    'Each image needs the name of its file.',
  )

const sameImageId = (file: string, id: number) =>
  new AppError(
    'E_DUPLICATE_IMAGE_ID',
    `Two images in ${showPath(file)} have the id ${id}, so their annotations cannot be told apart.`,
    'Give each image an id of its own.',
  )

const twoNames = (file: string, id: number, one: string, other: string) =>
  new AppError(
    'E_DUPLICATE_CATEGORY_ID',
    `${showPath(file)}: category ${id} is both ${showPath(one)} and ${showPath(other)}.`,
    'Give each category an id of its own.',
  )
