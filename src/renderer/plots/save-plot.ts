import { drawPng } from './draw-png'
import { figure, type FigureText } from './figure'
import type { Scene } from './scene'
import { type Palette, svgText } from './svg-text'
import { type PlotTable, tableCsv } from './table'

export const plotFormats = ['png', 'svg', 'csv'] as const
export type PlotFormat = (typeof plotFormats)[number]

/** A plot as a file. Always in the light colours: files go into papers and letters, whatever the screen looks like. */
export async function plotFile(
  format: PlotFormat,
  scene: Scene,
  table: PlotTable,
  words: FigureText,
): Promise<Blob> {
  if (format === 'csv') return new Blob([tableCsv(table)], { type: 'text/csv;charset=utf-8' })
  const drawing = figure(scene, words)
  const palette = lightPalette()
  if (format === 'png') return drawPng(drawing, palette)
  return new Blob([svgText(drawing, palette, words.title)], { type: 'image/svg+xml' })
}

/** The tokens of the light theme, read from the style sheet, which is their only source. */
export function lightPalette(): Palette {
  const probe = document.createElement('div')
  probe.dataset['theme'] = 'light'
  probe.hidden = true
  document.body.append(probe)
  const style = getComputedStyle(probe)
  const known = new Map<string, string>()
  const palette: Palette = (token) => {
    const value = known.get(token) ?? style.getPropertyValue(token).trim()
    known.set(token, value)
    return value === '' ? '#000' : value
  }
  // Styles of an element that is not in the page are empty: read what plots use while it is there.
  for (const token of plotTokens) palette(token)
  probe.remove()
  return palette
}

const plotTokens = [
  ...['--bg-panel', '--line', '--line-strong', '--line-control', '--d-on'],
  ...['--text', '--text-2', '--text-3', '--on-heat-low', '--on-heat-high'],
  ...['undefended', 'defended', 'completed', 'cert'].map((name) => `--ink-${name}`),
  ...[0, 1, 2, 3, 4, 5].flatMap((step) => [`--heat-${step}`, `--ramp-${step}`]),
] as `--${string}`[] // a mapped template is inferred as string

/** Hands a file to the browser, or to the shell, which asks where it should go. */
export function saveBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The download has its own hold on the data once it has begun.
  setTimeout(() => {
    URL.revokeObjectURL(address)
  }, 10_000)
}
