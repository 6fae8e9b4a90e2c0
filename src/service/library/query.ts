import { imageFilter, imageStatus, fileState, patchStatus } from '../../shared/api/filter'
import type { ImageFilterInput } from '../../shared/api'
import type { z } from 'zod'

export interface QueryFault {
  readonly start: number
  readonly end: number
  readonly message: string
}

export interface ReadQuery {
  readonly filter: ImageFilterInput
  readonly faults: readonly QueryFault[]
}

type Writable = { -readonly [K in keyof ImageFilterInput]: ImageFilterInput[K] }
interface Range {
  min?: number
  max?: number
}

interface Reading {
  readonly filter: Writable
  readonly words: string[]
  readonly score: Range
  readonly change: Range
  readonly rung: Range
  /** Runs that the question is about. */
  readonly a: number | null
  readonly b: number | null
}

/** Keys that are followed by a value. */
export const queryKeys = {
  class: 'a class of annotated objects or, with score, of what the run B found',
  label: 'the label of the picture',
  split: 'a split',
  tag: 'a tag',
  field: 'a field of the data set and its value: field:background=grass',
  name: 'beginnings of words of the file name',
  status: imageStatus.options.join(', '),
  file: fileState.options.join(', '),
  mask: patchStatus.options.join(', '),
  patch: 'yes or no',
  certified: 'yes or no',
  found: 'yes or no: whether the run B found a patch',
  failed: 'yes or no: in the run B',
  score: 'compared with a number: score<0.5',
  change: 'compared with a number: change>0.3',
  rung: 'compared with a number: rung>=2',
} as const

const tokenPattern =
  /([\p{L}_]+)(<=|>=|<|>|=|:)("(?:[^"\\]|\\.)*"?|[^\s"]*)|"((?:[^"\\]|\\.)*)"?|[^\s"]+/gu

/**
 * Reads a search as a filter. What cannot be read is told with its place, and the rest counts: a half-typed word at the
 * end never throws the list away.
 */
export function readQuery(
  text: string,
  runs: { readonly a?: number | null | undefined; readonly b?: number | null | undefined } = {},
): ReadQuery {
  const reading: Reading = {
    ...{ filter: {}, words: [], score: {}, change: {}, rung: {} },
    a: runs.a ?? null,
    b: runs.b ?? null,
  }
  const faults: QueryFault[] = []
  for (const match of text.matchAll(tokenPattern)) {
    const [whole, key, operator, value, quoted] = match
    const message =
      key === undefined || operator === undefined
        ? addWord(reading, quoted ?? whole)
        : addTerm(reading, key.toLowerCase(), operator, unquoted(value ?? ''))
    if (message !== null) {
      faults.push({ start: match.index, end: match.index + whole.length, message })
    }
  }
  finish(reading)
  const checked = imageFilter.safeParse(reading.filter)
  if (checked.success) return { filter: checked.data, faults }
  const reason = checked.error.issues[0]?.message ?? 'it is too long'
  return { filter: {}, faults: [...faults, { start: 0, end: text.length, message: reason }] }
}

function addWord({ words }: Reading, word: string): null {
  words.push(word)
  return null
}

/** What is wrong with the term; null if nothing is. */
function addTerm(reading: Reading, key: string, operator: string, value: string): string | null {
  const { filter } = reading
  if (!Object.hasOwn(queryKeys, key)) {
    return `There is no "${key}". Known: ${Object.keys(queryKeys).join(', ')}.`
  }
  if (value === '') return `"${key}" has no value yet.`
  switch (key) {
    case 'score':
    case 'change':
    case 'rung':
      return addRange(reading, key, operator, value)
    case 'class':
    case 'label':
    case 'split':
    case 'tag':
      filter[key] = [...(filter[key] ?? []), value]
      return null
    case 'field':
      return addField(reading, value)
    case 'name':
      return addWord(reading, value)
    case 'status':
      return addChoice(key, imageStatus, value, (one) => {
        filter.status = [...(filter.status ?? []), one]
      })
    case 'file':
      return addChoice(key, fileState, value, (one) => {
        filter.file = [...(filter.file ?? []), one]
      })
    case 'mask':
      return addChoice(key, patchStatus, value, (one) => {
        filter.patchStatus = [...(filter.patchStatus ?? []), one]
      })
    default:
      return addAnswer(reading, key, value)
  }
}

function addField({ filter }: Reading, text: string): string | null {
  const at = text.indexOf('=')
  const [name, value] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)]
  if (name === '' || value === '')
    return `"field" needs a name and a value: field:background=grass.`
  filter.field = [...(filter.field ?? []), { name, value }]
  return null
}

