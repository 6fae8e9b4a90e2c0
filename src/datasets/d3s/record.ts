import type { Attributes, ImportProblem, JsonValue } from '../../shared/dataset'
import { isObject, type JsonObject } from '../reading/json-fields'
import { warning, type Place } from '../reading/problems'

/** The ten backgrounds, in the order of their numbers. */
export const backgrounds: readonly string[] = [
  'grass',
  'road',
  'forest',
  'water',
  'sand',
  'indoors',
  'snow',
  'rain',
  'night',
  'cave',
]

const classCount = 1000

export interface D3sRecord {
  readonly label: { readonly index: number | null; readonly name: string } | undefined
  /** Whether the file is said to hold the guide picture too. Its size decides. */
  readonly hasInit: boolean
  readonly attributes: Attributes
}

/** What a record says of its picture, apart from its path. */
export function readRecord(
  record: JsonObject,
  place: Place,
  report: (problem: ImportProblem) => void,
): D3sRecord {
  const args = isObject(record['args']) ? record['args'] : {}
  const className = textOf(args['class_name'])?.split(',')[0]?.trim()
  const index = classIndex(record['classIdx'] ?? args['class_idx'], place, report)
  const attributes: Record<string, JsonValue> = {}
  const keep = (key: string, value: JsonValue | undefined) => {
    if (typeof value === 'string' || typeof value === 'number') attributes[key] = value
  }
  keep('prompt', record['prompt'])
  keep('definition', args['definition'])
  keep('fg_scale', args['fg_scale'])
  for (const key of ['geography', 'time_past', 'time_future']) keep(key, args[key])
  const hasInit = record['hasInit'] === true
  Object.assign(attributes, { has_init: hasInit }, background(record, args, place, report))
  const name = className === undefined || className === '' ? null : className
  const label =
    index === null && name === null
      ? undefined
      : { index, name: name ?? `ImageNet class ${index ?? '?'}` }
  return { label, hasInit, attributes }
}

/** The writer turned whole numbers into text, so both are taken. */
function classIndex(
  value: JsonValue | undefined,
  place: Place,
  report: (problem: ImportProblem) => void,
): number | null {
  const isDigits = typeof value === 'string' && /^\d{1,4}$/.test(value)
  const index = isDigits ? Number(value) : value
  if (typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < classCount) {
    return index
  }
  const message = `classIdx is ${JSON.stringify(value)}, no whole number from 0 to 999; the class is unknown.`
  report(warning(place, 'W_CLASS_NOT_INTEGER', message))
  return null
}

/** The field, or else the last word of the phrase ("on grass"). Both may be missing. */
function background(
  record: JsonObject,
  args: JsonObject,
  place: Place,
  report: (problem: ImportProblem) => void,
): Attributes {
  const phrase = textOf(args['background'])?.trim().split(/\s+/).at(-1)
  const word = (textOf(record['background']) ?? phrase)?.trim().toLowerCase()
  if (word === undefined || word === '') return { background: null, background_index: null }
  const index = backgrounds.indexOf(word)
  if (index >= 0) return { background: word, background_index: index }
  const message = `The background ${JSON.stringify(word)} is none of ${backgrounds.join(', ')}.`
  report(warning(place, 'W_UNKNOWN_BACKGROUND', message))
  return { background: word, background_index: null }
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
