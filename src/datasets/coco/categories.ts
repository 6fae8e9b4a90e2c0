import type { ImportRecord } from '../../shared/dataset'
import { problemRecord, type Place, skipRecord, warning } from '../reading/problems'
import { shown } from '../reading/show-value'
import { duplicateCategoryId } from './errors'
import { ExtraFields, type JsonObject } from './fields'
import { sourceId } from './ids'

const fieldNames = {
  of: 'category',
  understood: new Set(['id', 'name', 'supercategory']),
  companions: [],
}

/** The classes of one import. Several files share those that have the same name. */
export class CocoCategories {
  /** By name, in the order of coming. */
  readonly #known = new Map<string, string>()
  readonly #usedIds = new Set<string>()

  forFile(file: string): CategoriesOfFile {
    return new CategoriesOfFile(file, this.#known, this.#usedIds)
  }
}

/** The classes of one annotation file. */
export class CategoriesOfFile {
  readonly #file: string
  /** From other files: `sourceId` by name. */
  readonly #shared: ReadonlyMap<string, string>
  readonly #known: Map<string, string>
  readonly #usedIds: Set<string>
  readonly #byKey = new Map<number | string, { readonly sourceId: string; readonly name: string }>()
  readonly #names = new Set<string>()
  readonly #extra = new ExtraFields(fieldNames)

  constructor(file: string, known: Map<string, string>, usedIds: Set<string>) {
    this.#file = file
    this.#shared = new Map(known)
    this.#known = known
    this.#usedIds = usedIds
  }

  /** `sourceId` of the class that annotations call `key`. */
  get(key: number | string): string | undefined {
    return this.#byKey.get(key)?.sourceId
  }

  /** @throws AppError E_DUPLICATE_CATEGORY_ID */
  *add(record: JsonObject, place: Place): Iterable<ImportRecord> {
    const id = sourceId(record['id'])
    if (id === null) {
      const message = `A category has the id ${shown(record['id'])}.`
      yield problemRecord(skipRecord(place, 'E_ID_OUT_OF_RANGE', message))
      return
    }
    const { name = null, supercategory = null } = record
    const isNamed = typeof name === 'string' && name !== ''
    const label = isNamed ? name : id.text
    const before = this.#byKey.get(id.key)
    if (before !== undefined && before.name !== label) {
      throw duplicateCategoryId(this.#file, id.text, before.name, label)
    }
    if (!isNamed) {
      const message = `The category ${id.text} has the name ${shown(name)}; its id is used instead.`
      yield problemRecord(warning(place, 'W_FIELD_TYPE', message))
    }
    if (!id.isInteger) {
      const message = `A category has the id ${shown(record['id'])}, which is no whole number.`
      yield problemRecord(warning(place, 'W_ID_NOT_INTEGER', message))
    }
    if (this.#names.has(label)) {
      const message = `More than one category is called ${shown(label)}; they are kept apart by id.`
      yield problemRecord(warning(place, 'W_DUPLICATE_CATEGORY_NAME', message))
    }
    this.#names.add(label)
    if (supercategory !== null && typeof supercategory !== 'string') {
      const message = `The supercategory of ${shown(label)} is ${shown(supercategory)}, not text; it is left out.`
      yield problemRecord(warning(place, 'W_FIELD_TYPE', message))
    }
    yield* this.#told(record, place)
    if (before !== undefined) return // the same once more
    const shared = this.#shared.get(label)
    const own = shared ?? this.#freeId(id.text)
    this.#byKey.set(id.key, { sourceId: own, name: label })
    if (shared !== undefined) return
    if (!this.#known.has(label)) this.#known.set(label, own)
    yield {
      kind: 'category',
      category: {
        sourceId: own,
        name: label,
        ...(typeof supercategory === 'string' && { supercategory }),
      },
    }
  }

  *#told(record: JsonObject, place: Place): Iterable<ImportRecord> {
    const problems: Parameters<typeof problemRecord>[0][] = []
    this.#extra.tell(record, place, problems)
    yield* problems.map(problemRecord)
  }

  /** The id itself, unless a class of another file has it. */
  #freeId(text: string): string {
    const free = this.#usedIds.has(text) ? `${this.#file}#${text}` : text
    this.#usedIds.add(free)
    return free
  }
}
