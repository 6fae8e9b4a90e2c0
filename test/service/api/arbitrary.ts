import fc from 'fast-check'
import { z } from 'zod'

type Schema = z.core.JSONSchema.BaseSchema

/** Values that fit a schema, as far as JSON Schema says it. */
export function fitting(schema: z.ZodType): fc.Arbitrary<unknown> {
  return from(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), new Map())
}

function from(
  given: z.core.JSONSchema._JSONSchema,
  definitions: Map<string, Schema>,
): fc.Arbitrary<unknown> {
  if (typeof given === 'boolean') return fc.jsonValue()
  const schema = given
  for (const [name, definition] of Object.entries(schema.$defs ?? {}))
    definitions.set(`#/$defs/${name}`, definition)
  if (schema.$ref !== undefined) return fc.jsonValue({ maxDepth: 2 }) // only JSON itself is recursive here
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return fc.oneof(...choices.map((choice) => from(choice, definitions)))
  switch (schema.type) {
    case 'object':
      return object(schema, definitions)
    case 'array':
      return array(schema, definitions)
    case 'string':
      return text(schema)
    case 'integer':
      return fc.integer({
        min: bound(schema.minimum, -1_000),
        // Near the lowest, so that ids often name something.
        max: Math.min(bound(schema.maximum, Infinity), bound(schema.minimum, -1_000) + 60),
      })
    case 'number':
      return fc.double({
        min: bound(schema.minimum ?? numberOf(schema.exclusiveMinimum), -1e3),
        max: bound(schema.maximum ?? numberOf(schema.exclusiveMaximum), 1e3),
        noNaN: true,
      })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function object(schema: Schema, definitions: Map<string, Schema>): fc.Arbitrary<unknown> {
  const required = schema.required ?? []
  const fields = Object.entries(schema.properties ?? {}).map(
    ([key, value]) => [key, from(value, definitions)] as const,
  )
  if (fields.length === 0) {
    const values =
      typeof schema.additionalProperties === 'object'
        ? from(schema.additionalProperties, definitions)
        : fc.jsonValue({ maxDepth: 1 })
    return schema.additionalProperties === false
      ? fc.constant({})
      : fc.dictionary(fc.string({ maxLength: 20 }), values, { maxKeys: 4 })
  }
  return fc.record(Object.fromEntries(fields), { requiredKeys: required })
}

function array(schema: Schema, definitions: Map<string, Schema>): fc.Arbitrary<unknown> {
  const { prefixItems, items, minItems = 0 } = schema
  if (prefixItems) return fc.tuple(...prefixItems.map((item) => from(item, definitions)))
  const item =
    items === undefined || Array.isArray(items) ? fc.jsonValue() : from(items, definitions)
  return fc.array(item, { minLength: minItems, maxLength: Math.max(minItems, 6) })
}

function text({ pattern, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<unknown> {
  if (pattern !== undefined)
    return fc.stringMatching(new RegExp(pattern)).filter((one) => one.length <= maxLength)
  const hostile = fc.constantFrom(
    '<img src=x onerror=alert(1)>',
    '\u202egnp.exe',
    '../../etc/passwd',
    '/etc/passwd',
    "'; DROP TABLE images; --",
    '__proto__',
    'constructor',
    '\0',
    '🙂'.repeat(10),
    'patchwarden-nano',
    'coco',
  )
  const most = Math.min(maxLength, 60)
  return fc
    .oneof(
      fc.string({ minLength, maxLength: most }),
      fc.string({ unit: 'binary', minLength, maxLength: most }),
      hostile,
    )
    .filter((one) => one.length >= minLength && one.length <= maxLength)
}

const bound = (value: number | undefined, otherwise: number) =>
  value === undefined || !Number.isFinite(value) || Math.abs(value) > 1e12 ? otherwise : value

/** Older drafts of JSON Schema have true or false here. */
const numberOf = (value: number | boolean | undefined) =>
  typeof value === 'number' ? value : undefined
