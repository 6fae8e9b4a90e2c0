/** A field of a form, read from a plug-in's JSON schema. */
export interface SchemaField {
  readonly name: string
  readonly label: string
  readonly help: string | null
  readonly kind: FieldKind
  readonly initial: unknown
}

export type FieldKind =
  | { readonly kind: 'switch' }
  | { readonly kind: 'slider'; readonly min: number; readonly max: number; readonly step: number }
  | {
      readonly kind: 'number'
      readonly min: number | null
      readonly max: number | null
      readonly isInteger: boolean
    }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly kind: 'list'; readonly items: 'number' | 'text' }
  | { readonly kind: 'model'; readonly task: string }
  | { readonly kind: 'text'; readonly isNullable: boolean }

type Json = Readonly<Record<string, unknown>>

/** The fields of an object schema, in its order; parts that no control can show are left out. */
export function schemaFields(schema: Json): SchemaField[] {
  return Object.entries(asJson(schema['properties'])).flatMap(([name, value]) => {
    const field = asJson(value)
    const kind = kindOf(field)
    if (kind === null) return []
    const help = typeof field['description'] === 'string' ? field['description'] : null
    const title = typeof field['title'] === 'string' ? field['title'] : inWords(name)
    return [{ name, label: title, help, kind, initial: field['default'] }]
  })
}

function kindOf(field: Json): FieldKind | null {
  const [schema, isNullable] = withoutNull(field)
  const model = field['model'] ?? asJson(field['meta'])['model']
  if (typeof model === 'string') return { kind: 'model', task: model }
  const options = schema['enum']
  if (Array.isArray(options) && options.every((option) => typeof option === 'string')) {
    return { kind: 'choice', options }
  }
  switch (schema['type']) {
    case 'boolean':
      return { kind: 'switch' }
    case 'integer':
    case 'number':
      return numberKind(schema)
    case 'array': {
      const type = asJson(schema['items'])['type']
      if (type === 'integer' || type === 'number') return { kind: 'list', items: 'number' }
      return type === 'string' ? { kind: 'list', items: 'text' } : null
    }
    case 'string':
      return { kind: 'text', isNullable }
    default:
      return null
  }
}

/** Ranges wider than this are typed, not dragged. */
const WIDEST = 1e6

function numberKind(schema: Json): FieldKind {
  const isInteger = schema['type'] === 'integer'
  const min = bound(schema, 'minimum', 'exclusiveMinimum')
  const max = bound(schema, 'maximum', 'exclusiveMaximum')
  if (min === null || max === null || max - min > WIDEST) {
    const plausible = (value: number | null): number | null =>
      value !== null && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : null
    return { kind: 'number', min: plausible(min), max: plausible(max), isInteger }
  }
  const given = schema['multipleOf']
  const step = typeof given === 'number' ? given : isInteger ? 1 : niceStep((max - min) / 100)
  return { kind: 'slider', min, max, step }
}

function bound(schema: Json, closed: string, open: string): number | null {
  const value = schema[closed] ?? schema[open]
  return typeof value === 'number' ? value : null
}

/** The round number (1, 2 or 5 of a power of ten) just below. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const lead = step / power
  return (lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * power
}

/** `anyOf: [schema, null]` and `type: [T, null]` may be left empty. */
function withoutNull(field: Json): [Json, boolean] {
  const types = field['type']
  if (Array.isArray(types)) {
    const [type, ...more] = types.filter((one): one is unknown => one !== 'null')
    return more.length > 0 ? [field, false] : [{ ...field, type }, true]
  }
  const any = field['anyOf'] ?? field['oneOf']
  if (!Array.isArray(any)) return [field, false]
  const [first, ...others] = any.map(asJson).filter((one) => one['type'] !== 'null')
  if (first === undefined || others.length > 0) return [field, false]
  return [first, true]
}

function asJson(value: unknown): Json {
  // An object read from JSON has only string keys.
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

/** `maxRung` as `Max rung`. */
function inWords(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[-_]+/g, ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Reads a list that was typed: numbers or words with commas or spaces between them; null if a part is not a number. */
export function readList(text: string, items: 'number' | 'text'): (number | string)[] | null {
  const parts = text.split(/[,;\s]+/).filter((part) => part !== '')
  if (items === 'text') return parts
  const numbers = parts.map(Number)
  return numbers.every((value) => Number.isFinite(value)) ? numbers : null
}
