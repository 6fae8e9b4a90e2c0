import type { Output } from '../../../shared/api'
import { milliseconds } from '../../plots/stage-times'
import { resultsText as words } from '../../strings/results'

export type Figure = Output<'results.summary'>['figures'][number]

/** A figure as it is read: a value with its unit, and the line below it. */
export interface FigureText {
  readonly name: string
  /** Null where something is missing. */
  readonly value: string | null
  readonly unit: string
  readonly detail: string
  readonly tone: 'plain' | 'undefended' | 'defended' | 'missing'
  /** What it rests on, with a word where that is little. */
  readonly samples: string
}

const few = 10

/** @param all the six figures, since some are read beside another */
export function figureText(figure: Figure, all: readonly Figure[]): FigureText {
  const name = words.figures[figure.id]
  const samples = samplesText(figure)
  if (figure.value === null) {
    const missing = figure.needs ?? 'ground-truth'
    const detail = words.needsHelp[missing]
    return { name, value: null, unit: words.needs[missing], detail, tone: 'missing', samples }
  }
  const comparison = compared(figure, figure.value, all)
  return {
    ...{ name, samples, unit: unitOf(figure), value: valueText(figure, figure.value) },
    detail: comparison ?? samples,
    tone: comparison === null ? 'plain' : toneOf(figure.id),
  }
}

function valueText({ unit }: Figure, value: number): string {
  if (unit === 'ms') return milliseconds(value).replace(/\u2009ms$/, '')
  const shown = unit === 'fraction' ? value * 100 : value
  return shown.toFixed(1).replace('-', '−')
}

function unitOf({ id, unit }: Figure): string {
  if (unit === 'ms') return 'ms'
  if (id.startsWith('ap50')) return ''
  return unit === 'fraction' ? '%' : 'points'
}

function compared(figure: Figure, value: number, all: readonly Figure[]): string | null {
  const clean = all.find(({ id }) => id === 'ap50-clean')?.value ?? null
  const attacked = all.find(({ id }) => id === 'ap50-attacked')?.value ?? null
  switch (figure.id) {
    case 'ap50-attacked':
      return clean === null ? null : words.points(signed(100 * (value - clean)))
    case 'ap50-defended':
      if (clean !== null && clean > 0) return words.keptOfClean(percent(value / clean))
      return attacked === null ? null : words.points(signed(100 * (value - attacked)))
    case 'time':
      if (figure.beside === null || figure.beside <= 0) return null
      return words.factor((value / figure.beside).toFixed(2))
    default:
      return null
  }
}

function toneOf(id: Figure['id']): FigureText['tone'] {
  if (id === 'ap50-attacked') return 'undefended'
  return id === 'ap50-defended' ? 'defended' : 'plain'
}

function samplesText({ samples, samplesAre }: Figure): string {
  const text = words.samples[samplesAre](samples)
  return samples > 0 && samples < few ? `${text}, ${words.few}` : text
}

export function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)}\u2009%`
}

/** With a sign, since it is a difference. */
export function signed(value: number): string {
  const figure = Math.abs(value).toFixed(1)
  if (Number(figure) === 0) return '±0.0'
  return value < 0 ? `−${figure}` : `+${figure}`
}
