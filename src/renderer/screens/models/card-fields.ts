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
  const [first] = certifiedFigures(metrics)
  if (first) return certifiedText(first)
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

/** What a classifier was measured to get right, and to get right and prove, on some pictures. */
export interface CertifiedFigures {
  /** Such as `photographs, objects`; empty where there is one measurement alone. */
  readonly on: string
  readonly pictures: number
  /** 0..1: right, not attacked. */
  readonly clean: number
  /** 0..1 by size, rising. */
  readonly certified: readonly { readonly size: number; readonly share: number }[]
  /** Of the sizes. */
  readonly unit: 'px' | 'L1'
}

const sizes = { certifiedByPatchWidth: 'px', certifiedByL1Radius: 'L1' } as const

/** All such measurements of a card, in its order. */
export function certifiedFigures(metrics: unknown, on: readonly string[] = []): CertifiedFigures[] {
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics)) return []
  const fields: Card = { ...metrics }
  const { clean, pictures } = fields
  if (typeof clean !== 'number' || typeof pictures !== 'number') {
    return Object.entries(fields).flatMap(([name, value]) =>
      certifiedFigures(value, name === 'measured' ? on : [...on, inWords(name)]),
    )
  }
  return Object.entries(sizes).flatMap(([field, unit]): CertifiedFigures[] => {
    const bySize = fields[field]
    if (typeof bySize !== 'object' || bySize === null) return []
    const certified = Object.entries(bySize)
      .flatMap(([size, share]: [string, unknown]) =>
        typeof share === 'number' ? [{ size: Number(size), share }] : [],
      )
      .toSorted((p, q) => p.size - q.size)
    return [{ on: on.join(', '), pictures, clean, certified, unit }]
  })
}

/** `photographsByClass` as `photographs by class`. */
const inWords = (name: string): string =>
  name.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase()

/** "49.7 % · certified 38.0 % at 4 px · 719 pictures": the smallest size stands for the others. */
function certifiedText({ clean, certified, pictures, unit, on }: CertifiedFigures): string {
  const [first] = certified
  return [
    percentText(clean),
    ...(first ? [words.certifiedAt(percentText(first.share), sizeText(first.size, unit))] : []),
    words.onPictures(pictures, on),
  ].join(' · ')
}

export const percentText = (share: number): string => `${(100 * share).toFixed(1)}\u2009%`

export const sizeText = (size: number, unit: CertifiedFigures['unit']): string =>
  unit === 'px' ? `${size}\u2009px` : `${unit} ${size}`
