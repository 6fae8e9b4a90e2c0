import { figure as figureDrawing } from '../../plots/figure'
import { svgText, type Palette } from '../../plots/svg-text'
import { cellText, type PlotTable } from '../../plots/table'
import { plotText } from '../../strings/plots'
import { resultsText as words } from '../../strings/results'
import { type Figure, figureText } from './figures'
import type { PlotSpec } from './plot-specs'

export interface ReportInput {
  readonly a: string
  readonly b: string
  readonly images: string
  readonly figures: readonly Figure[]
  readonly plots: readonly Pick<
    PlotSpec,
    'title' | 'subtitle' | 'note' | 'draw' | 'table' | 'needs' | 'summary'
  >[]
  /** Manifests of the runs by their names: what made these results, to repeat them. */
  readonly manifests: readonly (readonly [name: string, manifest: unknown])[]
}

/** The results as one HTML file: tables, plots as SVG with text as text, manifests. Needs nothing beside it. */
export function reportHtml(input: ReportInput, palette: Palette): string {
  const title = words.report.title(input.a, input.b)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>
body { font: 14px/1.5 system-ui, sans-serif; color: #18181b; max-width: 1000px; margin: 32px auto; padding: 0 16px }
h1 { font-size: 22px } h2 { font-size: 16px; margin-top: 32px }
table { border-collapse: collapse } th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid #dedee2; font-variant-numeric: tabular-nums }
bdi { unicode-bidi: isolate } svg { max-width: 100%; height: auto } pre { overflow: auto; background: #f7f7f8; padding: 12px } details { margin: 8px 0 }
</style>
</head>
<body>
<h1><bdi>${escapeHtml(input.a)}</bdi> · <bdi>${escapeHtml(input.b)}</bdi></h1>
<p>${escapeHtml(words.report.intro(input.images))}</p>
<h2>${words.report.figures}</h2>
${figureTable(input.figures)}
${input.plots.map((plot) => plotSection(plot, palette)).join('\n')}
${input.manifests.map(([name, manifest]) => manifestSection(name, manifest)).join('\n')}
<p>${words.report.made}</p>
</body>
</html>
`
}

function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((one) => {
    const { name, value, unit, detail, samples } = figureText(one, figures)
    const shown = value === null ? `${unit} (${words.report.needs})` : `${value} ${unit}`.trim()
    // How to get what is missing is of use on the screen only.
    return [name, shown, detail === samples || value === null ? '' : detail, samples]
  })
  const head = ['', words.report.value, '', words.report.samples]
  return htmlTable(head, rows)
}

function plotSection(
  { title, subtitle, note, draw, table, needs, summary }: ReportInput['plots'][number],
  palette: Palette,
): string {
  const head = `<h2>${escapeHtml(title)}</h2>`
  if (needs !== null || draw === null) return `${head}\n<p>${escapeHtml(needs ?? '')}</p>`
  const drawing = figureDrawing(draw({ width: 640, height: 360 }), { title, subtitle, note })
  return [
    head,
    `<p>${escapeHtml(summary)}</p>`,
    svgText(drawing, palette, title),
    `<details><summary>${escapeHtml(plotText.tableOf(title))}</summary>${plotTable(table)}</details>`,
  ].join('\n')
}

function plotTable({ columns, rows }: PlotTable): string {
  return htmlTable(
    columns.map(({ name, unit }) => (unit ? `${name} (${unit})` : name)),
    rows.map((row) => row.map((cell, index) => cellText(cell, columns[index] ?? { name: '' }))),
  )
}

function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: 'th' | 'td') =>
    `<tr>${cells.map((cell) => `<${tag}><bdi>${escapeHtml(cell)}</bdi></${tag}>`).join('')}</tr>`
  return `<table><thead>${line(head, 'th')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('')}</tbody></table>`
}

function manifestSection(name: string, manifest: unknown): string {
  const text = escapeHtml(JSON.stringify(manifest, null, 2))
  return `<details><summary>${escapeHtml(words.report.manifest(name))}</summary><pre>${text}</pre></details>`
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
