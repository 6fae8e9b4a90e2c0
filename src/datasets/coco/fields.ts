import type { Attributes, ImportProblem, JsonValue } from '../../shared/dataset'
import { type Place, warning } from '../reading/problems'
import { shown } from '../reading/show-value'

export type JsonObject = Readonly<Record<string, JsonValue | undefined>>

/** A record that is no object has no fields. */
export function fieldsOf(value: JsonValue): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as JsonObject) : {} // lists are excluded above; the type cannot tell
}

/** Fields of the format that have no meaning here; they stay fields when records are written again. */
export const imageCompanions = ['license', 'flickr_url', 'coco_url', 'date_captured'] as const
export const annotationCompanions = ['keypoints', 'num_keypoints'] as const

/** Which fields of a kind of record have a meaning, and which are known to come along. */
export interface FieldNames {
  /** For messages: "image", "annotation" … */
  readonly of: string
  readonly understood: ReadonlySet<string>
  /** Part of the format, but without meaning here: kept silently. */
  readonly companions: readonly string[]
}

/** Collects what is not understood into attributes, and tells of each field once. */
export class ExtraFields {
  readonly #told = new Set<string>()
  readonly #names: FieldNames

  constructor(names: FieldNames) {
    this.#names = names
  }

  attributes(record: JsonObject, place: Place, problems: ImportProblem[]): Attributes {
    const attributes = Object.create(null) as Record<string, JsonValue> // `create` answers any
    const { understood, companions } = this.#names
    for (const key in record) {
      const value = record[key]
      if (understood.has(key) || value === undefined) continue
      if (!companions.includes(key)) this.#tell(key, place, problems)
      attributes[key] = this.#finite(value, key, place, problems)
    }
    this.#addNested(attributes, record['attributes'], place, problems)
    return attributes
  }

  /** For records whose extra fields have no place: tells of them only. */
  tell(record: JsonObject, place: Place, problems: ImportProblem[]): void {
    for (const key in record) {
      if (!this.#names.understood.has(key)) this.#tell(key, place, problems)
    }
  }

  #tell(key: string, place: Place, problems: ImportProblem[]): void {
    if (this.#told.has(key)) return
    this.#told.add(key)
    const message = `${shown(key)} is no field that COCO has for ${this.#names.of} records.`
    problems.push(warning(place, 'W_UNKNOWN_FIELD', message))
  }

  /** `attributes` is where several tools, and our own export, put what COCO has no field for. */
  #addNested(
    attributes: Record<string, JsonValue>,
    nested: JsonValue | undefined,
    place: Place,
    problems: ImportProblem[],
  ): void {
    if (nested === undefined) return
    const value = this.#finite(nested, 'attributes', place, problems)
    const members = fieldsOf(value)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    const clashes = Object.keys(members).some((key) => key in attributes)
    if (!isObject || clashes) attributes['attributes'] = value
    else Object.assign(attributes, members)
  }

  /** Numbers that JSON cannot write again become null, and that is told. */
  #finite(value: JsonValue, key: string, place: Place, problems: ImportProblem[]): JsonValue {
    if (isFiniteJson(value)) return value
    const message = `${shown(key)} holds a number that is not finite; it became null.`
    problems.push(warning(place, 'W_FIELD_TYPE', message))
    return withoutInfinite(value)
  }
}

function isFiniteJson(value: JsonValue): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every(isFiniteJson)
}

function withoutInfinite(value: JsonValue): JsonValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withoutInfinite)
  const members = Object.entries(value).map(([key, member]) => [key, withoutInfinite(member)])
  return Object.fromEntries(members) as JsonValue // built from JsonValues
}
