import { z } from 'zod'
import { AppError } from '../errors'

/** One setting of a plug-in, as a person sees it. */
export interface SettingDescription {
  readonly key: string
  readonly type: string
  readonly defaultValue: string
  readonly description: string
}

/**
 * Reads `key=value` texts (`--set`) with a plug-in's schema. Lists are written with commas; numbers, true and false as
 * they are. Settings not named get their defaults.
 * @throws AppError E_SETTING_UNKNOWN, E_SETTING_INVALID
 */
export function parseSettings<P extends z.ZodObject>(
  owner: string,
  schema: P,
  texts: readonly string[],
): z.output<P> {
  const values: Record<string, unknown> = {}
  for (const text of texts) {
    const at = text.indexOf('=')
    const key = at < 0 ? text : text.slice(0, at)
    if (!Object.hasOwn(schema.shape, key))
      throw settingUnknown(owner, key, Object.keys(schema.shape))
    if (at < 0) throw settingInvalid(owner, key, 'it has no value')
    values[key] = fromText(schema.shape[key] as z.ZodType, text.slice(at + 1)) // shape holds schemas
  }
  return parseParams(owner, schema, values)
}

/**
 * Checks values for a plug-in's settings and fills in the defaults.
 * @throws AppError E_SETTING_UNKNOWN, E_SETTING_INVALID
 */
export function parseParams<P extends z.ZodObject>(
  owner: string,
  schema: P,
  values: Readonly<Record<string, unknown>>,
): z.output<P> {
  for (const key of Object.keys(values)) {
    if (!Object.hasOwn(schema.shape, key))
      throw settingUnknown(owner, key, Object.keys(schema.shape))
  }
  const result = schema.safeParse(values)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = issue?.path.map(String) ?? []
  throw settingInvalid(
    owner,
    path.join('.'),
    issue === undefined ? 'it does not fit' : reasonOf(issue),
    values[path[0] ?? ''],
  )
}

export function describeSettings(schema: z.ZodObject): readonly SettingDescription[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.entries(json.properties ?? {}).map(([key, property]) => {
    const field = typeof property === 'object' ? property : {}
    return {
      key,
      type: typeOf(field),
      defaultValue: Array.isArray(field.default)
        ? field.default.join(',')
        : typeof field.default === 'string'
          ? field.default
          : JSON.stringify(field.default ?? null),
      description: field.description ?? '',
    }
  })
}

function typeOf(field: z.core.JSONSchema.BaseSchema): string {
  if (field.enum) return field.enum.map(String).join(' | ')
  if (field.type === 'array') return 'list'
  if (field.type === 'number' || field.type === 'integer') return rangeOf(field)
  return typeof field.type === 'string' ? field.type : 'value'
}

function rangeOf(field: z.core.JSONSchema.BaseSchema): string {
  const { exclusiveMinimum: above, exclusiveMaximum: below } = field
  // Whole numbers without a bound get the largest exact ones.
  const exact = (bound: number | undefined) =>
    Math.abs(bound ?? Infinity) < Number.MAX_SAFE_INTEGER ? bound : undefined
  const [low, high] = [exact(field.minimum), exact(field.maximum)]
  if (low !== undefined && high !== undefined) return `${low}..${high}`
  const from =
    low !== undefined ? `from ${low}` : above !== undefined ? `above ${above}` : undefined
  const to =
    high !== undefined ? `up to ${high}` : below !== undefined ? `below ${below}` : undefined
  return [from, to].filter((part) => part !== undefined).join(', ') || 'number'
}

function fromText(schema: z.ZodType, text: string): unknown {
  const candidates: unknown[] = [text]
  const scalar = (part: string): unknown => {
    if (part === 'true') return true
    if (part === 'false') return false
    const number = Number(part)
    return part.trim() !== '' && Number.isFinite(number) ? number : part
  }
  const list = text === '' ? [] : text.split(',').map((part) => scalar(part.trim()))
  candidates.push(scalar(text), list)
  // The first reading that the schema takes; otherwise the likeliest one, so that the message speaks of it.
  const likeliest = list.length > 1 ? list : scalar(text)
  return candidates.find((value) => schema.safeParse(value).success) ?? likeliest
}

const typeNames: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  string: 'text',
  array: 'a list',
}

/** In words for people; the schema's own for what is rare. */
function reasonOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small': {
      const { minimum, inclusive = true, origin } = issue
      if (origin === 'array') return `the list needs ${minimum} or more`
      return inclusive ? `${minimum} is the least` : `more than ${minimum} is needed`
    }
    case 'too_big': {
      const { maximum, inclusive = true, origin } = issue
      if (origin === 'array') return `the list takes ${maximum} at most`
      return inclusive ? `${maximum} is the most` : `less than ${maximum} is needed`
    }
    case 'invalid_type':
      return `${typeNames[issue.expected] ?? issue.expected} is needed`
    case 'invalid_value':
      return `choose one of ${issue.values.map(String).join(', ')}`
    default:
      return issue.message
  }
}

function settingUnknown(owner: string, key: string, known: readonly string[]): AppError {
  return new AppError(
    'E_SETTING_UNKNOWN',
    `${owner} has no setting "${key}"`,
    known.length > 0 ? `Its settings are ${known.join(', ')}.` : 'It has no settings.',
  )
}

function settingInvalid(owner: string, key: string, reason: string, value?: unknown): AppError {
  const given = value === undefined ? '' : ` = ${JSON.stringify(value)}`
  return new AppError(
    'E_SETTING_INVALID',
    `${owner}: setting ${key}${given} is not usable: ${reason}`,
    'Give another value; the command with --help lists every setting with its range.',
  )
}
