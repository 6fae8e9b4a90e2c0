import type { Output } from '../../../shared/api'
import { modelsText as words } from '../../strings/models'

// Cards come as JSON: what the screen shows of them is read here, and what the user changes becomes overrides.

export type Card = Readonly<Record<string, unknown>>
export type Model = Output<'models.list'>['models'][number]

/** The value at a path such as `input.width`; undefined where there is none. */
export function at(card: Card | null, path: string): unknown {
  let value: unknown = card
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.entries(value).find(([key]) => key === part)?.[1]
  }
  return value
}

export function textAt(card: Card | null, path: string): string {
  const value = at(card, path)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export function numberAt(card: Card | null, path: string): number | null {
  const value = at(card, path)
  return typeof value === 'number' ? value : null
}

/** The names of classes on a card. */
export function classesOf(card: Card | null): readonly string[] {
  const classes = at(card, 'classes')
  return Array.isArray(classes) ? classes.filter((name) => typeof name === 'string') : []
}

/** A copy with the value set at a path; what lies beside it stays. */
export function withField(fields: Card, path: string, value: unknown): Card {
  const [head = '', ...rest] = path.split('.')
  if (rest.length === 0) return { ...fields, [head]: value }
  const inside = fields[head]
  const before: Card = typeof inside === 'object' && inside !== null ? { ...inside } : {}
  return { ...fields, [head]: withField(before, rest.join('.'), value) }
}

/** Which of the fields that are shown were not read from the file, by the questions that the recognition asks. */
export function isGuessed(path: string, questions: readonly { readonly field: string }[]): boolean {
  return questions.some(
    ({ field }) => field === path || path.startsWith(`${field}.`) || field.startsWith(`${path}.`),
  )
}

/** `640 x 480` or `640×480`; null where that is no size. */
export function readSize(text: string): { width: number; height: number } | null {
  const found = /^\s*(\d{1,5})\s*[x×,\s]\s*(\d{1,5})\s*$/i.exec(text)
  const [width, height] = [Number(found?.[1]), Number(found?.[2])]
  return width > 0 && height > 0 ? { width, height } : null
}

/** The first words of a licence: what is in brackets explains it. */
export function shortLicence(licence: string | null): string {
  const text = (licence ?? '').split(' (')[0]?.trim() ?? ''
  return text === '' ? words.unknownLicence : text
}

export function hasKnownLicence({ licence }: Model): boolean {
  return shortLicence(licence).toLowerCase() !== words.unknownLicence
}

export function inputText({ input }: Model): string {
  if (input === null) return '–'
  if (input.dynamic) return words.anySize
  return `${input.width} × ${input.height}`
}

/** The one figure of a card that says most; cards are free in what they measure. */
export function accuracyText(metrics: Card): string {
  const measures: readonly (readonly [string, (value: number) => string])[] = [
    ['ap50', (value) => `AP50 ${(value * (value <= 1 ? 100 : 1)).toFixed(1)}`],
    ['ap', (value) => `AP ${(value * (value <= 1 ? 100 : 1)).toFixed(1)}`],
    ['iou', (value) => `IoU ${value.toFixed(2)}`],
    ['accuracy', (value) => `${(value * (value <= 1 ? 100 : 1)).toFixed(1)} %`],
    ['cleanAccuracy', (value) => `${(value * (value <= 1 ? 100 : 1)).toFixed(1)} %`],
  ]
  for (const [key, format] of measures) {
    const found = firstNumber(metrics, key)
    if (found === null) continue
    const on = metrics['photographs'] ?? metrics['data'] ?? metrics['on']
    return typeof on === 'string' ? `${format(found)} on ${on}` : format(found)
  }
  return words.notMeasured
}

/** The nearest to the top goes first. */
function firstNumber(metrics: Card, key: string): number | null {
  const own = metrics[key]
  if (typeof own === 'number') return own
  for (const value of Object.values(metrics)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
    // An object read from JSON has only string keys.
    const inside = firstNumber(value as Card, key)
    if (inside !== null) return inside
  }
  return null
}
