import type { FileSource, ImportProblem, ImportRecord } from '../../shared/dataset'
import { type JsonEntry, streamJsonInBatches } from '../reading/json-stream'
import type { JsonSurvey, SurveyedMember } from '../reading/json-survey'
import { problemRecord, warning } from '../reading/problems'
import { shown } from '../reading/show-value'
import { AnnotationsOfFile } from './annotations'
import type { CocoCategories } from './categories'
import { fieldsOf } from './fields'
import { ImagesOfFile } from './images'
import { PictureNames } from './picture-names'

const knownKeys = new Set(['info', 'licenses', 'images', 'annotations', 'categories', 'type'])
const needed = ['images', 'categories'] as const

export interface DocumentContext {
  readonly files: FileSource
  readonly categories: CocoCategories
  /** Names of all pictures of the import. */
  readonly fileNames: Set<string>
  /** Stands before the ids of images; '' for a single file. */
  readonly prefix: string
  /** Folder of the pictures, '' to look for it. */
  readonly pictureFolder: string
}

/**
 * The records of one annotation file. It is read once if images and categories come before annotations, else twice, so that
 * annotations are never collected in memory.
 * @throws AppError E_DUPLICATE_IMAGE_ID, E_DUPLICATE_CATEGORY_ID, and those of reading JSON
 */
export async function* readDocument(
  file: string,
  survey: JsonSurvey,
  context: DocumentContext,
): AsyncGenerator<readonly ImportRecord[]> {
  const document = new CocoDocument(file, survey, context)
  if (annotationsComeLast(survey)) {
    yield* document.pass(new Set([...needed, 'annotations']), true)
  } else {
    yield* document.pass(new Set(needed), false)
    yield* document.pass(new Set(['annotations']), true)
  }
  yield document.finish()
}

/** The list that counts: the last one of its name. */
function lastOf(survey: JsonSurvey, key: string): SurveyedMember | undefined {
  return survey.members.findLast((member) => member.key === key)
}

function annotationsComeLast(survey: JsonSurvey): boolean {
  const start = lastOf(survey, 'annotations')?.offset ?? Infinity
  return needed.every((key) => (lastOf(survey, key)?.offset ?? -1) < start)
}

class CocoDocument {
  readonly #file: string
  readonly #survey: JsonSurvey
  readonly #files: FileSource
  readonly #images: ImagesOfFile
  readonly #categories
  readonly #annotations: AnnotationsOfFile

  constructor(file: string, survey: JsonSurvey, context: DocumentContext) {
    const { files, categories, fileNames, prefix, pictureFolder } = context
    this.#file = file
    this.#survey = survey
    this.#files = files
    const names = new PictureNames(files, file, pictureFolder)
    this.#images = new ImagesOfFile(file, names, prefix, fileNames)
    this.#categories = categories.forFile(file)
    this.#annotations = new AnnotationsOfFile(file, this.#images, this.#categories)
  }

  /** Reads the whole file for the lists in `keys`. Faults of the JSON are told in one pass only. */
  async *pass(keys: ReadonlySet<string>, report: boolean): AsyncGenerator<readonly ImportRecord[]> {
    const found: ImportProblem[] = []
    const note = (problem: ImportProblem) => {
      if (report) found.push(problem)
    }
    const starts = new Map([...keys].map((key) => [key, lastOf(this.#survey, key)?.offset ?? 0]))
    const pieces = this.#files.stream(this.#file)
    for await (const entries of streamJsonInBatches(pieces, this.#file, note)) {
      const records = found.splice(0).map(problemRecord)
      for (const entry of entries) {
        const key = entry.path[0] ?? ''
        const start = starts.get(key)
        if (start === undefined || entry.offset < start) continue
        const made = this.#records(key, entry)
        for (const record of made instanceof Promise ? await made : made) records.push(record)
      }
      if (records.length > 0) yield records
    }
    if (found.length > 0) yield found.map(problemRecord)
  }

  finish(): readonly ImportRecord[] {
    const records: ImportRecord[] = []
    for (const key of new Set(this.#survey.members.map((member) => member.key))) {
      if (knownKeys.has(key)) continue
      const message = `${shown(key)} is no field that COCO has; it is not imported.`
      records.push(problemRecord(warning({ file: this.#file }, 'W_UNKNOWN_FIELD', message)))
    }
    return [...records, ...this.#annotations.finish()]
  }

  #records(
    key: string,
    { value, index, offset }: JsonEntry,
  ): Iterable<ImportRecord> | Promise<readonly ImportRecord[]> {
    const place = { file: this.#file, record: index, offset }
    const record = fieldsOf(value)
    if (key === 'annotations') return this.#annotations.read(record, place)
    if (key === 'images') return this.#images.add(record, place)
    return this.#categories.add(record, place)
  }
}