function addAnswer({ filter, b }: Reading, key: string, value: string): string | null {
  const answer = value.toLowerCase()
  if (answer !== 'yes' && answer !== 'no') return `"${key}" is yes or no, not "${value}".`
  const yes = answer === 'yes'
  if (key === 'patch') filter.patch = yes
  else if (key === 'certified') filter.certified = yes
  else if (b === null) return `"${key}" needs a run B.`
  else if (key === 'failed')
    filter.outcome = { ...filter.outcome, run: b, state: yes ? 'failed' : 'done' }
  else filter.outcome = { ...filter.outcome, run: b, patchFound: yes }
  return null
}

function addChoice<T extends string>(
  key: string,
  schema: z.ZodType<T> & { readonly options: readonly T[] },
  value: string,
  add: (one: T) => void,
): string | null {
  const checked = schema.safeParse(value.toLowerCase())
  if (!checked.success) return `"${key}" is one of ${schema.options.join(', ')}, not "${value}".`
  add(checked.data)
  return null
}

function addRange(
  reading: Reading,
  key: 'score' | 'change' | 'rung',
  operator: string,
  value: string,
): string | null {
  const number = Number(value)
  const most = key === 'rung' ? 99 : 1
  if (!Number.isFinite(number) || number < 0 || number > most) {
    return `"${key}" is compared with a number from 0 to ${most}, not "${value}".`
  }
  if (reading.b === null) return `"${key}" needs a run B.`
  if (key === 'change' && reading.a === null) return '"change" needs a run A.'
  const range = reading[key]
  const step = key === 'rung' ? 1 : 0
  if (operator === '<' || operator === '<=') range.max = operator === '<' ? number - step : number
  else if (operator === '>' || operator === '>=')
    range.min = operator === '>' ? number + step : number
  else Object.assign(range, { min: number, max: number })
  return null
}

/** What needs all terms to be known. */
function finish({ filter, words, score, change, rung, a, b }: Reading): void {
  if (words.length > 0) filter.text = words.join(' ')
  if (b === null) return
  if (isGiven(score)) {
    const [only, ...others] = filter.class ?? []
    const isOne = only !== undefined && others.length === 0
    if (isOne) delete filter.class
    filter.found = { run: b, ...(isOne ? { class: only } : {}), ...renamed(score) }
  }
  if (isGiven(change) && a !== null) filter.changed = { a, b, ...change }
  if (isGiven(rung)) {
    const range = { min: Math.max(0, rung.min ?? 0), max: Math.max(0, rung.max ?? 99) }
    filter.outcome = { ...filter.outcome, run: b, rung: range }
  }
}

const isGiven = ({ min, max }: Range) => min !== undefined || max !== undefined

const renamed = ({ min, max }: Range) => ({
  ...(min === undefined ? {} : { minScore: min }),
  ...(max === undefined ? {} : { maxScore: max }),
})

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text
  return text.replace(/^"/, '').replace(/"$/, '').replaceAll(/\\(.)/g, '$1')
}

/** Words that may replace the unfinished one at the end of a search. */
export function completeQuery(
  text: string,
  names: Readonly<Record<'class' | 'label' | 'split' | 'tag', readonly string[]>>,
): { readonly from: number; readonly suggestions: string[] } {
  const last = /(?:([\p{L}_]+):("[^"]*|[^\s"]*)|[\p{L}_]*)$/u.exec(text)
  const whole = last?.[0] ?? ''
  const from = text.length - whole.length
  const key = last?.[1]?.toLowerCase()
  if (key === undefined) {
    const keys = Object.keys(queryKeys).filter((one) => one.startsWith(whole.toLowerCase()))
    const suggestions = keys.map((one) => (isRangeKey(one) ? `${one}>` : `${one}:`))
    return { from, suggestions: whole === '' ? [] : suggestions }
  }
  const begun = (last?.[2] ?? '').replace(/^"/, '').toLowerCase()
  const values = valuesOf(key, names).filter((value) => value.toLowerCase().startsWith(begun))
  return {
    from,
    suggestions: values.slice(0, 20).map((value) => `${key}:${quotedIfNeeded(value)}`),
  }
}

const isRangeKey = (key: string) => key === 'score' || key === 'change' || key === 'rung'

function valuesOf(
  key: string,
  names: Readonly<Record<'class' | 'label' | 'split' | 'tag', readonly string[]>>,
): readonly string[] {
  switch (key) {
    case 'class':
    case 'label':
    case 'split':
    case 'tag':
      return names[key]
    case 'status':
      return imageStatus.options
    case 'file':
      return fileState.options
    case 'mask':
      return patchStatus.options
    case 'patch':
    case 'certified':
    case 'found':
    case 'failed':
      return ['yes', 'no']
    default:
      return []
  }
}

function quotedIfNeeded(value: string): string {
  return /^[^\s"]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}
