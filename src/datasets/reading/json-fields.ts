import type { Attributes, JsonValue } from '../../shared/dataset'

export type JsonObject = Readonly<Record<string, JsonValue>>

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value if it is a list, else an empty one. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [] // isArray does not narrow readonly lists
}

/** The value if it is a finite number, else undefined. */
export function finiteOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** The value if it is text, else undefined. */
export function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Ids are numbers or texts; we keep texts. Undefined for anything else. */
export function idOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : finiteOf(value)?.toString()
}

/** The members that are not in `names`; numbers that are not finite become null, which JSON can hold. */
export function otherFields(value: JsonValue | undefined, names: readonly string[]): Attributes {
  if (!isObject(value)) return {}
  const kept = Object.entries(value).filter(([name]) => !names.includes(name))
  return Object.fromEntries(kept.map(([name, field]) => [name, finiteOnly(field)]))
}

function finiteOnly(value: JsonValue): JsonValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (Array.isArray(value)) return listOf(value).map(finiteOnly)
  return isObject(value) ? otherFields(value, []) : value
}
